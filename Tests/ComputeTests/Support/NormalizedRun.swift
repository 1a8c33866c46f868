import Compute
import KernelInterface

/// A layer-normalised LSTM's products and what goes back into them, in Double.
struct NormalizedProblem: Sendable {
  var features: Int
  var hidden: Int
  var rows: Int
  /// x [rows, D], h [rows, H], W [D, 4H], R [H, 4H], γ_x and γ_h [4H], δz [rows, 4H].
  var x: [Double]
  var h: [Double]
  var inputWeight: [Double]
  var recurrentWeight: [Double]
  var inputGain: [Double]
  var recurrentGain: [Double]
  var gates: [Double]
  /// The terms a and b of both sides, [rows, 4]; see `NormalizedKernels`.
  var terms: [Double]
  /// The first row of h that is not all zero, as the kernels are told.
  var firstRow = 0

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
      h: random.uniform(rows * hidden), inputWeight: weight(features),
      recurrentWeight: weight(hidden), inputGain: random.uniform(4 * hidden),
      recurrentGain: random.uniform(4 * hidden), gates: random.uniform(rows * 4 * hidden),
      terms: random.uniform(rows * 4, scale: 0.1))
  }
}

/// What the kernels make of it.
struct NormalizedRun: Equatable {
  /// u and v, [rows, 4H], and their 1/σ.
  var inputSums: [Double]
  var recurrentSums: [Double]
  var inputScale: [Double]
  var recurrentScale: [Double]
  /// By W, R, γ_x, γ_h, b.
  var gradients: [[Double]]
  /// Nothing outside the arrays was written.
  var isClean: Bool
}

/// Runs products and weight gradients; see `LSTMRunOptions` for the options.
func run<Scalar: ComputeScalar>(
  _ kernels: KernelSet<Scalar>, on problem: NormalizedProblem, _ options: LSTMRunOptions = .init()
) -> NormalizedRun {
  let normalized = kernels.cells.normalized
  let layout = normalized.layout(problem.features, problem.hidden)
  let arena = Arena<Scalar>(misalignment: options.misalignment)
  let columns = 4 * problem.hidden
  let sumsStride = columns + options.padding
  let statistics = arena.array(count: problem.rows * 8)
  /// One side's values, its sums-to-be, and a call for all rows.
  func side(
    _ inputs: Int, _ values: [Double], _ weight: [Double]
  ) -> (call: DenseCall<Scalar>, packed: UnsafePointer<Scalar>) {
    let dense = kernels.denseLayout(inputs, columns)
    let centered = arena.array(count: inputs * columns)
    normalized.center(arena.array(weight), inputs, columns, centered)
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
  let input = side(problem.features, problem.x, problem.inputWeight)
  let recurrent = side(problem.hidden, problem.h, problem.recurrentWeight)
  let states = problem.rows * problem.hidden
  let (hiddenAfter, cellAfter) = (arena.array(count: states), arena.array(count: states))
  let gates = arena.array(count: problem.rows * sumsStride)
  let zeros = arena.array(count: max(states, columns), repeating: 0)
  let ones = arena.array(count: columns, repeating: 1)
  for rows in options.shards ?? [0..<problem.rows] {
    func part(_ call: DenseCall<Scalar>) -> DenseCall<Scalar> {
      var call = call
      call.rows = rows
      return call
    }
    kernels.denseForward(part(input.call), input.packed)
    kernels.denseForward(part(recurrent.call), recurrent.packed)
    var step = CellCall(
      cell: .layerNormalized, hidden: problem.hidden, timestep: 0, rows: rows, lengths: nil,
      sums: input.call.y, recurrentSums: recurrent.call.y, sumsStride: sumsStride,
      hiddenBefore: zeros, hiddenAfter: hiddenAfter, hiddenStride: problem.hidden)
    step.cellState = (before: UnsafePointer(zeros), after: cellAfter)
    step.normalized = .init(
      gates: gates, statistics: statistics, recurrentGradient: nil, inputGradient: nil)
    step.parameters.normalization = .init(
      inputGain: ones, recurrentGain: ones, bias: zeros, cellGain: ones, cellBias: zeros)
    kernels.cells.forward(step)
  }
  for (index, term) in problem.terms.enumerated() {
    statistics[index / 4 * 8 + 4 + index % 4] = Scalar(term)
  }
  let initial = options.accumulatesOnto.map { Scalar($0) } ?? .nan
  let counts = [problem.features * columns, problem.hidden * columns, columns, columns, columns]
  let gradients = counts.map { arena.array(count: $0, repeating: initial) }
  let call = NormalizedGradientCall(
    columns: columns, rows: problem.rows,
    gates: arena.rows(problem.gates, width: columns, stride: sumsStride, filler: 555),
    statistics: statistics, sumsStride: sumsStride,
    input: .init(
      inputs: problem.features, values: input.call.x, stride: input.call.xStride,
      sums: input.call.y,
      gain: arena.array(problem.inputGain), weightGradient: gradients[0],
      gainGradient: gradients[2]),
    recurrent: .init(
      inputs: problem.hidden, values: recurrent.call.x, stride: recurrent.call.xStride,
      sums: recurrent.call.y, gain: arena.array(problem.recurrentGain), firstRow: problem.firstRow,

      weightGradient: gradients[1], gainGradient: gradients[3]),
    biasGradient: gradients[4], accumulates: options.accumulatesOnto != nil,
    scratch: arena.array(count: layout.gradientScratch))
  for task in 0..<layout.gradientTasks { normalized.gradient(call, task) }
  func scales(_ side: Int) -> [Double] {
    (0..<problem.rows).map { Double(statistics[$0 * 8 + side]) }
  }
  return NormalizedRun(
    inputSums: values(input.call.y, rows: problem.rows, width: columns, stride: sumsStride),
    recurrentSums: values(recurrent.call.y, rows: problem.rows, width: columns, stride: sumsStride),
    inputScale: scales(0), recurrentScale: scales(1),
    gradients: zip(gradients, counts).map { values($0, count: $1) }, isClean: arena.isIntact())
}
