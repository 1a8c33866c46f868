import RealModule
public import RowwiseCompute
public import RowwiseLayers

/// Runs a network over all of a source, in order.
public struct Scorer {
  private let network: Network<Float>
  private let batchSize: Int

  /// - Parameter batchSize: sequences in memory at once, at most; it has no influence on the results.
  public init(_ network: Network<Float>, batchSize: Int = 256) {
    precondition(batchSize > 0, "batch size \(batchSize)")
    self.network = network
    self.batchSize = network.batch(of: batchSize)
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
      let probabilities = network.predict(batch)
      for (row, index) in indices.enumerated() {
        let first = row * network.classCount
        try body(
          index, batch.label(at: row), Array(probabilities[first..<first + network.classCount]))
      }
    }
  }

  /// Calls `body` for every sequence in order with its index, its label and its probabilities after every
  /// timestep, [T, K].
  ///
  /// - Throws: `LayerError.notStepwise`; what the source or `body` throws.
  public func forEachReading(
    _ source: some SequenceSource,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    guard source.count > 0 else { return }
    let (timesteps, classes) = (network.timesteps, network.classCount)
    let size = min(batchSize, 64, source.count)
    let batch = SequenceBatch<Float>(
      timesteps: timesteps, features: network.features, capacity: size)
    for start in stride(from: 0, to: source.count, by: size) {
      let indices = Array(start..<min(start + size, source.count))
      source.prefetch(Array(start + indices.count..<min(start + 2 * size, source.count)))
      try batch.load(indices, of: source, on: network.pool)
      let all = try network.everyPrediction(batch)
      var own = [Float](repeating: 0, count: timesteps * classes)
      for (n, index) in indices.enumerated() {
        for t in 0..<timesteps {
          for k in 0..<classes {
            own[t * classes + k] = all[(t * indices.count + n) * classes + k]
          }
        }
        try body(index, batch.label(at: n), own)
      }
    }
  }

  /// The first layer, from 1, whose outputs are not all numbers for the first sequence that has such;
  /// nil where none is found.
  func firstBadLayer(_ source: some SequenceSource) throws -> Int? {
    var bad: Int?
    try forEach(source) { index, _, probabilities in
      if bad == nil, !probabilities.allSatisfy(\.isFinite) { bad = index }
    }
    guard let bad else { return nil }
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features, capacity: 1)
    try batch.load([bad], of: source, on: network.pool)
    return network.firstBadLayer(batch)
  }

  /// Mean loss, accuracy and the mean of the classes' F1.
  public func score(_ source: some SequenceSource) throws -> EpochMetrics {
    try scoreWithConfusion(source).metrics
  }

  /// The same, and how many samples of class i (row) were taken for class j, [K, K].
  public func scoreWithConfusion(
    _ source: some SequenceSource
  ) throws -> (metrics: EpochMetrics, confusion: [Int]) {
    var loss = 0.0
    let classes = network.classCount
    var confusion = [Int](repeating: 0, count: classes * classes)
    try forEach(source) { _, label, probabilities in
      // The smallest normal float stands for a probability that has vanished.
      let probability = probabilities[label]
      loss -=
        probability.isNaN
        ? .nan : Double.log(Double(max(probability, .leastNormalMagnitude)))
      var best = 0
      for k in probabilities.indices where probabilities[k] > probabilities[best] { best = k }
      confusion[label * classes + best] += 1
    }
    let count = Double(max(source.count, 1))
    let correct = (0..<classes).reduce(0) { $0 + confusion[$1 * classes + $1] }
    var metrics = EpochMetrics(loss: loss / count, accuracy: Double(correct) / count)
    if source.count > 0 { metrics.macroF1 = Self.macroF1(confusion, classes) }
    return (metrics, confusion)
  }

  /// Mean of 2 TP / (2 TP + FP + FN) over the classes that have samples or were predicted.
  static func macroF1(_ confusion: [Int], _ classes: Int) -> Double {
    var sum = 0.0
    var counted = 0
    for k in 0..<classes {
      var row = 0
      var column = 0
      for j in 0..<classes {
        row += confusion[k * classes + j]
        column += confusion[j * classes + k]
      }
      guard row + column > 0 else { continue }
      counted += 1
      sum += 2 * Double(confusion[k * classes + k]) / Double(row + column)
    }
    return counted > 0 ? sum / Double(counted) : 0
  }
}
