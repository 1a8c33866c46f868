import RowwiseKernelInterface
import Testing

/// Float kernels against the Double reference, over odd shapes.
@Suite struct KernelLSTMTests {
  /// Difference allowed, as a share of an array's largest element (at least 1). Measured at worst:
  /// 1.5e-6 (dc0 of 300 units with matrix peepholes), 3e-7 in h; plain Float loops have 6.4e-7.
  static let tolerance = 4e-6

  @Test(arguments: floatKernels, Peephole.allCases)
  func everyHiddenSizeUpTo67(_ set: NamedKernels<Float>, _ peephole: Peephole) {
    for hidden in 1...67 {
      var random = TestRandom(seed: hidden * 31 + peephole.hashSeed)
      compare(
        set, LSTMShape(features: random.integer(1...40), hidden: hidden, peephole: peephole),
        timesteps: random.integer(1...9), batch: random.integer(1...33), seed: hidden)
    }
  }

  @Test(arguments: floatKernels, Peephole.allCases)
  func largeSizes(_ set: NamedKernels<Float>, _ peephole: Peephole) {
    for (features, hidden, timesteps, batch) in [
      (28, 100, 5, 7), (3, 300, 3, 5), (130, 128, 4, 33), (257, 31, 3, 17), (1, 128, 40, 3),
    ] {
      compare(
        set, LSTMShape(features: features, hidden: hidden, peephole: peephole),
        timesteps: timesteps, batch: batch, seed: hidden)
    }
  }

  @Test(arguments: floatKernels, Peephole.allCases)
  func everyBatchSizeUpTo33(_ set: NamedKernels<Float>, _ peephole: Peephole) {
    for batch in 1...33 {
      compare(
        set, LSTMShape(features: 5, hidden: 19, peephole: peephole), timesteps: 3, batch: batch,
        seed: batch)
    }
  }

  @Test(arguments: floatKernels)
  func longSequence(_ set: NamedKernels<Float>) {
    compare(
      set, LSTMShape(features: 1, hidden: 17, peephole: .none), timesteps: 784, batch: 5, seed: 3)
  }

  private func compare(
    _ set: NamedKernels<Float>, _ shape: LSTMShape, timesteps: Int, batch: Int, seed: Int
  ) {
    let problem = LSTMProblem.random(
      shape, timesteps: timesteps, batch: batch, lengths: seed % 2 == 0 ? .full : .mixed,
      outputGradient: seed % 3 != 0, seed: seed)
    var options = LSTMRunOptions()
    options.misalignment = seed % 17
    options.padding = seed % 5
    let actual = run(set.kernels, on: problem, options)
    let expected = run(oracle, on: problem)
    for quantity in LSTMQuantity.allCases {
      let difference = scaledDifference(actual[quantity], expected[quantity])
      #expect(
        difference < Self.tolerance,
        "\(set.name), \(shape), T \(timesteps), N \(batch): \(quantity) off by \(difference)")
    }
    #expect(actual.isClean, "\(set.name), \(shape): wrote outside its arrays")
  }
}

extension Peephole {
  /// A small number of each kind, for seeds.
  var hashSeed: Int {
    switch self {
    case .none: 1
    case .diagonal: 2
    case .full: 3
    }
  }
}
