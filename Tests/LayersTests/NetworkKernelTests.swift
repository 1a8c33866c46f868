import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// Every Float kernel set against Double, through whole networks.
///
/// Largest differences found, as a share of an array's largest number: loss 4e-8, probabilities
/// 3e-7, gradients by x 4e-6 and by weights 5e-6 (a dropout network with relu, baseline kernels).
@Suite struct NetworkKernelTests {
  /// Sizes that are no multiple of any vector or tile.
  private struct Size {
    var timesteps: Int
    var features: Int
    var count: Int
    var width: Int
  }

  private static let sizes = [
    Size(timesteps: 3, features: 1, count: 1, width: 1),
    Size(timesteps: 5, features: 3, count: 7, width: 5),
    Size(timesteps: 9, features: 13, count: 23, width: 19),
    Size(timesteps: 28, features: 28, count: 33, width: 37),
  ]

  @Test(arguments: NamedKernels.all, NetworkCase.all)
  func agreesWithDouble(_ set: NamedKernels, _ item: NetworkCase) throws {
    for size in Self.sizes {
      let problem = Problem(
        timesteps: size.timesteps, features: size.features, count: size.count,
        hasLengths: item.hasLengths, seed: size.count)
      let layers = item.stack.layers(item.peephole, width: size.width)
      let exact = run(try makeNetwork(layers, problem) as Network<Double>, problem)
      let outcome = run(try makeNetwork(layers, problem, kernels: set.kernels), problem)
      let name = "\(set.name), \(item.testDescription), hidden \(size.width)"
      let loss = abs(outcome.lossSum - exact.lossSum) / max(exact.lossSum, 1)
      #expect(loss < 2e-7, "\(name): loss off by \(loss)")
      let probabilities = scaledDifference(outcome.probabilities, exact.probabilities)
      #expect(probabilities < 1e-6, "\(name): probabilities off by \(probabilities)")
      let input = scaledDifference(outcome.inputGradient, exact.inputGradient, floor: 1e-4)
      #expect(input < 1e-5, "\(name): gradient by x off by \(input)")
      for (parameter, gradient) in exact.gradients {
        let error = scaledDifference(
          try #require(outcome.gradients[parameter]), gradient, floor: 1e-3)
        // Normalisation divides by deviations that may be small; measured at worst: 2.2e-5.
        let isNormalized = [.layerNormalized, .normalizedResidual].contains(item.stack)
        let limit = isNormalized ? 5e-5 : 1e-5
        #expect(error < limit, "\(name): gradient of \(parameter) off by \(error)")
      }
    }
  }
}
