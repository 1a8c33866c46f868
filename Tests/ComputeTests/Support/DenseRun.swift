import RowwiseCompute
import RowwiseKernelInterface

/// A fully connected layer's inputs, in Double.
struct DenseProblem: Sendable {
  var inputs: Int
  var outputs: Int
  var rows: Int
  /// x [rows, inputs], W [inputs, outputs], b [outputs], dy [rows, outputs].
  var x: [Double]
  var weight: [Double]
  var bias: [Double]
  var dy: [Double]

  /// A random problem.
  static func random(inputs: Int, outputs: Int, rows: Int, seed: Int) -> DenseProblem {
    var random = TestRandom(seed: seed)
    return DenseProblem(
      inputs: inputs, outputs: outputs, rows: rows, x: random.uniform(rows * inputs),
      weight: random.uniform(inputs * outputs, scale: 1 / Double(inputs).squareRoot()),
      bias: random.uniform(outputs), dy: random.uniform(rows * outputs))
  }
}

/// Results of a fully connected layer.
struct DenseRun {
  var y: [Double]
  var dx: [Double]
  var dWeight: [Double]
  var dBias: [Double]
  /// Nothing outside the arrays was written.
  var isClean: Bool
}

/// Runs a fully connected layer; see `LSTMRunOptions` for the options. Gradients by weights are those of
/// the rows from `firstRow` on, that by the bias is left out on request.
func run<Scalar: ComputeScalar>(
  _ kernels: KernelSet<Scalar>, on problem: DenseProblem, _ options: LSTMRunOptions = .init(),
  firstRow: Int = 0, wantsBiasGradient: Bool = true
) -> DenseRun {
  let layout = kernels.denseLayout(problem.inputs, problem.outputs)
  let arena = Arena<Scalar>(
    misalignment: options.misalignment, endsWithMemory: options.endsWithMemory)
  let xStride = problem.inputs + options.padding
  let yStride = problem.outputs + options.padding
  let forward = arena.array(count: layout.packedForwardCount)
  let backward = arena.array(count: layout.packedBackwardCount)
  kernels.densePack(
    problem.inputs, problem.outputs, arena.array(problem.weight), arena.array(problem.bias),
    forward, backward)
  let x = arena.rows(problem.x, width: problem.inputs, stride: xStride, filler: 777)
  let dy = arena.rows(problem.dy, width: problem.outputs, stride: yStride, filler: 555)
  let old = options.productsAccumulateOnto.map { Scalar($0) } ?? .nan
  let y = arena.array(count: problem.rows * yStride, repeating: old)
  let dx = arena.array(count: problem.rows * xStride, repeating: old)
  func call(
    _ rows: Range<Int>, x: UnsafeMutablePointer<Scalar>, y: UnsafeMutablePointer<Scalar>
  ) -> DenseCall<Scalar> {
    var call = DenseCall(
      inputs: problem.inputs, outputs: problem.outputs, rows: rows, x: x, xStride: xStride, y: y,
      yStride: yStride, accumulates: options.productsAccumulateOnto != nil)
    if options.fetchesAhead {
      call.ahead = MemoryAhead(
        UnsafePointer(x), UnsafePointer(y), nil,
        count: problem.rows * min(problem.inputs, problem.outputs))
    }
    return call
  }
  for rows in options.shards ?? [0..<problem.rows] {
    kernels.denseForward(call(rows, x: x, y: y), forward)
    kernels.denseBackward(call(rows, x: dx, y: dy), backward)
  }
  let initial = options.accumulatesOnto.map { Scalar($0) } ?? .nan
  let dWeight = arena.array(count: problem.weight.count, repeating: initial)
  let dBias = arena.array(count: problem.bias.count, repeating: initial)
  for task in 0..<layout.gradientTasks {
    kernels.denseGradient(
      call(firstRow..<problem.rows, x: x, y: dy), task, dWeight,
      wantsBiasGradient ? dBias : nil, options.accumulatesOnto != nil,
      arena.array(count: layout.gradientScratch))
  }
  return DenseRun(
    y: values(y, rows: problem.rows, width: problem.outputs, stride: yStride),
    dx: values(dx, rows: problem.rows, width: problem.inputs, stride: xStride),
    dWeight: values(dWeight, count: problem.weight.count),
    dBias: values(dBias, count: problem.bias.count), isClean: arena.isIntact())
}
