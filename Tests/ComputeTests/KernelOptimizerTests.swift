import RowwiseCompute
import RowwiseKernelInterface
import Testing

/// Optimizer steps and norms.
@Suite struct KernelOptimizerTests {
  /// The rule of a golden optimizer at step t = 1, 2, …
  ///
  /// PyTorch's Adam is θ −= η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε): with both fractions widened by
  /// √(1 − β₂ᵗ), the form of `OptimizerRule.adam`.
  private func rule(_ golden: GoldenOptimizer, step t: Int) -> OptimizerRule<Double> {
    if golden.beta2 > 0 {
      let power = { (beta: Double) in (0..<t).reduce(1.0) { product, _ in product * beta } }
      let root = (1 - power(golden.beta2)).squareRoot()
      return .adam(
        stepSize: golden.learningRate * root / (1 - power(golden.beta1)), beta1: golden.beta1,
        beta2: golden.beta2, epsilon: golden.epsilon * root,
        decay: golden.learningRate * golden.weightDecay)
    }
    if golden.alpha > 0 {
      return .rmsprop(
        learningRate: golden.learningRate, decay: golden.alpha, epsilon: golden.epsilon)
    }
    return .sgd(
      learningRate: golden.learningRate, momentum: golden.momentum, nesterov: golden.nesterov)
  }

  @Test func referenceAgreesWithPyTorch() throws {
    let file = try golden(GoldenElementwise.self, "elementwise")
    #expect(file.optimizers.count == 6)
    for golden in file.optimizers {
      check(golden, oracle, tolerance: 1e-11, "reference")
    }
  }

  @Test(arguments: floatKernels)
  func floatKernelsAgreeWithPyTorch(_ set: NamedKernels<Float>) throws {
    for golden in try golden(GoldenElementwise.self, "elementwise").optimizers {
      check(golden, set.kernels, tolerance: 2e-6, set.name)
    }
  }

  private func check<Scalar: ComputeScalar>(
    _ golden: GoldenOptimizer, _ kernels: KernelSet<Scalar>, tolerance: Double, _ name: String
  ) {
    let arena = Arena<Scalar>(misalignment: 1)
    let count = golden.initial.count
    let parameters = arena.array(golden.initial)
    let first = arena.array(count: count, repeating: 0)
    let second = arena.array(count: count, repeating: 0)
    for step in 0..<golden.gradients.count / count {
      let range = step * count..<(step + 1) * count
      kernels.optimize(
        rule(golden, step: step + 1).cast(),
        OptimizerCall(
          count: count, parameters: parameters,
          gradients: arena.array(Array(golden.gradients[range])),
          first: first, second: second, gradientScale: 1))
      let difference = largestDifference(
        values(parameters, count: count), Array(golden.parameters[range]))
      #expect(difference < tolerance, "\(name), \(golden.name), step \(step): off by \(difference)")
    }
    #expect(arena.isIntact())
  }

  /// Lion against Keras; Scripts/goldens/golden_training_keras.py makes the cases.
  private struct GoldenLion: Decodable {
    struct Case: Decodable {
      var name: String
      var initial: [Double]
      var gradients: [Double]
      var parameters: [Double]
      var learningRate: Double
      var beta1: Double
      var beta2: Double
      var weightDecay: Double

      enum CodingKeys: String, CodingKey {
        case name, initial, gradients, parameters, beta1, beta2
        case learningRate = "learning_rate"
        case weightDecay = "weight_decay"
      }
    }
    var cases: [Case]
  }

  @Test func referenceLionAgreesWithKeras() throws {
    for golden in try golden(GoldenLion.self, "lion").cases {
      // Keras keeps the learning rate as a 32-bit float.
      check(golden, oracle, tolerance: 1e-9)
    }
  }

  @Test(arguments: floatKernels)
  func floatLionAgreesWithKeras(_ set: NamedKernels<Float>) throws {
    for golden in try golden(GoldenLion.self, "lion").cases {
      check(golden, set.kernels, tolerance: 1e-6)
    }
  }

  private func check<Scalar: ComputeScalar>(
    _ golden: GoldenLion.Case, _ kernels: KernelSet<Scalar>, tolerance: Double
  ) {
    let arena = Arena<Scalar>(misalignment: 1)
    let count = golden.initial.count
    let parameters = arena.array(golden.initial)
    let first = arena.array(count: count, repeating: 0)
    let rule = OptimizerRule<Double>.lion(
      learningRate: golden.learningRate, beta1: golden.beta1, beta2: golden.beta2,
      decay: golden.learningRate * golden.weightDecay)
    for step in 0..<golden.gradients.count / count {
      let range = step * count..<(step + 1) * count
      kernels.optimize(
        rule.cast(),
        OptimizerCall(
          count: count, parameters: parameters,
          gradients: arena.array(Array(golden.gradients[range])), first: first, second: nil,
          gradientScale: 1))
      let difference = largestDifference(
        values(parameters, count: count), Array(golden.parameters[range]))
      #expect(difference < tolerance, "\(golden.name), step \(step): off by \(difference)")
    }
    #expect(arena.isIntact())
  }

  static let rules: [OptimizerRule<Double>] = [
    .sgd(learningRate: 0.1, momentum: 0, nesterov: false),
    .sgd(learningRate: 0.1, momentum: 0.9, nesterov: false),
    .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true),
    .rmsprop(learningRate: 0.01, decay: 0.9, epsilon: 1e-7),
    .adam(stepSize: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, decay: 0),
    .adam(stepSize: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, decay: 0.001),
    .lion(learningRate: 0.01, beta1: 0.9, beta2: 0.99, decay: 0.001),
  ]

  /// One step from random state on every odd count, against Double; and in two parts, bit for bit.
  @Test(arguments: floatKernels)
  func oddCountsAndParts(_ set: NamedKernels<Float>) {
    for rule in Self.rules {
      for count in Array(1...67) + [1000] {
        let whole = step(set.kernels, rule, count: count, parts: [0..<count])
        let cut = count / 3
        let parts = step(set.kernels, rule, count: count, parts: [0..<cut, cut..<count])
        #expect(parts == whole, "\(set.name), \(rule), \(count) elements in parts")
        let expected = step(oracle, rule, count: count, parts: [0..<count])
        let difference = zip(whole, expected).map { largestDifference($0, $1) }.max() ?? .infinity
        #expect(difference < 1e-6, "\(set.name), \(rule), \(count) elements: off by \(difference)")
      }
    }
  }

  /// Parameters and both states after one step.
  private func step<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ rule: OptimizerRule<Double>, count: Int, parts: [Range<Int>]
  ) -> [[Double]] {
    var random = TestRandom(seed: count)
    let arena = Arena<Scalar>(misalignment: count % 5)
    let parameters = arena.array(random.uniform(count))
    let gradients = arena.array(random.uniform(count))
    let first = arena.array(random.uniform(count).map(abs))
    let second = arena.array(random.uniform(count).map(abs))
    for part in parts {
      kernels.optimize(
        rule.cast(),
        OptimizerCall(
          count: part.count, parameters: parameters + part.lowerBound,
          gradients: gradients + part.lowerBound, first: first + part.lowerBound,
          second: second + part.lowerBound, gradientScale: 0.25))
    }
    let result = [
      values(parameters, count: count), values(first, count: count), values(second, count: count),
    ]
    #expect(arena.isIntact(), "\(rule), \(count) elements: wrote outside its arrays")
    return result
  }

  @Test(arguments: floatKernels)
  func notANumberReachesTheParameters(_ set: NamedKernels<Float>) {
    for rule in Self.rules {
      let arena = Arena<Float>(misalignment: 0)
      let parameters = arena.array(count: 9, repeating: 1)
      let gradients = arena.array(count: 9, repeating: 1)
      gradients[4] = .nan
      set.kernels.optimize(
        rule.cast(),
        OptimizerCall(
          count: 9, parameters: parameters, gradients: gradients,
          first: arena.array(count: 9, repeating: 0), second: arena.array(count: 9, repeating: 0),
          gradientScale: 1))
      let isNaN = values(parameters, count: 9).map(\.isNaN)
      #expect(isNaN == (0..<9).map { $0 == 4 }, "\(set.name), \(rule)")
      #expect(arena.isIntact())
    }
  }

  @Test(arguments: floatKernels)
  func sumOfSquares(_ set: NamedKernels<Float>) {
    var worst = 0.0
    for count in Array(0...67) + [1000, 100_003] {
      var random = TestRandom(seed: count)
      let numbers = random.uniform(count, scale: 100)
      let exact = numbers.reduce(0) { $0 + $1 * $1 }
      let sums = [0, 1, 5].map { misalignment in
        let arena = Arena<Float>(misalignment: misalignment)
        let sum = set.kernels.sumOfSquares(arena.array(numbers), count)
        #expect(arena.isIntact())
        return sum
      }
      if count > 0 { worst = max(worst, abs(sums[0] - exact) / exact) }
      #expect(sums.allSatisfy { $0 == sums[0] }, "\(set.name), \(count): alignment changed it")
    }
    #expect(worst < 1e-12, "\(set.name): relative error \(worst)")
  }

  @Test(arguments: floatKernels)
  func sumOfSquaresHasNoOverflow(_ set: NamedKernels<Float>) {
    let arena = Arena<Float>(misalignment: 0)
    let sum = set.kernels.sumOfSquares(arena.array(count: 19, repeating: 1e30), 19)
    #expect(abs(sum / 19e60 - 1) < 1e-6)
    #expect(arena.isIntact())
  }
}

extension OptimizerRule<Double> {
  /// The same rule in another number.
  func cast<Other: ComputeScalar>() -> OptimizerRule<Other> {
    switch self {
    case .sgd(let learningRate, let momentum, let nesterov):
      .sgd(learningRate: Other(learningRate), momentum: Other(momentum), nesterov: nesterov)
    case .rmsprop(let learningRate, let decay, let epsilon):
      .rmsprop(
        learningRate: Other(learningRate), decay: Other(decay), epsilon: Other(epsilon))
    case .adam(let stepSize, let beta1, let beta2, let epsilon, let decay):
      .adam(
        stepSize: Other(stepSize), beta1: Other(beta1), beta2: Other(beta2),
        epsilon: Other(epsilon), decay: Other(decay))
    case .lion(let learningRate, let beta1, let beta2, let decay):
      .lion(
        learningRate: Other(learningRate), beta1: Other(beta1), beta2: Other(beta2),
        decay: Other(decay))
    }
  }
}
