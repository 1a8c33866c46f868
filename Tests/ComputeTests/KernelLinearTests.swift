import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import Testing

/// A step of the linear recurrent unit for some rows, in Double.
private struct LinearProblem {
  var units: Int
  var rows: Int
  var recurrence: [Double]
  var sums: [Double]
  var before: [Double]
  var hiddenGradient: [Double]
  var outputGradient: [Double]
  var lengths: [Int32]

  init(units: Int, rows: Int, seed: Int) {
    var random = TestRandom(seed: seed)
    self.units = units
    self.rows = rows
    recurrence = random.uniform(3 * units)
    sums = random.uniform(rows * 2 * units)
    before = random.uniform(rows * 2 * units)
    hiddenGradient = random.uniform(rows * 2 * units)
    outputGradient = random.uniform(rows * 2 * units)
    // Step 3 is behind the end of every fifth row.
    lengths = (0..<rows).map { $0 % 5 == 4 ? 3 : 4 }
  }
}

/// Results of a step.
private struct LinearRun: Equatable {
  var after: [Double] = []
  var sumsGradient: [Double] = []
  var beforeGradient: [Double] = []
  var parameters: [Double] = []
  var isClean = true
}

/// The scan of the linear recurrent unit and its gate: against complex numbers, Float against Double, and
/// what must hold bit for bit.
@Suite struct KernelLinearTests {
  private func run<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ problem: LinearProblem, misalignment: Int = 0,
    endsWithMemory: Bool = false, padding: Int = 0, shards: [Range<Int>]? = nil
  ) -> LinearRun {
    let arena = Arena<Scalar>(misalignment: misalignment, endsWithMemory: endsWithMemory)
    let (width, rows) = (2 * problem.units, problem.rows)
    let stride = width + padding
    func array(_ values: [Double]) -> UnsafeMutablePointer<Scalar> {
      arena.rows(values, width: width, stride: stride, filler: 777)
    }
    let (sums, before) = (array(problem.sums), array(problem.before))
    let after = arena.array(count: rows * stride)
    let (hidden, output) = (array(problem.hiddenGradient), array(problem.outputGradient))
    let parameterRows = (rows + 3) / 4
    let parameters = arena.array(count: parameterRows * 3 * problem.units, repeating: 0)
    let recurrence = arena.array(problem.recurrence)
    problem.lengths.withUnsafeBufferPointer { lengths in
      for rows in shards ?? [0..<rows] {
        var call = CellCall(
          cell: .lru, hidden: width, timestep: 3, rows: rows, lengths: lengths.baseAddress,
          sums: sums, recurrentSums: nil, sumsStride: stride, hiddenBefore: before,
          hiddenAfter: after, hiddenStride: stride)
        call.parameters.recurrence = UnsafePointer(recurrence)
        kernels.cells.forward(call)
        kernels.cells.backward(
          call,
          CellGradients(
            output: output, outputStride: stride, hidden: hidden, cell: nil,
            parameters: parameters, parameterStride: 3 * problem.units, parameterRows: 4))
      }
    }
    return LinearRun(
      after: values(after, rows: rows, width: width, stride: stride),
      sumsGradient: values(sums, rows: rows, width: width, stride: stride),
      beforeGradient: values(hidden, rows: rows, width: width, stride: stride),
      parameters: values(parameters, count: parameterRows * 3 * problem.units),
      isClean: arena.isIntact())
  }

  /// By complex numbers: x = λ x′ + γ s, and with δ the gradient λ¯ δ, γ δ, δ x′¯ and Re(δ s¯).
  private func expected(_ problem: LinearProblem) -> LinearRun {
    typealias Complex = (re: Double, im: Double)
    func times(_ a: Complex, _ b: Complex) -> Complex {
      (a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
    }
    func conjugate(_ a: Complex) -> Complex { (a.re, -a.im) }
    let (units, width) = (problem.units, 2 * problem.units)
    let count = problem.rows * width
    var run = LinearRun(
      after: problem.before, sumsGradient: [Double](repeating: 0, count: count),
      beforeGradient: problem.hiddenGradient,
      parameters: [Double](repeating: 0, count: (problem.rows + 3) / 4 * 3 * units))
    for row in 0..<problem.rows where problem.lengths[row] > 3 {
      for k in 0..<units {
        let (a, b) = (row * width + k, row * width + units + k)
        func number(_ values: [Double]) -> Complex { (values[a], values[b]) }
        let eigenvalue = (problem.recurrence[k], problem.recurrence[units + k])
        let scale = problem.recurrence[2 * units + k]
        let (x, s) = (number(problem.before), number(problem.sums))
        let turned = times(eigenvalue, x)
        (run.after[a], run.after[b]) = (turned.re + scale * s.re, turned.im + scale * s.im)
        let (d, e) = (number(problem.hiddenGradient), number(problem.outputGradient))
        let gradient = (re: d.re + e.re, im: d.im + e.im)
        (run.sumsGradient[a], run.sumsGradient[b]) = (scale * gradient.re, scale * gradient.im)
        (run.beforeGradient[a], run.beforeGradient[b]) = times(conjugate(eigenvalue), gradient)
        let own = row / 4 * 3 * units + k
        let byEigenvalue = times(gradient, conjugate(x))
        run.parameters[own] += byEigenvalue.re
        run.parameters[own + units] += byEigenvalue.im
        run.parameters[own + 2 * units] += times(gradient, conjugate(s)).re
      }
    }
    return run
  }

  private func check(
    _ found: LinearRun, _ exact: LinearRun, _ tolerance: Double, _ comment: String
  ) {
    for (name, path) in [
      ("x", \LinearRun.after), ("ds", \.sumsGradient), ("dx", \.beforeGradient),
      ("weights", \.parameters),
    ] {
      let error = scaledDifference(found[keyPath: path], exact[keyPath: path])
      #expect(error < tolerance, "\(comment): \(name) off by \(error)")
    }
    #expect(found.isClean, "\(comment): wrote outside its arrays")
  }

  @Test func referenceIsTheDefinition() {
    for (units, rows) in [(1, 2), (2, 3), (7, 6), (33, 9)] {
      let problem = LinearProblem(units: units, rows: rows, seed: units)
      check(run(oracle, problem), expected(problem), 1e-14, "\(units) units")
    }
  }

  @Test(arguments: floatKernels)
  func oddWidths(_ set: NamedKernels<Float>) {
    for units in [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 64, 65] {
      let problem = LinearProblem(units: units, rows: 9, seed: units)
      let exact = expected(problem)
      for padding in [0, 3] {
        check(
          run(set.kernels, problem, misalignment: padding, padding: padding), exact, 1e-6,
          "\(set.name), \(units) units, padding \(padding)")
      }
      check(
        run(set.kernels, problem, endsWithMemory: true), exact, 1e-6,
        "\(set.name), \(units) units, at the end of memory")
    }
  }

  @Test(arguments: floatKernels)
  func shardsChangeNothing(_ set: NamedKernels<Float>) {
    let problem = LinearProblem(units: 37, rows: 11, seed: 3)
    let whole = run(set.kernels, problem)
    #expect(run(set.kernels, problem, shards: [8..<11, 0..<4, 4..<8]) == whole)
  }

  // MARK: The gate

  private func open<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, width: Int, rows: Int, padding: Int, endsWithMemory: Bool = false,
    shards: [Range<Int>]? = nil
  ) -> (forward: [Double], share: [Double], backward: [Double], isClean: Bool) {
    var random = TestRandom(seed: width)
    let arena = Arena<Scalar>(misalignment: padding, endsWithMemory: endsWithMemory)
    let stride = 2 * width + padding
    let sums = arena.rows(
      random.uniform(rows * 2 * width).map { 4 * $0 }, width: 2 * width, stride: stride, filler: 777
    )
    let output = arena.array(count: rows * (width + padding))
    let gradient = arena.rows(
      random.uniform(rows * width), width: width, stride: width + padding, filler: 555)
    var share: [Double] = []
    func call(
      _ rows: Range<Int>, _ output: UnsafeMutablePointer<Scalar>
    ) -> GateCall<Scalar> {
      GateCall(
        rows: rows, width: width, sums: sums, sumsStride: stride, output: output,
        outputStride: width + padding)
    }
    for rows in shards ?? [0..<rows] { kernels.cells.open(call(rows, output)) }
    share = values(sums, rows: rows, width: 2 * width, stride: stride)
    for rows in shards ?? [0..<rows] { kernels.cells.openBackward(call(rows, gradient)) }
    return (
      values(output, rows: rows, width: width, stride: width + padding), share,
      values(sums, rows: rows, width: 2 * width, stride: stride), arena.isIntact()
    )
  }

  /// Central differences of a ⊙ σ(b), by the oracle itself.
  @Test func gateIsTheDefinition() {
    let (width, rows) = (5, 3)
    let result = open(oracle, width: width, rows: rows, padding: 0)
    var random = TestRandom(seed: width)
    let sums = random.uniform(rows * 2 * width).map { 4 * $0 }
    let gradient = random.uniform(rows * width)
    for row in 0..<rows {
      for k in 0..<width {
        let (a, b) = (sums[row * 2 * width + k], sums[row * 2 * width + width + k])
        let d = gradient[row * width + k]
        func value(_ a: Double, _ b: Double) -> Double { a / (1 + exp(-b)) }
        #expect(abs(result.forward[row * width + k] - value(a, b)) < 1e-14)
        let (da, db) = (
          result.backward[row * 2 * width + k], result.backward[row * 2 * width + width + k]
        )
        let step = 1e-5
        #expect(abs(da - d * (value(a + step, b) - value(a - step, b)) / (2 * step)) < 1e-8)
        #expect(abs(db - d * (value(a, b + step) - value(a, b - step)) / (2 * step)) < 1e-8)
      }
    }
  }

  @Test(arguments: floatKernels)
  func gatesOfOddWidths(_ set: NamedKernels<Float>) {
    for width in [1, 2, 3, 5, 8, 15, 16, 17, 33, 64, 65] {
      let exact = open(oracle, width: width, rows: 4, padding: 0)
      for (padding, endsWithMemory) in [(0, false), (3, false), (0, true)] {
        let found = open(
          set.kernels, width: width, rows: 4, padding: padding, endsWithMemory: endsWithMemory)
        #expect(found.isClean, "\(set.name), width \(width)")
        for (found, exact) in [
          (found.forward, exact.forward), (found.share, exact.share),
          (found.backward, exact.backward),
        ] {
          let error = scaledDifference(found, exact)
          #expect(error < 1e-6, "\(set.name), width \(width): off by \(error)")
        }
      }
      let parts = open(
        set.kernels, width: width, rows: 4, padding: 0, shards: [3..<4, 0..<1, 1..<3])
      let whole = open(set.kernels, width: width, rows: 4, padding: 0)
      #expect(parts == whole)
    }
  }
}
