import RowwiseCompute
import RowwiseKernelInterface
import Testing

/// Rows to normalise, in Double.
private struct NormProblem {
  var width: Int
  var rows: Int
  var x: [Double]
  var gain: [Double]
  var bias: [Double]
  var dy: [Double]

  init(width: Int, rows: Int, mean: Double = 0, seed: Int) {
    var random = TestRandom(seed: seed)
    self.width = width
    self.rows = rows
    x = random.uniform(rows * width).map { Double(Float($0 + mean)) }
    gain = random.uniform(width)
    bias = random.uniform(width)
    dy = random.uniform(rows * width)
  }

  /// A row's n by the definition, and 1/σ.
  func normal(_ row: Int) -> (n: [Double], scale: Double) {
    let x = self.x[row * width..<(row + 1) * width]
    let mean = x.reduce(0, +) / Double(width)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
    let scale = 1 / (variance + 1e-5).squareRoot()
    return (x.map { ($0 - mean) * scale }, scale)
  }
}

/// Results of normalisation.
private struct NormRun: Equatable {
  var y: [Double] = []
  var dx: [Double] = []
  var dGain: [Double] = []
  var dBias: [Double] = []
  var isClean = true
}

/// Layer normalisation as a layer of its own: by its definition, Float against Double, and what must hold
/// bit for bit.
@Suite struct KernelNormTests {
  private func run<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ problem: NormProblem, misalignment: Int = 0,
    endsWithMemory: Bool = false, padding: Int = 0, shards: [Range<Int>]? = nil, columns: Int = 64
  ) -> NormRun {
    let arena = Arena<Scalar>(misalignment: misalignment, endsWithMemory: endsWithMemory)
    let (width, rows) = (problem.width, problem.rows)
    let stride = width + padding
    let x = arena.rows(problem.x, width: width, stride: stride, filler: 777)
    let dy = arena.rows(problem.dy, width: width, stride: stride, filler: 555)
    let y = arena.array(count: rows * stride)
    let dx = arena.array(count: rows * stride)
    let statistics = arena.array(count: rows * 2)
    let gain = arena.array(problem.gain)
    let bias = arena.array(problem.bias)
    func call(_ rows: Range<Int>) -> NormCall<Scalar> {
      NormCall(
        width: width, rows: rows, x: x, xStride: stride, statistics: statistics, gain: gain)
    }
    for rows in shards ?? [0..<rows] {
      kernels.cells.norm.forward(call(rows), bias, y, stride)
      kernels.cells.norm.backward(call(rows), dy, stride, dx, stride)
    }
    let dGain = arena.array(count: width, repeating: 0)
    let dBias = arena.array(count: width, repeating: 0)
    for first in Swift.stride(from: 0, to: width, by: columns) {
      kernels.cells.norm.gradient(
        call(0..<rows), first..<min(first + columns, width), dy, stride, dGain, dBias)
    }
    return NormRun(
      y: values(y, rows: rows, width: width, stride: stride),
      dx: values(dx, rows: rows, width: width, stride: stride),
      dGain: values(dGain, count: width), dBias: values(dBias, count: width),
      isClean: arena.isIntact())
  }

  /// dx from the whole derivative of n: ∂n_j / ∂x_k = (δ_jk − 1/D − n_j n_k / D) / σ.
  private func expected(_ problem: NormProblem) -> NormRun {
    let width = problem.width
    var run = NormRun(
      dGain: [Double](repeating: 0, count: width), dBias: [Double](repeating: 0, count: width))
    for row in 0..<problem.rows {
      let (n, scale) = problem.normal(row)
      let dy = Array(problem.dy[row * width..<(row + 1) * width])
      for k in 0..<width {
        run.y.append(problem.gain[k] * n[k] + problem.bias[k])
        run.dGain[k] += dy[k] * n[k]
        run.dBias[k] += dy[k]
        run.dx.append(
          (0..<width).reduce(0.0) { sum, j in
            let slope = (j == k ? 1 : 0) - (1 + n[j] * n[k]) / Double(width)
            return sum + dy[j] * problem.gain[j] * slope * scale
          })
      }
    }
    return run
  }

  private func check(
    _ found: NormRun, _ exact: NormRun, _ tolerance: Double, _ comment: String
  ) {
    for (name, path) in [
      ("y", \NormRun.y), ("dx", \.dx), ("dγ", \.dGain), ("db", \.dBias),
    ] {
      let error = scaledDifference(found[keyPath: path], exact[keyPath: path])
      #expect(error < tolerance, "\(comment): \(name) off by \(error)")
    }
    #expect(found.isClean, "\(comment): wrote outside its arrays")
  }

  @Test func referenceIsTheDefinition() {
    for (width, rows) in [(1, 2), (2, 3), (7, 5), (33, 4)] {
      let problem = NormProblem(width: width, rows: rows, seed: width)
      check(run(oracle, problem), expected(problem), 1e-12, "width \(width)")
    }
  }

  /// Also where means are a hundred times the deviations.
  @Test(arguments: floatKernels)
  func oddWidths(_ set: NamedKernels<Float>) {
    for width in [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 64, 65, 130] {
      for mean in [0.0, 100] {
        let problem = NormProblem(width: width, rows: 9, mean: mean, seed: width)
        // A number's rounding beside a mean of 100 is 4e-6 of its deviation, and a width of 2 or 3 may
        // have small ones.
        let tolerance = mean == 0 ? 5e-6 : 2e-3
        let exact = run(oracle, problem)
        for padding in [0, 3] {
          check(
            run(set.kernels, problem, misalignment: padding, padding: padding), exact, tolerance,
            "\(set.name), width \(width), mean \(mean), padding \(padding)")
        }
        check(
          run(set.kernels, problem, endsWithMemory: true), exact, tolerance,
          "\(set.name), width \(width), at the end of memory")
      }
    }
  }

  /// Neither shards nor the columns of a task change a bit.
  @Test(arguments: floatKernels)
  func partsChangeNothing(_ set: NamedKernels<Float>) {
    let problem = NormProblem(width: 150, rows: 11, seed: 3)
    let whole = run(set.kernels, problem, columns: 150)
    #expect(run(set.kernels, problem, shards: [5..<11, 0..<1, 1..<5], columns: 64) == whole)
    #expect(run(set.kernels, problem, shards: (0..<11).map { $0..<$0 + 1 }, columns: 64) == whole)
  }
}
