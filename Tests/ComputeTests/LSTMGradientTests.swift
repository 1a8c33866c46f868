import RowwiseKernelInterface
import Testing

/// The reference kernels' gradients against central differences of the reference forward.
@Suite struct LSTMGradientTests {
  /// What the loss looks at.
  enum Objective: CaseIterable {
    case everyOutput
    case lastStateOnly
  }

  static var inputs: [(WritableKeyPath<LSTMProblem, [Double]>, LSTMQuantity)] {
    [
      (\.x, .dx), (\.input, .dInput), (\.recurrent, .dRecurrent), (\.bias, .dBias),
      (\.peephole, .dPeephole), (\.initialHidden, .dInitialHidden),
      (\.initialCell, .dInitialCell),
    ]
  }

  @Test(arguments: Peephole.allCases, LSTMProblem.Lengths.allCases)
  func everyGradient(_ peephole: Peephole, _ lengths: LSTMProblem.Lengths) {
    for objective in Objective.allCases {
      let problem = LSTMProblem.random(
        LSTMShape(features: 3, hidden: 4, peephole: peephole), timesteps: 4, batch: 3,
        lengths: lengths, outputGradient: objective == .everyOutput, seed: 7)
      let gradients = run(oracle, on: problem)
      for (path, quantity) in Self.inputs {
        let expected = centralDifferences(problem, path)
        #expect(gradients[quantity].count == expected.count)
        // Step 1e-5: truncation 1e-10 and rounding 1e-11 of a loss of size 10.
        let difference = largestDifference(gradients[quantity], expected)
        #expect(difference < 2e-9, "\(quantity), \(objective): off by \(difference)")
      }
    }
  }

  private func centralDifferences(
    _ problem: LSTMProblem, _ path: WritableKeyPath<LSTMProblem, [Double]>
  ) -> [Double] {
    let step = 1e-5
    return problem[keyPath: path].indices.map { index in
      var nudged = problem
      nudged[keyPath: path][index] += step
      let above = loss(nudged)
      nudged[keyPath: path][index] -= 2 * step
      return (above - loss(nudged)) / (2 * step)
    }
  }

  /// Σ dy·y over valid steps + Σ dh·(last h) + Σ dc·(last c).
  private func loss(_ problem: LSTMProblem) -> Double {
    var options = LSTMRunOptions()
    options.trains = false
    let forward = run(oracle, on: problem, options)
    var sum = 0.0
    for (value, weight) in zip(forward[.lastHidden], problem.lastHiddenGradient) {
      sum += value * weight
    }
    for (value, weight) in zip(forward[.lastCell], problem.lastCellGradient) {
      sum += value * weight
    }
    guard let dy = problem.outputGradient else { return sum }
    for (index, (value, weight)) in zip(forward[.y], dy).enumerated() {
      let position = index / problem.shape.hidden
      if position / problem.batch < problem.length(position % problem.batch) {
        sum += value * weight
      }
    }
    return sum
  }
}
