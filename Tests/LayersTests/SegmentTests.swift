import RowwiseKernelInterface
import Testing

@testable import RowwiseLayers

/// Training with a part of the activations at a time.
@Suite struct SegmentTests {
  private static let problem = Problem(
    timesteps: 23, features: 5, count: 13, hasLengths: true, seed: 4)

  /// Budgets that cut 23 timesteps of 9 units into segments: as many as there are timesteps, some.
  @Test(arguments: NetworkCase.all, [1, 40_000, 80_000])
  func gradientsAreThoseOfTheWhole(_ item: NetworkCase, _ budget: Int) throws {
    let layers = item.stack.layers(item.peephole, width: 9)
    let whole: Outcome<Double> = run(try makeNetwork(layers, Self.problem), Self.problem)
    let parts: Outcome<Double> = run(
      try makeNetwork(layers, Self.problem, activationBudget: budget), Self.problem)
    #expect(parts.lossSum == whole.lossSum)
    #expect(parts.probabilities == whole.probabilities)
    #expect(parts.inputGradient == whole.inputGradient)
    for (name, gradient) in whole.gradients {
      let difference = scaledDifference(parts.gradients[name] ?? [], gradient)
      #expect(difference < 1e-12, "\(item.testDescription), \(budget): \(name) \(difference)")
    }
  }

  @Test(arguments: NamedKernels.all, [1, 30_000])
  func threadsChangeNothing(_ set: NamedKernels, _ budget: Int) throws {
    for stack in [Stack.stacked, .stackedBidirectional] {
      let layers = stack.layers(.none, width: 9)
      let one = run(
        try makeNetwork(layers, Self.problem, kernels: set.kernels, activationBudget: budget),
        Self.problem)
      for threads in [2, 3] {
        let several = run(
          try makeNetwork(
            layers, Self.problem, threads: threads, kernels: set.kernels,
            activationBudget: budget), Self.problem)
        #expect(several == one, "\(set.name), \(stack), \(threads) threads")
      }
    }
  }

  @Test func accumulationAdds() throws {
    let layers = Stack.stacked.layers(.none, width: 9)
    let network: Network<Double> = try makeNetwork(layers, Self.problem, activationBudget: 1)
    let batch: SequenceBatch<Double> = Self.problem.batch()
    _ = network.gradients(batch)
    let once = network.parameters.map { network.gradient(of: $0) }
    _ = network.gradients(batch, accumulates: true)
    for (parameter, gradient) in zip(network.parameters, once) {
      let twice = network.gradient(of: parameter)
      #expect(scaledDifference(twice, gradient.map { 2 * $0 }) < 1e-12, "\(parameter.name)")
    }
  }

  /// As the formula in the documentation says.
  @Test func numberOfSegments() {
    func count(_ budget: Int) -> Int {
      SegmentStates<Float>.count(timesteps: 100, stepSize: 6, stateSize: 2, budget: budget)
    }
    #expect(count(600) == 1)
    #expect(count(599) == 2)  // 50 · 6 + 2 · 2
    #expect(count(304) == 2)
    #expect(count(303) == 3)  // 34 · 6 + 3 · 2
    // The least there is: ⌈100 / k⌉ · 6 + 2 k.
    let least = (2...100).map { ((100 + $0 - 1) / $0 * 6 + 2 * $0, $0) }.min { $0.0 < $1.0 }
    #expect(count(0) == least?.1)
  }
}
