import RowwiseLayers

/// The exponential moving average of a network's weights.
final class AveragedWeights {
  private let decay: Double
  private let average: any EngineAverage<Float>

  /// Begins with the network's weights.
  init(decay: Double, _ network: Network<Float>) {
    self.decay = decay
    average = network.engine.makeAverage()
  }

  /// a ← d a + (1 − d) w with d = min(decay, (1 + n) / (10 + n)), n = `update` from 1.
  func update(_ update: Int) {
    average.blend(keeping: Float(min(decay, Double(1 + update) / Double(10 + update))))
  }

  /// Exchanges the network's weights and their average.
  func exchange() { average.exchange() }

  /// The average by parameter.
  func values(_ network: Network<Float>) -> [[Float]] { network.arrays(of: average.values) }

  /// Replaces the average.
  func setValues(_ values: [[Float]], _ network: Network<Float>) {
    average.values = network.flat(values)
  }
}

extension Network<Float> {
  /// The parameters' parts of a flat view.
  func arrays(of flat: [Float]) -> [[Float]] { parameters.map { Array(flat[$0.range]) } }

  /// A flat view of the parameters' arrays.
  func flat(_ arrays: [[Float]]) -> [Float] {
    var flat = [Float](repeating: 0, count: engine.weightCount)
    for (parameter, values) in zip(parameters, arrays) {
      flat.replaceSubrange(parameter.range, with: values)
    }
    return flat
  }
}
