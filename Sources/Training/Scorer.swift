public import Compute
public import Layers

/// Runs a network over all of a source, in order.
public struct Scorer {
  private let network: Network<Float>
  private let batchSize: Int

  /// - Parameter batchSize: sequences in memory at once; it has no influence on the results.
  public init(_ network: Network<Float>, batchSize: Int = 256) {
    precondition(batchSize > 0, "batch size \(batchSize)")
    self.network = network
    self.batchSize = batchSize
  }

  /// Calls `body` for every sequence in order, with its index, label and probabilities.
  ///
  /// - Throws: what the source or `body` throws.
  public func forEach(
    _ source: some SequenceSource,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    guard source.count > 0 else { return }
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features,
      capacity: min(batchSize, source.count))
    for start in stride(from: 0, to: source.count, by: batchSize) {
      let indices = Array(start..<min(start + batchSize, source.count))
      let end = indices.count + start
      source.prefetch(Array(end..<min(end + batchSize, source.count)))
      try batch.load(indices, of: source, on: network.pool)
      // SAFETY: copied out before the next call.
      let probabilities = unsafe Array(network.predict(batch))
      for (row, index) in indices.enumerated() {
        let first = row * network.classCount
        try body(
          index, batch.label(at: row), Array(probabilities[first..<first + network.classCount]))
      }
    }
  }

  /// Mean loss and accuracy.
  public func score(_ source: some SequenceSource) throws -> EpochMetrics {
    var loss = 0.0
    var correct = 0
    try forEach(source) { _, label, probabilities in
      // The smallest normal float stands for a probability that has vanished.
      loss -= logarithm(Double(max(probabilities[label], .leastNormalMagnitude)))
      var best = 0
      for k in probabilities.indices where probabilities[k] > probabilities[best] { best = k }
      correct += best == label ? 1 : 0
    }
    let count = Double(max(source.count, 1))
    return EpochMetrics(loss: loss / count, accuracy: Double(correct) / count)
  }
}
