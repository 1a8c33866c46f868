import RowwiseLayers
import Testing

/// Gradients against central differences, in Double, for every number that has one.
@Suite struct NetworkGradientTests {
  /// Step of the differences: rounding (1e-16 / 1e-4) and truncation (1e-16 with the fourth-order
  /// formula below) are then alike. Largest error found with it: 4.5e-10 of a gradient.
  private static let usual = (h: 1e-3, tolerance: 1e-8)

  /// Normalisation over a few sums curves much more; the largest of some numbers and relu have
  /// kinks, which a step must not cross.
  static func step(_ stack: Stack) -> (h: Double, tolerance: Double) {
    switch stack {
    case .layerNormalized, .normalizedResidual: (2e-4, 1e-7)
    case .maxPooling, .pointwise, .pointwiseVector: (1e-5, 1e-6)
    default: usual
    }
  }

  /// (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h: the fourth-order central difference.
  private func difference(_ stack: Stack, _ f: (Double) -> Double) -> Double {
    let h = Self.step(stack).h
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
  }

  private func check(
    _ stack: Stack, _ exact: Double, _ numeric: Double, _ name: @autoclosure () -> String
  ) {
    // Gradients below 1e-3 are compared as if they were that large.
    let error = abs(exact - numeric) / max(abs(exact), abs(numeric), 1e-3)
    let tolerance = Self.step(stack).tolerance
    #expect(error < tolerance, "\(name()): \(exact), by differences \(numeric)")
  }

  @Test(arguments: NetworkCase.all)
  func everyParameter(_ item: NetworkCase) throws {
    let problem = Problem(
      timesteps: 5, features: 3, count: item.hasLengths ? 5 : 2, hasLengths: item.hasLengths)
    let network: Network<Double> = try makeNetwork(item.layers, problem)
    let batch: SequenceBatch<Double> = problem.batch()
    let outcome = run(network, problem)
    for parameter in network.parameters {
      let values = network.values(of: parameter)
      let gradient = try #require(outcome.gradients[parameter.name])
      for i in values.indices {
        let numeric = difference(item.stack) { change in
          var changed = values
          changed[i] += change
          network.setValues(changed, of: parameter)
          return network.gradients(batch, step: 3).lossSum / Double(problem.count)
        }
        check(item.stack, gradient[i], numeric, "\(item.testDescription), \(parameter.name)[\(i)]")
      }
      network.setValues(values, of: parameter)
    }
  }

  @Test(arguments: NetworkCase.all)
  func everyInput(_ item: NetworkCase) throws {
    let problem = Problem(
      timesteps: 5, features: 3, count: item.hasLengths ? 5 : 2, hasLengths: item.hasLengths)
    let network: Network<Double> = try makeNetwork(item.layers, problem)
    let batch: SequenceBatch<Double> = problem.batch()
    let gradient = run(network, problem).inputGradient
    try #require(gradient.count == problem.x.count)
    for i in problem.x.indices {
      let numeric = difference(item.stack) { change in
        batch.inputs.start[i] = problem.x[i] + change
        return network.gradients(batch, step: 3).lossSum / Double(problem.count)
      }
      batch.inputs.start[i] = problem.x[i]
      check(item.stack, gradient[i], numeric, "\(item.testDescription), x[\(i)]")
      let (t, n) = (i / problem.features / problem.count, i / problem.features % problem.count)
      if let lengths = problem.lengths, t >= lengths[n] {
        #expect(gradient[i] == 0, "padding has no influence")
      }
    }
  }

  /// The wide layers' gradients of one batch after another are those of a fresh network: no state
  /// is left behind, also where the batch becomes smaller and larger again.
  @Test(arguments: Stack.allCases)
  func noStateBetweenBatches(_ stack: Stack) throws {
    let problems = [4, 2, 5].map {
      Problem(timesteps: 5, features: 3, count: $0, hasLengths: $0 == 5, seed: $0)
    }
    let network: Network<Float> = try makeNetwork(stack.layers(.full), problems[0])
    for problem in problems {
      let fresh: Network<Float> = try makeNetwork(stack.layers(.full), problem)
      #expect(run(network, problem) == run(fresh, problem), "\(stack), \(problem.count) sequences")
    }
  }

  @Test func accumulationAdds() throws {
    let problem = Problem(timesteps: 5, features: 3, count: 4, hasLengths: true)
    for stack in Stack.allCases {
      let network: Network<Double> = try makeNetwork(stack.layers(.diagonal), problem)
      let batch: SequenceBatch<Double> = problem.batch()
      let once = run(network, problem).gradients
      _ = network.gradients(batch, step: 3)
      _ = network.gradients(batch, step: 3, accumulates: true)
      for parameter in network.parameters {
        let expected = try #require(once[parameter.name]).map { 2 * $0 }
        let error = scaledDifference(network.gradient(of: parameter), expected)
        #expect(error < 1e-13, "\(stack), \(parameter.name)")
      }
    }
  }
}
