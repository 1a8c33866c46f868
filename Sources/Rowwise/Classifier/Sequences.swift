import RowwiseLayers
import RowwiseTraining

/// Sequences in memory, as Keras's `x`: [samples, timesteps, features] in one array, row-major.
public struct Sequences: Sendable {
  /// Samples.
  public let count: Int
  /// T.
  public let timesteps: Int
  /// D.
  public let features: Int
  /// The numbers.
  public let values: [Float]

  /// - Parameters:
  ///   - values: count × timesteps × features numbers.
  ///   - count: N.
  ///   - timesteps: T.
  ///   - features: D.
  public init(_ values: [Float], count: Int, timesteps: Int, features: Int) {
    precondition(count >= 0 && timesteps > 0 && features > 0, "sizes must be positive")
    precondition(
      values.count == count * timesteps * features,
      "\(values.count) numbers for [\(count), \(timesteps), \(features)]")
    self.values = values
    self.count = count
    self.timesteps = timesteps
    self.features = features
  }
}

/// Sequences with their labels as a source of batches.
struct ArraySource: SequenceSource {
  let sequences: Sequences
  let answers: [Int]
  let classCount: Int

  var labels: [Int]? { answers }

  var count: Int { sequences.count }
  var timesteps: Int { sequences.timesteps }
  var features: Int { sequences.features }

  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {
    for row in rows {
      batch.labels[row] = Int32(answers[indices[row]])
      for t in 0..<timesteps {
        let from = (indices[row] * timesteps + t) * features
        let to = batch.inputs.start + (t * batch.count + row) * features
        for d in 0..<features { to[d] = sequences.values[from + d] }
      }
    }
  }
}
