import KernelInterface

/// One sequence alone, where every weight is used once a timestep and fetching it is what takes
/// time: the products over x are formed for many timesteps together, which fetches W once for all
/// of them, and the panels are taken in turns from front to back and back to front, so that what is
/// left of R in the first-level cache is used first. With `Precision.bfloat16` R comes in its half
/// size. The sums' order is that of `ForwardChunk`.
struct SingleRowForward {
  let cell: LSTMCellUpdate
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let row: Int

  init(_ cell: LSTMCellUpdate) {
    self.cell = cell
    call = cell.call
    panels = cell.panels
    row = cell.rows.lowerBound
  }

  func run() {
    var first = 0
    while first < call.timesteps {
      let count = min(hoistedSteps, call.timesteps - first)
      for panel in 0..<panels.count { multiplyInput(panel, first, count) }
      for t in first..<first + count {
        let z = call.scratch + (t - first) * panels.gateSteps
        multiplyHidden(t, z)
        cell.update(t, panels: 0..<panels.count, preactivations: z)
      }
      first += count
    }
  }

  /// z_t = b + x_t W of one panel for timesteps first ..< first + count.
  private func multiplyInput(_ panel: Int, _ first: Int, _ count: Int) {
    let stride = call.batch * call.inputStride
    let packed = call.packed + panel * panels.forwardPanel
    let product = HoistedProduct(
      input: call.input + first * stride + row * call.inputStride, inputStride: stride,
      bias: packed, weights: packed + panels.weightsOffset, steps: call.shape.features,
      z: call.scratch + panel * panels.gatePitch, zStride: panels.gateSteps)
    product(rows: count)
  }

  /// z += h_{t-1} R, and with a full peephole c_{t-1} P.
  private func multiplyHidden(_ t: Int, _ z: UnsafeMutablePointer<Float>) {
    let hidden = cell.hiddenBefore(t, row)
    let pairs = EvenSplit(panels.count, limit: 2)
    for index in 0..<pairs.count {
      let pair = t & 1 == 0 ? index : pairs.count - 1 - index
      let panel = pairs.start(pair)
      let weights =
        call.packed + panel * panels.forwardPanel
        + (panels.rounds
          ? panels.halfOffset : panels.weightsOffset + call.shape.features * panels.gatePitch)
      multiplyRecurrent(
        hidden, weights, count: pairs.size(pair), z + panel * panels.gatePitch)
    }
    guard call.shape.peephole == .full else { return }
    for index in 0..<panels.count {
      let panel = t & 1 == 0 ? index : panels.count - 1 - index
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
    switch (count, panels.rounds) {
    case (2, false): multiplyPair(hidden, FullWeights(p: weights), FullWeights(p: next), z)
    case (2, true): multiplyPair(hidden, HalfWeights(p: weights), HalfWeights(p: next), z)
    case (_, false): multiplyOne(hidden, FullWeights(p: weights), z)
    case (_, true): multiplyOne(hidden, HalfWeights(p: weights), z)
    }
  }

  @inline(__always)
  private func multiplyPair<W: RecurrentWeights>(
    _ hidden: UnsafePointer<Float>, _ first: W, _ second: W, _ z: UnsafeMutablePointer<Float>
  ) {
    var a = Quad(z)
    var b = Quad(z + panels.gatePitch)
    var (first, second) = (first, second)
    for k in 0..<call.shape.hidden {
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
    var sum = Quad(z)
    var weights = weights
    for k in 0..<call.shape.hidden {
      weights.accumulate(Vector(repeating: hidden[k]), to: &sum)
    }
    sum.write(z, first: panels.gatePitch)
  }
}

/// A panel's recurrent weights, a step after the other.
private protocol RecurrentWeights {
  /// sums += x · weights of this step; goes on to the next.
  mutating func accumulate(_ x: Vector, to sums: inout Quad)
}

/// [H][i f g o].
private struct FullWeights: RecurrentWeights {
  var p: UnsafePointer<Float>

  @inline(__always)
  mutating func accumulate(_ x: Vector, to sums: inout Quad) {
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
private struct HoistedProduct: TileOperation {
  typealias C = Quad
  let input: UnsafePointer<Float>
  let inputStride: Int
  let bias: UnsafePointer<Float>
  let weights: UnsafePointer<Float>
  let steps: Int
  let z: UnsafeMutablePointer<Float>
  let zStride: Int

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == Quad {
    var tile = T()
    let start = Quad(bias)
    for r in 0..<T.rows { tile[row: r] = start }
    tile.multiply(
      input + row * inputStride, rowStride: inputStride, stepStride: 1, weights: weights,
      steps: steps)
    for r in 0..<T.rows { tile[row: r].write(z + (row + r) * zStride, first: 4 * lanes) }
  }
}
