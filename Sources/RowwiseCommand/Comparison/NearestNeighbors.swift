import RowwiseDatasetLoading
import RowwiseRowSequencing
import RowwiseWorkers

/// Classifies an image by the training images that are nearest to it (Cover & Hart 1967).
///
/// The k nearest have a vote each; of classes with equally many that of the nearest of them wins.
/// Nothing is learnt, so that what it gets right needs no network.
struct NearestNeighbors: PredictingModel, Sendable {
  /// k: neighbours that vote.
  let neighbors: Int
  /// Images that answers are looked up in.
  var referenceCount: Int { index.count }

  private let index: NeighborIndex
  private let labels: [Int]
  private let classCount: Int
  private let threads: Int

  /// The k to choose from.
  static let choices = [1, 3, 5]

  /// Keeps the training images and chooses k.
  ///
  /// - Parameters:
  ///   - validation: chooses k: the most images right, of equals the smallest k.
  ///   - preprocessing: of the images; its deviations make the distances of standardised values.
  ///   - mostReferences: training images to compare with; of more, as many spread evenly over all.
  /// - Throws: `DatasetError.imageLost` where an image can no longer be read.
  init(
    training: ImageDataset, validation: ImageDataset, preprocessing: Preprocessing, threads: Int,
    mostReferences: Int = 10_000
  ) throws(DatasetError) {
    let count = min(training.count, mostReferences)
    let chosen = (0..<count).map { $0 * training.count / count }
    let images = try Self.collect(
      WorkerPool.map(chosen, threads: threads) { Self.pixels(of: training, at: $0) })
    let index = NeighborIndex(
      images,
      standardDeviations: preprocessing.standardDeviation
        ?? [Double](repeating: 1, count: preprocessing.color.channels))
    let labels = chosen.map { Int(training.labels[$0]) }
    let most = Self.choices.max() ?? 1
    let nearest = try Self.collect(
      WorkerPool.map(Array(0..<validation.count), threads: threads) { sample in
        Self.pixels(of: validation, at: sample).map { image in
          index.nearest(most, to: image).map { labels[$0.index] }
        }
      })
    neighbors = Self.choice(nearest, labels: validation.labels.map { Int($0) }, references: count)
    self.index = index
    self.labels = labels
    self.threads = threads
    classCount = training.classNames.count
  }

  /// Bytes of the images to compare with.
  var parameterCount: Int { index.valueCount }

  func forEachPrediction(
    of dataset: ImageDataset,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    let block = 64 * threads
    for start in stride(from: 0, to: dataset.count, by: block) {
      let samples = Array(start..<min(start + block, dataset.count))
      dataset.prefetch(samples)
      let rows = try Self.collect(
        WorkerPool.map(samples, threads: threads) { sample in
          Self.pixels(of: dataset, at: sample).map { probabilities(of: $0) }
        })
      for (sample, row) in zip(samples, rows) { try body(sample, Int(dataset.labels[sample]), row) }
    }
  }

  func probabilities(ofModelPixels pictures: [[UInt8]]) -> [[Float]] {
    WorkerPool.map(pictures, threads: threads) { probabilities(of: $0) }
  }

  private func probabilities(of image: [UInt8]) -> [Float] {
    Self.probabilities(
      index.nearest(neighbors, to: image).map { labels[$0.index] }, classCount: classCount)
  }

  /// The class that the nearest images vote for.
  ///
  /// - Parameter classes: theirs, nearest first; at least one.
  static func winner(_ classes: [Int]) -> Int {
    var votes: [Int: Int] = [:]
    for label in classes { votes[label, default: 0] += 1 }
    let most = votes.values.max()
    return classes.first { votes[$0] == most } ?? classes[0]
  }

  /// Votes as probabilities.
  ///
  /// p_c = (v_c + ½ [c wins] + ½ / K) / (k + 1), v_c votes of k for class c of K: one vote more, half
  /// of it for the winner, so that it stands out of a tie, and half for all classes alike, so that
  /// none is ruled out by k images.
  ///
  /// - Parameter classes: of the nearest images, nearest first; at least one.
  static func probabilities(_ classes: [Int], classCount: Int) -> [Float] {
    var votes = [Double](repeating: 0.5 / Double(classCount), count: classCount)
    for label in classes { votes[label] += 1 }
    votes[winner(classes)] += 0.5
    return votes.map { Float($0 / Double(classes.count + 1)) }
  }

  /// The k that gets most images right, of equals the smallest.
  ///
  /// - Parameters:
  ///   - nearest: of each image, the classes of the nearest references, nearest first.
  ///   - labels: the images' classes.
  ///   - references: how many there are; k is not above it.
  static func choice(_ nearest: [[Int]], labels: [Int], references: Int) -> Int {
    var best = (k: 1, hits: -1)
    for k in choices where k <= references {
      let hits = zip(nearest, labels).count { winner(Array($0.0.prefix(k))) == $0.1 }
      if hits > best.hits { best = (k, hits) }
    }
    return best.k
  }

  private static func pixels(
    of dataset: ImageDataset, at index: Int
  ) -> Result<[UInt8], DatasetError> {
    do throws(DatasetError) { return .success(try dataset.pixels(at: index)) } catch {
      return .failure(error)
    }
  }

  private static func collect<Value>(
    _ results: [Result<Value, DatasetError>]
  ) throws(DatasetError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(results.count)
    for result in results { values.append(try result.get()) }
    return values
  }
}
