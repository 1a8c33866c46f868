import RowwiseCompute
import RowwiseKernelInterface
import RowwiseSystem
import Testing

/// Softmax and the logarithm of its sum.
@Suite struct KernelSoftmaxTests {
  private func softmax<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ logits: [Double], misalignment: Int = 0
  ) -> (probabilities: [Double], logSumExp: Double) {
    let arena = Arena<Scalar>(misalignment: misalignment)
    let row = arena.array(logits)
    let logSumExp = kernels.softmax(row, logits.count)
    let result = values(row, count: logits.count)
    #expect(arena.isIntact())
    return (result, logSumExp)
  }

  private func checkGoldens<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, tolerance: Double, _ name: String
  ) throws {
    let golden = try golden(GoldenElementwise.self, "elementwise").crossEntropy
    var loss = 0.0
    for row in 0..<golden.rows {
      let range = row * golden.classes..<(row + 1) * golden.classes
      let (probabilities, logSumExp) = softmax(kernels, Array(golden.logits[range]))
      #expect(
        largestDifference(probabilities, Array(golden.probabilities[range])) < tolerance,
        "\(name), row \(row)")
      #expect(
        abs(logSumExp - golden.logSumExp[row]) < tolerance * max(1, abs(golden.logSumExp[row])),
        "\(name), row \(row)")
      loss += logSumExp - golden.logits[range.lowerBound + golden.labels[row]]
      let gradient = probabilities.enumerated().map { index, probability in
        (probability - (index == golden.labels[row] ? 1 : 0)) / Double(golden.rows)
      }
      #expect(
        largestDifference(gradient, Array(golden.gradient[range])) < tolerance,
        "\(name), row \(row)")
    }
    #expect(
      abs(loss / Double(golden.rows) - golden.loss) < tolerance * golden.loss, "\(name): loss")
  }

  @Test func referenceAgreesWithPyTorch() throws {
    try checkGoldens(oracle, tolerance: 1e-11, "reference")
  }

  @Test(arguments: floatKernels)
  func floatKernelsAgreeWithPyTorch(_ set: NamedKernels<Float>) throws {
    try checkGoldens(set.kernels, tolerance: 1e-6, set.name)
  }

  @Test(arguments: floatKernels)
  func everyCount(_ set: NamedKernels<Float>) {
    for count in Array(1...67) + [1000] {
      var random = TestRandom(seed: count)
      let logits = random.uniform(count, scale: 15)
      let (probabilities, logSumExp) = softmax(set.kernels, logits)
      let expected = softmax(oracle, logits)
      #expect(largestDifference(probabilities, expected.probabilities) < 1e-6, "\(count) classes")
      #expect(abs(logSumExp - expected.logSumExp) < 2e-6, "\(set.name), \(count) classes")
      #expect(abs(probabilities.reduce(0, +) - 1) < 2e-6, "\(set.name), \(count) classes")
      let moved = softmax(set.kernels, logits, misalignment: count % 17)
      #expect(moved.probabilities == probabilities && moved.logSumExp == logSumExp)
    }
  }

  @Test(arguments: floatKernels)
  func notANumberIsSeen(_ set: NamedKernels<Float>) {
    for count in [1, 5, 10, 33] {
      for place in [0, count / 2, count - 1] {
        var logits = [Double](repeating: 0, count: count)
        logits[place] = .nan
        let (probabilities, logSumExp) = softmax(set.kernels, logits)
        #expect(logSumExp.isNaN, "\(set.name), NaN at \(place) of \(count)")
        #expect(probabilities[place].isNaN, "\(set.name), NaN at \(place) of \(count)")
      }
    }
  }

  @Test(arguments: floatKernels)
  func farApartLogits(_ set: NamedKernels<Float>) {
    let (probabilities, logSumExp) = softmax(set.kernels, [3e38, -3e38, 0])
    // Kernels may stop at the smallest normal Float instead of zero.
    #expect(largestDifference(probabilities, [1, 0, 0]) < 2e-38, "\(set.name): \(probabilities)")
    #expect(logSumExp == Double(Float(3e38)))
  }

  /// e^x through the softmax of [0, x], whose second element is e^x / (1 + e^x): in steps of x from
  /// -87 to 0.
  @Test(arguments: floatKernels)
  func exponentialIsAccurate(_ set: NamedKernels<Float>) {
    var worst = (ulps: 0.0, x: Float(0))
    let row = UnsafeMutablePointer<Float>.allocate(capacity: 2)
    defer { row.deallocate() }
    for step in 0..<400_000 {
      let x = -87 * Float(step) / 400_000
      row[0] = 0
      row[1] = x
      _ = set.kernels.softmax(row, 2)
      let exact = exp(Double(x)) / (1 + exp(Double(x)))
      let error = ulps(row[1], from: exact)
      if !(error <= worst.ulps) { worst = (error, x) }
    }
    // 2 ulp for e^x, and up to half a ulp each for the sum and its reciprocal or quotient.
    #expect(worst.ulps <= 3.5, "\(set.name), x = \(worst.x): \(worst.ulps) ulp")
  }
}
