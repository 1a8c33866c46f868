import RowwiseCompute
import RowwiseKernelInterface

/// One step of a layer-normalised LSTM and the way back, in Double.
struct NormalizedProblem: Sendable {
  var features: Int
  var hidden: Int
  var rows: Int
  /// x [rows, D], h and c [rows, H], W [D, 4H], R [H, 4H].
  var x: [Double]
  var h: [Double]
  var c: [Double]
  var inputWeight: [Double]
  var recurrentWeight: [Double]
  /// γ_x, γ_h, b [4H], γ_c and b_c [H].
  var inputGain: [Double]
  var recurrentGain: [Double]
  var bias: [Double]
  var cellGain: [Double]
  var cellBias: [Double]
  /// Gradients by the h and the c that come out, [rows, H].
  var hiddenGradient: [Double]
  var cellGradient: [Double]
  /// Rows that have no such timestep.
  var ended: Set<Int> = []

  /// A random problem. The weights' rows have means of up to `mean` times their deviation.
  static func random(
    features: Int, hidden: Int, rows: Int, mean: Double = 1, seed: Int
  ) -> NormalizedProblem {
    var random = TestRandom(seed: seed)
    func weight(_ inputs: Int) -> [Double] {
      let scale = 1 / Double(inputs).squareRoot()
      return (0..<inputs).flatMap { _ in
        let offset = random.uniform(1, scale: mean * scale)[0]
        return random.uniform(4 * hidden, scale: scale).map { Double(Float($0 + offset)) }
      }
    }
    return NormalizedProblem(
      features: features, hidden: hidden, rows: rows, x: random.uniform(rows * features),
      h: random.uniform(rows * hidden), c: random.uniform(rows * hidden),
      inputWeight: weight(features), recurrentWeight: weight(hidden),
      inputGain: random.uniform(4 * hidden), recurrentGain: random.uniform(4 * hidden),
      bias: random.uniform(4 * hidden), cellGain: random.uniform(hidden),
      cellBias: random.uniform(hidden), hiddenGradient: random.uniform(rows * hidden),
      cellGradient: random.uniform(rows * hidden))
  }
}

/// What the kernels make of it.
struct NormalizedRun: Equatable {
  /// u and v, [rows, 4H], and their 1/σ.
  var inputSums: [Double] = []
  var recurrentSums: [Double] = []
  var inputScale: [Double] = []
  var recurrentScale: [Double] = []
  /// h and c, [rows, H].
  var hidden: [Double] = []
  var cell: [Double] = []
  /// By u, by v, [rows, 4H]; what goes straight to the h before, and by the c before, [rows, H].
  var inputGradient: [Double] = []
  var recurrentGradient: [Double] = []
  var hiddenGradient: [Double] = []
  var cellGradient: [Double] = []
  /// By γ_x, γ_h, b, γ_c, b_c, a row for some rows of the batch.
  var parameters: [Double] = []
  /// Nothing outside the arrays was written.
  var isClean = false
}

/// Runs products, cell and the way back; see `LSTMRunOptions` for the options.
func run<Scalar: ComputeScalar>(
  _ kernels: KernelSet<Scalar>, on problem: NormalizedProblem, _ options: LSTMRunOptions = .init(),
  parameterRows: Int = 4
) -> NormalizedRun {
  let (count, columns) = (problem.hidden, 4 * problem.hidden)
  let arena = Arena<Scalar>(
    misalignment: options.misalignment, endsWithMemory: options.endsWithMemory)
  let sumsStride = columns + options.padding
  let stateStride = count + options.padding
  /// One side's values, its sums-to-be, and a call for all rows.
  func side(
    _ inputs: Int, _ values: [Double], _ weight: [Double]
  ) -> (call: DenseCall<Scalar>, packed: UnsafePointer<Scalar>) {
    let dense = kernels.denseLayout(inputs, columns)
    let centered = arena.array(count: inputs * columns)
    kernels.cells.normalized.center(arena.array(weight), inputs, columns, centered)
    let packed = arena.array(count: dense.packedForwardCount)
    kernels.densePack(
      inputs, columns, centered, arena.array(count: columns, repeating: 0), packed, nil)
    let stride = inputs + options.padding
    let call = DenseCall(
      inputs: inputs, outputs: columns, rows: 0..<problem.rows,
      x: arena.rows(values, width: inputs, stride: stride, filler: 777), xStride: stride,
      y: arena.array(count: problem.rows * sumsStride), yStride: sumsStride)
    return (call, UnsafePointer(packed))
  }
  func states(_ values: [Double]) -> UnsafeMutablePointer<Scalar> {
    arena.rows(values, width: count, stride: stateStride, filler: 333)
  }
  let input = side(problem.features, problem.x, problem.inputWeight)
  let recurrent = side(count, problem.h, problem.recurrentWeight)
  let lengths = (0..<problem.rows).map { Int32(problem.ended.contains($0) ? 0 : 1) }
  let before = (h: states(problem.h), c: states(problem.c))
  let after = (
    h: arena.array(count: problem.rows * stateStride),
    c: arena.array(count: problem.rows * stateStride)
  )
  let statistics = arena.array(count: problem.rows * 8)
  let gates = arena.array(count: problem.rows * sumsStride)
  let weights = CellParameters<Scalar>.Normalization(
    inputGain: arena.array(problem.inputGain), recurrentGain: arena.array(problem.recurrentGain),
    bias: arena.array(problem.bias), cellGain: arena.array(problem.cellGain),
    cellBias: arena.array(problem.cellBias))
  let scratch = arena.array(count: kernels.cells.normalized.scratch(count))
  let gradients = (h: states(problem.hiddenGradient), c: states(problem.cellGradient))
  let width = 14 * count
  let blocks = (problem.rows + parameterRows - 1) / parameterRows
  let parameters = arena.array(count: blocks * width, repeating: 0)
  let shards = options.shards ?? [0..<problem.rows]
  func step(_ rows: Range<Int>, _ lengths: UnsafePointer<Int32>?) -> CellCall<Scalar> {
    var step = CellCall(
      cell: .layerNormalized, hidden: count, timestep: 0, rows: rows, lengths: lengths,
      sums: input.call.y, recurrentSums: recurrent.call.y, sumsStride: sumsStride,
      hiddenBefore: before.h, hiddenAfter: after.h, hiddenStride: stateStride)
    step.cellState = (before: UnsafePointer(before.c), after: after.c)
    step.normalized = .init(gates: gates, statistics: statistics, scratch: scratch)
    step.parameters.normalization = weights
    return step
  }
  func sums(_ p: UnsafePointer<Scalar>) -> [Double] {
    values(p, rows: problem.rows, width: columns, stride: sumsStride)
  }
  func state(_ p: UnsafePointer<Scalar>) -> [Double] {
    values(p, rows: problem.rows, width: count, stride: stateStride)
  }
  func scales(_ side: Int) -> [Double] {
    (0..<problem.rows).filter { !problem.ended.contains($0) }
      .map { Double(statistics[$0 * 8 + side]) }
  }
  var result = NormalizedRun()
  lengths.withUnsafeBufferPointer { lengths in
    for rows in shards {
      func part(_ call: DenseCall<Scalar>) -> DenseCall<Scalar> {
        var call = call
        call.rows = rows
        return call
      }
      kernels.denseForward(part(input.call), input.packed)
      kernels.denseForward(part(recurrent.call), recurrent.packed)
      kernels.cells.forward(step(rows, lengths.baseAddress))
    }
    result.inputSums = sums(input.call.y)
    result.recurrentSums = sums(recurrent.call.y)
    result.inputScale = scales(0)
    result.recurrentScale = scales(1)
    for rows in shards {
      kernels.cells.backward(
        step(rows, lengths.baseAddress),
        CellGradients(
          output: nil, outputStride: 0, hidden: gradients.h, cell: gradients.c,
          parameters: parameters, parameterStride: width, parameterRows: parameterRows))
    }
  }
  result.hidden = state(after.h)
  result.cell = state(after.c)
  result.inputGradient = sums(input.call.y)
  result.recurrentGradient = sums(recurrent.call.y)
  result.hiddenGradient = state(gradients.h)
  result.cellGradient = state(gradients.c)
  result.parameters = values(parameters, count: blocks * width)
  result.isClean = arena.isIntact()
  return result
}
