import RowwiseKernelInterface
import Testing

/// Fully connected layers: goldens, Float against Double, and what must hold bit for bit.
@Suite struct KernelDenseTests {
  private func expectClose(
    _ actual: DenseRun, _ expected: DenseRun, tolerance: Double, _ comment: String
  ) {
    for (name, path) in [
      ("y", \DenseRun.y), ("dx", \.dx), ("dW", \.dWeight), ("db", \.dBias),
    ] {
      let difference = scaledDifference(actual[keyPath: path], expected[keyPath: path])
      #expect(difference < tolerance, "\(comment): \(name) off by \(difference)")
    }
    #expect(actual.isClean, "\(comment): wrote outside its arrays")
  }

  private func goldenProblem() throws -> (DenseProblem, DenseRun) {
    let golden = try golden(GoldenElementwise.self, "elementwise").dense
    return (
      DenseProblem(
        inputs: golden.inputs, outputs: golden.outputs, rows: golden.rows, x: golden.x,
        weight: golden.weight, bias: golden.bias, dy: golden.dy),
      DenseRun(
        y: golden.y, dx: golden.dx, dWeight: golden.dWeight, dBias: golden.dBias, isClean: true)
    )
  }

  @Test func referenceAgreesWithPyTorch() throws {
    let (problem, expected) = try goldenProblem()
    expectClose(run(oracle, on: problem), expected, tolerance: 1e-11, "reference")
  }

  @Test(arguments: floatKernels)
  func floatKernelsAgreeWithPyTorch(_ set: NamedKernels<Float>) throws {
    let (problem, expected) = try goldenProblem()
    expectClose(run(set.kernels, on: problem), expected, tolerance: 1e-6, set.name)
  }

  @Test(arguments: floatKernels)
  func oddShapes(_ set: NamedKernels<Float>) {
    var random = TestRandom(seed: 5)
    for seed in 1...150 {
      let problem = DenseProblem.random(
        inputs: random.integer(1...140), outputs: random.integer(1...70),
        rows: random.integer(1...40), seed: seed)
      var options = LSTMRunOptions()
      options.misalignment = seed % 17
      options.padding = seed % 4
      options.shards = [0..<problem.rows / 3, problem.rows / 3..<problem.rows]
      expectClose(
        run(set.kernels, on: problem, options), run(oracle, on: problem), tolerance: 5e-6,
        "\(set.name), \(problem.inputs) → \(problem.outputs), \(problem.rows) rows")
    }
  }

  /// The process stops at whatever touches what lies behind an array.
  @Test(arguments: floatKernels)
  func arraysMayEndWhereMemoryEnds(_ set: NamedKernels<Float>) {
    for (inputs, outputs) in [(5, 3), (128, 10), (67, 33), (19, 64), (28, 530), (9, 128)] {
      let problem = DenseProblem.random(inputs: inputs, outputs: outputs, rows: 150, seed: inputs)
      var options = LSTMRunOptions()
      options.endsWithMemory = true
      let last = run(set.kernels, on: problem, options)
      let usual = run(set.kernels, on: problem)
      #expect(last.y == usual.y && last.dx == usual.dx, "\(set.name), \(inputs) → \(outputs)")
      #expect(last.dWeight == usual.dWeight && last.dBias == usual.dBias)
      #expect(last.isClean, "\(set.name), \(inputs) → \(outputs): wrote before its arrays")
    }
  }

  @Test(arguments: floatKernels)
  func fetchingAheadChangesNothing(_ set: NamedKernels<Float>) {
    for (inputs, outputs) in [(1, 1), (128, 10), (67, 33), (28, 530)] {
      let problem = DenseProblem.random(inputs: inputs, outputs: outputs, rows: 13, seed: inputs)
      var options = LSTMRunOptions()
      options.shards = [0..<0, 0..<1, 1..<13]
      let usual = run(set.kernels, on: problem, options)
      options.fetchesAhead = true
      let fetched = run(set.kernels, on: problem, options)
      #expect(fetched.y == usual.y && fetched.dx == usual.dx, "\(set.name), \(inputs) → \(outputs)")
      #expect(fetched.dWeight == usual.dWeight && fetched.dBias == usual.dBias)
      #expect(fetched.isClean)
    }
  }

  @Test(arguments: floatKernels)
  func rowsDependOnThemselvesAlone(_ set: NamedKernels<Float>) {
    for (inputs, outputs) in [(5, 3), (128, 10), (67, 33), (19, 64)] {
      let problem = DenseProblem.random(inputs: inputs, outputs: outputs, rows: 13, seed: inputs)
      let whole = run(set.kernels, on: problem)
      for shards in [[0..<13], [0..<7, 7..<13], (0..<13).map { $0..<$0 + 1 }] {
        var options = LSTMRunOptions()
        options.shards = shards
        options.misalignment = 3
        let parts = run(set.kernels, on: problem, options)
        #expect(parts.y == whole.y && parts.dx == whole.dx, "\(set.name), \(inputs) → \(outputs)")
        #expect(parts.dWeight == whole.dWeight && parts.dBias == whole.dBias)
      }
    }
  }

  @Test(arguments: floatKernels)
  func gradientsAddUp(_ set: NamedKernels<Float>) {
    let problem = DenseProblem.random(inputs: 37, outputs: 10, rows: 21, seed: 2)
    var options = LSTMRunOptions()
    options.accumulatesOnto = 2
    let sum = run(set.kernels, on: problem, options)
    let alone = run(set.kernels, on: problem)
    #expect(scaledDifference(sum.dWeight, alone.dWeight.map { $0 + 2 }) < 1e-6)
    #expect(scaledDifference(sum.dBias, alone.dBias.map { $0 + 2 }) < 1e-6)
  }

  /// Gradients of several blocks of rows and several panels a task, from any row on; those before it
  /// are not read.
  @Test(arguments: floatKernels)
  func gradientsOfManyRows(_ set: NamedKernels<Float>) {
    for first in [0, 1, 128, 150, 300] {
      var problem = DenseProblem.random(inputs: 33, outputs: 530, rows: 300, seed: first)
      for k in 0..<first * 33 { problem.x[k] = 0 }
      for k in 0..<first * 530 { problem.dy[k] = 0 }
      var options = LSTMRunOptions()
      options.accumulatesOnto = first % 2 == 0 ? 2 : nil
      let exact = run(oracle, on: problem, options)
      for k in 0..<first * 33 { problem.x[k] = .nan }
      let name = "\(set.name), from row \(first)"
      let made = run(set.kernels, on: problem, options, firstRow: first)
      #expect(scaledDifference(made.dWeight, exact.dWeight) < 5e-6, "\(name)")
      #expect(scaledDifference(made.dBias, exact.dBias) < 5e-6, "\(name)")
      #expect(made.isClean, "\(name): wrote outside its arrays")
      let without = run(
        set.kernels, on: problem, options, firstRow: first, wantsBiasGradient: false)
      #expect(without.dWeight == made.dWeight, "\(name)")
      #expect(without.dBias.allSatisfy { options.accumulatesOnto == nil ? $0.isNaN : $0 == 2 })
    }
  }

  /// Products on top of what is there, as recurrent layers add them to their input sums.
  @Test(arguments: floatKernels)
  func productsAddUp(_ set: NamedKernels<Float>) {
    for (inputs, outputs) in [(5, 3), (128, 10), (700, 33), (19, 64)] {
      let problem = DenseProblem.random(inputs: inputs, outputs: outputs, rows: 7, seed: inputs)
      var options = LSTMRunOptions()
      options.productsAccumulateOnto = 3
      let sum = run(set.kernels, on: problem, options)
      let exact = run(oracle, on: problem, options)
      let name = "\(set.name), \(inputs) → \(outputs)"
      #expect(scaledDifference(sum.y, exact.y) < 2e-6, "\(name)")
      #expect(scaledDifference(sum.dx, exact.dx) < 2e-6, "\(name)")
      var plain = problem
      plain.bias = [Double](repeating: 0, count: outputs)
      let alone = run(oracle, on: plain)
      #expect(scaledDifference(exact.y, alone.y.map { $0 + 3 }) < 1e-14, "\(name)")
      #expect(scaledDifference(exact.dx, alone.dx.map { $0 + 3 }) < 1e-14, "\(name)")
    }
  }
}
