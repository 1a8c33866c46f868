import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseLayers
import RowwiseRandomness
import RowwiseRowSequencing
import RowwiseTraining
import Testing

@testable import Rowwise

/// What evidence must find in networks that have learnt something.
@Suite struct TrainedEvidenceTests {
  /// A network that has learnt the bundled digits, and their test part.
  private static func trained() throws -> (classifier: ImageClassifier, test: ImageDataset) {
    let (train, test) = try Digits.load()
    let preprocessing = try Preprocessing(width: 8, height: 8).normalized(by: train.statistics())
    let classifier = try ImageClassifier(
      hiddenLayers: [LSTM(32)], preprocessing: preprocessing, classNames: train.classNames,
      seed: 1, threads: 2)
    var options = TrainingOptions()
    options.epochs = 12
    options.optimizer = .adam(learningRate: 0.01)
    let history = try classifier.fit(train, validation: test, options: options)
    #expect(try #require(history.epochs.last?.validation).accuracy > 0.9)
    return (classifier, test)
  }

  /// The map is what the network has learnt, not the picture: with random weights it is another (Adebayo
  /// et al. 2018).
  @Test func randomWeightsGiveAnotherMap() throws {
    let (classifier, test) = try Self.trained()
    let random = try ImageClassifier(
      hiddenLayers: [LSTM(32)], preprocessing: classifier.preprocessing,
      classNames: classifier.classNames, seed: 2, threads: 2)
    var sum = 0.0
    let count = 40
    for index in 0..<count {
      let pixels = try test.pixels(at: index)
      let evidence = try classifier.evidence(ofModelPixels: pixels)
      let other = try random.evidence(ofModelPixels: pixels, for: evidence.classIndex)
      sum += abs(try #require(RankCorrelation.spearman(evidence.pixels, other.pixels)))
    }
    #expect(sum / Double(count) < 0.3, "mean rank correlation \(sum / Double(count))")
  }

  /// Covering pixels in the order of their evidence takes F down faster than in random orders
  /// (Samek et al. 2017).
  @Test func deletingByEvidenceLowersTheLogOdds() throws {
    let (classifier, test) = try Self.trained()
    /// The mean of F while the first 1, 2 … 32 pixels of an order are covered.
    func area(_ variants: PictureVariants, _ chosen: Int, _ order: [Int]) -> Double {
      let values = variants.logOdds(32, of: chosen) { number, sequence in
        for pixel in order[...number] {
          variants.cover(
            rows: pixel / 8..<pixel / 8 + 1, columns: pixel % 8..<pixel % 8 + 1, of: &sequence)
        }
      }
      return values.reduce(0, +) / Double(values.count)
    }
    var byEvidence = 0.0
    var byChance = [Double](repeating: 0, count: 5)
    let count = 40
    for index in 0..<count {
      let pixels = try test.pixels(at: index)
      let evidence = try classifier.evidence(ofModelPixels: pixels)
      let variants = try PictureVariants(classifier, pixels, nil)
      let values = evidence.pixels
      byEvidence += area(
        variants, evidence.classIndex, values.indices.sorted { values[$0] > values[$1] })
      for seed in byChance.indices {
        var random = SplitMix64(seed: UInt64(seed * count + index))
        var order = Array(0..<64)
        random.shuffle(&order)
        byChance[seed] += area(variants, evidence.classIndex, order)
      }
    }
    for (seed, value) in byChance.enumerated() {
      #expect(byEvidence < value - 2 * Double(count), "seed \(seed): \(byEvidence) and \(value)")
    }
  }

  // MARK: Planted evidence

  private static let (width, height, band) = (10, 14, 3)

  /// A picture of noise with a band of rows somewhere, bright on its left (class 0) or right (class 1).
  private static func planted(_ random: inout SplitMix64) -> (
    pixels: [UInt8], label: Int, start: Int
  ) {
    var pixels = (0..<width * height).map { _ in UInt8(96 + random.next(below: 64)) }
    let label = random.next(below: 2)
    let start = random.next(below: height - band + 1)
    for y in start..<start + band {
      for x in 0..<width where (x < width / 2) == (label == 0) {
        pixels[y * width + x] = UInt8(176 + random.next(below: 64))
      }
    }
    return (pixels, label, start)
  }

  /// How probable it is that a row of the band has more of a score than another row.
  private static func area(_ scores: [(value: Double, isPlanted: Bool)]) -> Double {
    let positives = scores.filter(\.isPlanted).map(\.value)
    let negatives = scores.filter { !$0.isPlanted }.map(\.value)
    var wins = 0.0
    for p in positives {
      for n in negatives { wins += p > n ? 1 : p == n ? 0.5 : 0 }
    }
    return wins / Double(positives.count * negatives.count)
  }

  /// A class is decided by a band of rows: the evidence finds it, by row while reading and by pixels.
  @Test func plantedBandsAreFound() throws {
    var random = SplitMix64(seed: 7)
    let preprocessing = try Preprocessing(
      width: Self.width, height: Self.height, mean: [0.53], standardDeviation: [0.13])
    let classifier = try ImageClassifier(
      hiddenLayers: [LSTM(24)], preprocessing: preprocessing, classNames: ["left", "right"],
      seed: 2, threads: 2)
    let writer = SequenceWriter(preprocessing)
    let training = (0..<2000).map { _ in Self.planted(&random) }
    let source = ArraySource(
      sequences: Sequences(
        training.flatMap { writer.sequence(of: $0.pixels) }, count: training.count,
        timesteps: Self.height, features: Self.width),
      answers: training.map(\.label), classCount: 2)
    var options = TrainingOptions()
    options.epochs = 6
    options.optimizer = .adam(learningRate: 0.005)
    _ = try Trainer(classifier.network, options: options).fit(source)

    var (byReading, byPixels):
      ([(value: Double, isPlanted: Bool)], [(value: Double, isPlanted: Bool)]) =
        ([], [])
    var hits = 0
    for _ in 0..<100 {
      let (pixels, label, start) = Self.planted(&random)
      let evidence = try classifier.evidence(ofModelPixels: pixels)
      if evidence.prediction == label { hits += 1 }
      let reading = try #require(evidence.reading).evidence
      for y in 0..<Self.height {
        let isPlanted = (start..<start + Self.band).contains(y)
        byReading.append((abs(reading[y]), isPlanted))
        byPixels.append((evidence.rows[y], isPlanted))
      }
    }
    #expect(hits >= 98, "\(hits) of 100")
    let areas = (reading: Self.area(byReading), pixels: Self.area(byPixels))
    #expect(areas.reading >= 0.95, "\(areas)")
    #expect(areas.pixels >= 0.95, "\(areas)")
  }
}
