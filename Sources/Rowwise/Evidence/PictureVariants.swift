import RowwiseEvaluation
import RowwiseLayers
import RowwiseRowSequencing

/// A picture as a model reads it, and changes of it: parts replaced by the baseline, or all of it moved
/// towards that.
struct PictureVariants {
  let classifier: ImageClassifier
  let baseline: Evidence.Baseline
  /// The timesteps, [T × D].
  let sequence: [Float]
  /// The same of a picture of nothing but the baseline.
  let empty: [Float]
  let places: PixelPlaces

  private var preprocessing: Preprocessing { classifier.preprocessing }
  private var channels: Int { preprocessing.color.channels }

  /// - Parameter pixels: [height × width × channels].
  /// - Throws: `EvidenceError.noMean`.
  init(
    _ classifier: ImageClassifier, _ pixels: [UInt8], _ baseline: Evidence.Baseline?
  ) throws(EvidenceError) {
    let preprocessing = classifier.preprocessing
    let chosen = baseline ?? (preprocessing.mean == nil ? .black : .mean)
    guard chosen != .mean || preprocessing.mean != nil else { throw .noMean }
    self.classifier = classifier
    self.baseline = chosen
    let writer = SequenceWriter(preprocessing)
    sequence = writer.sequence(of: pixels)
    switch chosen {
    // Values are (byte / 255 − mean) / deviation.
    case .mean: empty = [Float](repeating: 0, count: sequence.count)
    case .white, .black:
      empty = writer.sequence(
        of: [UInt8](repeating: chosen == .white ? 255 : 0, count: preprocessing.byteCount))
    }
    places = PixelPlaces(preprocessing)
  }

  /// Numbers of a sequence in the order of pixels, [height × width × channels], added up where a pixel
  /// is read more than once.
  func pixelOrder(_ values: [Double]) -> [Double] {
    (0..<preprocessing.width * preprocessing.height).flatMap { pixel in
      (0..<channels).map { channel in places[pixel].reduce(0) { $0 + values[$1 + channel] } }
    }
  }

  /// Replaces a rectangle of pixels by the baseline.
  func cover(rows: Range<Int>, columns: Range<Int>, of sequence: inout [Float]) {
    for y in rows {
      for x in columns {
        for place in places[y * preprocessing.width + x] {
          for c in place..<place + channels { sequence[c] = empty[c] }
        }
      }
    }
  }

  /// Replaces whole rows.
  func cover(rows: Range<Int>, of sequence: inout [Float]) {
    cover(rows: rows, columns: 0..<preprocessing.width, of: &sequence)
  }

  /// Calls `body` with the logits of so many variants, in as many batches as memory asks for.
  ///
  /// - Parameters:
  ///   - change: makes a variant, of that number, from the picture's own sequence.
  ///   - body: gets a variant's number and its logits.
  func forEachLogits(
    _ count: Int, _ change: (Int, inout [Float]) -> Void,
    _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) {
    let network = classifier.network
    let classes = classifier.classNames.count
    forEachBatch(count, of: network.batch(of: count), change) { numbers, batch in
      network.withLogits(of: batch) { logits in
        for (n, number) in numbers.enumerated() {
          body(number, UnsafeBufferPointer(rebasing: logits[n * classes..<(n + 1) * classes]))
        }
      }
    }
  }

  /// F of so many variants.
  func logOdds(
    _ count: Int, of chosen: Int, _ change: (Int, inout [Float]) -> Void
  ) -> [Double] {
    var found = [Double](repeating: 0, count: count)
    forEachLogits(count, change) { found[$0] = LogOdds.value($1, of: chosen) }
    return found
  }

  /// Makes variants in batches of at most `size`.
  func forEachBatch(
    _ count: Int, of size: Int, _ change: (Int, inout [Float]) -> Void,
    _ body: (Range<Int>, SequenceBatch<Float>) -> Void
  ) {
    guard count > 0 else { return }
    let batch = SequenceBatch<Float>(
      timesteps: preprocessing.timesteps, features: preprocessing.features,
      capacity: min(size, count))
    for first in stride(from: 0, to: count, by: size) {
      let numbers = first..<min(first + size, count)
      batch.resize(to: numbers.count)
      for (n, number) in numbers.enumerated() {
        var variant = sequence
        change(number, &variant)
        batch.put(variant, at: n)
      }
      body(numbers, batch)
    }
  }
}
