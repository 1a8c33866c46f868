import RowwiseCompute
import RowwiseKernelInterface
import RowwiseSystem
import Testing

/// Activations and their gradients: goldens, accuracy over all of Float, and exact properties.
@Suite struct KernelActivationTests {
  private func activate<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ kind: Activation, _ x: [Double], misalignment: Int = 0
  ) -> [Double] {
    let arena = Arena<Scalar>(misalignment: misalignment)
    let pointer = arena.array(x)
    kernels.activate(kind, pointer, x.count)
    let result = values(pointer, count: x.count)
    #expect(arena.isIntact())
    return result
  }

  private func activateBackward<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ kind: Activation, y: [Double], dy: [Double],
    misalignment: Int = 0
  ) -> [Double] {
    let arena = Arena<Scalar>(misalignment: misalignment)
    let pointer = arena.array(dy)
    kernels.activateBackward(kind, arena.array(y), pointer, y.count)
    let result = values(pointer, count: y.count)
    #expect(arena.isIntact())
    return result
  }

  private func checkGoldens<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, tolerance: Double, _ name: String
  ) throws {
    let golden = try golden(GoldenElementwise.self, "elementwise").activations
    #expect(golden.functions.count == Activation.allCases.count)
    for kind in Activation.allCases {
      let expected = try #require(golden.functions[kind.rawValue])
      let y = activate(kernels, kind, golden.x)
      let dx = activateBackward(kernels, kind, y: y, dy: golden.dy)
      #expect(scaledDifference(y, expected.y) < tolerance, "\(name), \(kind)")
      #expect(scaledDifference(dx, expected.dx) < tolerance, "\(name), \(kind) backward")
    }
  }

  @Test func referenceAgreesWithPyTorch() throws {
    try checkGoldens(oracle, tolerance: 1e-12, "reference")
  }

  @Test(arguments: floatKernels)
  func floatKernelsAgreeWithPyTorch(_ set: NamedKernels<Float>) throws {
    try checkGoldens(set.kernels, tolerance: 5e-7, set.name)
  }

  /// f in Double, from the C library.
  private func exact(_ kind: Activation, _ x: Double) -> Double {
    switch kind {
    case .linear: x
    case .relu: max(x, 0)
    case .tanh: tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }

  /// Every 499th bit pattern of Float: 8.6 million arguments, each sign and exponent with 16,800.
  @Test(arguments: floatKernels, [Activation.tanh, .sigmoid])
  func accuracy(_ set: NamedKernels<Float>, _ kind: Activation) {
    // The bounds that Elementary.swift states: σ(x) = 1 / (1 + e^{-x}) rounds three times after
    // e^{-x}'s own error, tanh twice after e^{2x} - 1.
    let bound = kind == .tanh ? 2.5 : 3.0
    var worst = (ulps: 0.0, x: Float(0))
    var outside = 0
    let size = 1 << 14
    let block = UnsafeMutablePointer<Float>.allocate(capacity: size)
    defer { block.deallocate() }
    var arguments: [Float] = []
    arguments.reserveCapacity(size)
    func flush() {
      for (index, x) in arguments.enumerated() {
        block[index] = x
      }
      set.kernels.activate(kind, block, arguments.count)
      for (index, x) in arguments.enumerated() {
        let y = block[index]
        let expected = exact(kind, Double(x))
        // NaN counts as outside.
        outside += abs(y) <= 1 && (kind == .tanh || y >= 0) ? 0 : 1
        // A result too small for a normal Float may be flushed.
        if abs(Double(y) - expected) <= Double(Float.leastNormalMagnitude) { continue }
        let error = ulps(y, from: expected)
        if !(error <= worst.ulps) { worst = (error, x) }
      }
      arguments.removeAll(keepingCapacity: true)
    }
    for pattern in stride(from: UInt64(0), through: UInt64(UInt32.max), by: 499) {
      let x = Float(bitPattern: UInt32(pattern))
      if x.isFinite { arguments.append(x) }
      if arguments.count == size { flush() }
    }
    flush()
    #expect(worst.ulps <= bound, "\(set.name), \(kind)(\(worst.x)): \(worst.ulps) ulp")
    #expect(outside == 0, "\(set.name), \(kind): \(outside) results outside the range")
  }

  @Test(arguments: floatKernels, Activation.allCases)
  func specialValues(_ set: NamedKernels<Float>, _ kind: Activation) {
    let x: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 1e38, -1e38, 1e-44]
    let y = activate(set.kernels, kind, x)
    #expect(y[0].isNaN, "\(set.name), \(kind): NaN was swallowed")
    switch kind {
    case .linear: #expect(Array(y[1...]) == x[1...].map { Double(Float($0)) })
    case .relu: #expect(Array(y[1...5]) == [.infinity, 0, 0, 0, Double(Float(1e38))])
    case .tanh: #expect(Array(y[1...6]) == [1, -1, 0, 0, 1, -1])
    case .sigmoid:
      #expect(Array(y[3...5]) == [0.5, 0.5, 1])
      #expect(y[1] == 1 && abs(y[2]) < 1e-37 && abs(y[6]) < 1e-37)
    }
  }

  /// Sampled every 1/20,000 from 0 to 10.
  @Test(arguments: floatKernels)
  func tanhNeverFallsByMoreThanItsError(_ set: NamedKernels<Float>) {
    let x = (0..<200_000).map { Double(Float($0) / 20_000) }
    let y = activate(set.kernels, .tanh, x)
    let falls = zip(y, y.dropFirst()).map { $0 - $1 }.max() ?? .infinity
    #expect(falls <= 2.4e-7, "\(set.name): tanh falls by \(falls)")
  }

  @Test(arguments: floatKernels, Activation.allCases)
  func everyCountAndAlignment(_ set: NamedKernels<Float>, _ kind: Activation) {
    var random = TestRandom(seed: 9)
    let x = random.uniform(67, scale: 6)
    let dy = random.uniform(67)
    let y = activate(set.kernels, kind, x)
    let dx = activateBackward(set.kernels, kind, y: y, dy: dy)
    let expected = activateBackward(oracle, kind, y: y, dy: dy)
    #expect(largestDifference(dx, expected) < 1e-6, "\(set.name), \(kind) backward")
    for count in 0...67 {
      let offset = count % 17
      let part = activate(set.kernels, kind, Array(x.prefix(count)), misalignment: offset)
      #expect(part == Array(y.prefix(count)), "\(set.name), \(kind), \(count)")
      let back = activateBackward(
        set.kernels, kind, y: Array(y.prefix(count)), dy: Array(dy.prefix(count)),
        misalignment: offset)
      #expect(back == Array(dx.prefix(count)), "\(set.name), \(kind) backward, \(count)")
    }
  }
}
