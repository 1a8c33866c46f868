import RowwiseEvaluation
import RowwiseLayers

extension PictureVariants {
  /// Integrated gradients of F, with as many points as it takes.
  ///
  /// - Parameter change: F of the picture minus F of the baseline.
  func attribution(
    of chosen: Int, change: Double, nodes: ClosedRange<Int>
  ) -> Evidence.Attribution {
    var count = nodes.lowerBound
    while true {
      let values = integratedGradients(of: chosen, GaussLegendre(count: count))
      let sum = values.reduce(0, +)
      let isConverged = (sum - change).magnitude <= 0.01 * change.magnitude + 0.01
      if isConverged || count >= nodes.upperBound {
        return Evidence.Attribution(
          values: pixelOrder(values), sum: sum, nodes: count, isConverged: isConverged)
      }
      count = min(2 * count, nodes.upperBound)
    }
  }

  /// By every number of the sequence, [T × D].
  func integratedGradients(of chosen: Int, _ rule: GaussLegendre) -> [Double] {
    let network = classifier.network
    let (timesteps, features) = (network.timesteps, network.features)
    let count = rule.nodes.count
    var sums = [Double](repeating: 0, count: sequence.count)
    forEachBatch(count, of: network.outputGradientBatch(of: count)) { node, variant in
      let share = Float(rule.nodes[node])
      for i in variant.indices { variant[i] = empty[i] + share * (variant[i] - empty[i]) }
    } _: { numbers, batch in
      let found = network.outputGradients(
        batch, of: [Int](repeating: chosen, count: numbers.count))
      for t in 0..<timesteps {
        for (n, node) in numbers.enumerated() {
          let from = (t * numbers.count + n) * features
          let weight = rule.weights[node]
          for d in 0..<features {
            sums[t * features + d] += weight * Double(found.gradients[from + d])
          }
        }
      }
    }
    for i in sums.indices { sums[i] *= Double(sequence[i]) - Double(empty[i]) }
    return sums
  }
}
