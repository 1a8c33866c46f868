import RowwiseKernelInterface

/// One sequence alone, where every weight is used once a timestep and fetching it is what takes
/// time: the products over x are formed for many timesteps together, which fetches W once for all
/// of them, and the panels are taken in turns from front to back and back to front, so that what is
/// left of R in the first-level cache is used first. With `Precision.bfloat16` R comes in its half
/// size. The sums' order is that of `ForwardChunk`.
struct SingleRowForward<Rule: ProductRule> {
  let cell: LSTMCellUpdate
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let row: Int
  /// What this call computes.
  let range: Range<Int>
  let steps: Range<Int>

  init(_ cell: LSTMCellUpdate) {
    self.cell = cell
    call = cell.call
    panels = cell.panels
    row = cell.rows.lowerBound
    range = call.share?.groups ?? 0..<panels.count
    steps = call.share?.steps ?? 0..<call.timesteps
  }

  func run() {
    for t in steps {
      let hoisted = t % hoistedSteps
      if hoisted == 0 { multiplyInputs(t, min(hoistedSteps, call.timesteps - t)) }
      let z = call.scratch + hoisted * panels.gateStride
      if t > 0 || !call.startsFromZero { multiplyHidden(t, z) }
      cell.update(t, panels: range, preactivations: z + range.lowerBound * panels.gatePitch)
    }
  }

  /// Packed operands, where the product wants pairs.
  private var packed: UnsafeMutablePointer<Float> {
    call.scratch + hoistedSteps * panels.gateStride
  }

  /// z_t = b + x_t W for timesteps first ..< first + count.
  private func multiplyInputs(_ first: Int, _ count: Int) {
    let stride = call.batch * call.inputStride
    let input = call.input + first * stride + row * call.inputStride
    let isPacked = panels.perLane > 1
    if isPacked {
      for t in 0..<count {
        packPairs(
          input + t * stride, call.shape.features, into: packed + t * panels.inputSteps)
      }
    }
    for panel in range {
      let weights = call.packed + panel * panels.forwardPanel
      let product = HoistedProduct<Rule>(
        input: isPacked ? UnsafePointer(packed) : input,
        inputStride: isPacked ? panels.inputSteps : stride, bias: weights,
        weights: weights + panels.weightsOffset, steps: panels.inputSteps,
        z: call.scratch + panel * panels.gatePitch, zStride: panels.gateStride)
      product(rows: count)
    }
  }

  /// h_{t-1} as the product wants it.
  private func operand(_ t: Int) -> UnsafePointer<Float> {
    let hidden = cell.hiddenBefore(t, row)
    guard panels.perLane > 1 else { return hidden }
    packPairs(hidden, call.shape.hidden, into: packed)
    return UnsafePointer(packed)
  }

  /// Whether R is read in half size, where the processor does not multiply pairs.
  private var isHalf: Bool { panels.rounds && panels.perLane == 1 }

  /// z += h_{t-1} R, and with a full peephole c_{t-1} P.
  private func multiplyHidden(_ t: Int, _ z: UnsafeMutablePointer<Float>) {
    let hidden = operand(t)
    let pairs = EvenSplit(range.count, limit: 2)
    for index in 0..<pairs.count {
      let pair = t & 1 == 0 ? index : pairs.count - 1 - index
      let panel = range.lowerBound + pairs.start(pair)
      let weights =
        call.packed + panel * panels.forwardPanel
        + (isHalf
          ? panels.halfOffset : panels.weightsOffset + panels.inputSteps * panels.gatePitch)
      multiplyRecurrent(
        hidden, weights, count: pairs.size(pair), z + panel * panels.gatePitch)
    }
    guard call.shape.peephole == .full else { return }
    for index in range {
      let panel = t & 1 == 0 ? index : range.lowerBound + range.upperBound - 1 - index
      let product = PeepholeProduct(
        cell: cell.cellBefore(t, row), stride: panels.hiddenStride,
        weights: call.packed + panel * panels.forwardPanel + panels.peepholeOffset,
        steps: call.shape.hidden, z: z + panel * panels.gatePitch)
      product(rows: 1)
    }
  }

  /// One panel, or two at once: eight sums hide the latency of a multiply-add, four do not.
  @inline(__always)
  private func multiplyRecurrent(
    _ hidden: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, count: Int,
    _ z: UnsafeMutablePointer<Float>
  ) {
    let next = weights + panels.forwardPanel
    switch (count, isHalf) {
    case (2, false):
      multiplyPair(hidden, FullWeights<Rule>(p: weights), FullWeights<Rule>(p: next), z)
    case (2, true): multiplyPair(hidden, HalfWeights(p: weights), HalfWeights(p: next), z)
    case (_, false): multiplyOne(hidden, FullWeights<Rule>(p: weights), z)
    case (_, true): multiplyOne(hidden, HalfWeights(p: weights), z)
    }
  }

  @inline(__always)
  private func multiplyPair<W: RecurrentWeights>(
    _ hidden: UnsafePointer<Float>, _ first: W, _ second: W, _ z: UnsafeMutablePointer<Float>
  ) {
    var a = W.Sums(z)
    var b = W.Sums(z + panels.gatePitch)
    var (first, second) = (first, second)
    for k in 0..<panels.hiddenSteps {
      let x = Vector(repeating: hidden[k])
      first.accumulate(x, to: &a)
      second.accumulate(x, to: &b)
    }
    a.write(z, first: panels.gatePitch)
    b.write(z + panels.gatePitch, first: panels.gatePitch)
  }

  @inline(__always)
  private func multiplyOne<W: RecurrentWeights>(
    _ hidden: UnsafePointer<Float>, _ weights: W, _ z: UnsafeMutablePointer<Float>
  ) {
    var sum = W.Sums(z)
    var weights = weights
    for k in 0..<panels.hiddenSteps {
      weights.accumulate(Vector(repeating: hidden[k]), to: &sum)
    }
    sum.write(z, first: panels.gatePitch)
  }
}

/// A panel's recurrent weights, a step after the other.
private protocol RecurrentWeights {
  associatedtype Sums: Columns
  /// sums += x · weights of this step; goes on to the next.
  mutating func accumulate(_ x: Vector, to sums: inout Sums)
}

/// [H][i f g o].
private struct FullWeights<Rule: ProductRule>: RecurrentWeights {
  var p: UnsafePointer<Float>

  @inline(__always)
  mutating func accumulate(_ x: Vector, to sums: inout QuadOf<Rule>) {
    for column in 0..<4 { sums.accumulate(x, load(p + column * lanes), column: column) }
    p += 4 * lanes
  }
}

/// [H][if go], two bfloat16 numbers in the bits of one.
private struct HalfWeights: RecurrentWeights {
  var p: UnsafePointer<Float>

  @inline(__always)
  mutating func accumulate(_ x: Vector, to sums: inout Quad) {
    let (i, f) = halves(load(p))
    let (g, o) = halves(load(p + lanes))
    sums.a = fma(x, i, sums.a)
    sums.b = fma(x, f, sums.b)
    sums.c = fma(x, g, sums.c)
    sums.d = fma(x, o, sums.d)
    p += 2 * lanes
  }

  @inline(__always)
  private func halves(_ both: Vector) -> (low: Vector, high: Vector) {
    let bits = unsafeBitCast(both, to: IntVector.self)
    let high = bits & IntVector(repeating: Int32(bitPattern: 0xFFFF_0000))
    return (unsafeBitCast(bits &<< 16, to: Vector.self), unsafeBitCast(high, to: Vector.self))
  }
}

/// z = b + x W for tiles of timesteps of one sequence.
private struct HoistedProduct<Rule: ProductRule>: TileOperation {
  typealias C = QuadOf<Rule>
  let input: UnsafePointer<Float>
  let inputStride: Int
  let bias: UnsafePointer<Float>
  let weights: UnsafePointer<Float>
  let steps: Int
  let z: UnsafeMutablePointer<Float>
  let zStride: Int

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    var tile = T()
    let start = C(bias)
    for r in 0..<T.rows { tile[row: r] = start }
    tile.multiply(
      input + row * inputStride, rowStride: inputStride, stepStride: 1, weights: weights,
      steps: steps)
    for r in 0..<T.rows { tile[row: r].write(z + (row + r) * zStride, first: 4 * lanes) }
  }
}
