import KernelInterface

/// One sequence alone, where every weight is used once a timestep and fetching it is what takes
/// time: the products over x are formed for many timesteps together, which fetches W once for all
/// of them, and the panels are taken in turns from front to back and back to front, so that what is
/// left of R in the first-level cache is used first. The sums' order is that of `ForwardChunk`.
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
        call.packed + panel * panels.forwardPanel + panels.weightsOffset
        + call.shape.features * panels.gatePitch
      let target = z + panel * panels.gatePitch
      if pairs.size(pair) == 2 {
        multiplyPair(hidden, weights, weights + panels.forwardPanel, target)
      } else {
        var tile = Tile1<Quad>()
        tile.r0 = Quad(target)
        tile.multiply(
          hidden, rowStride: 0, stepStride: 1, weights: weights, steps: call.shape.hidden)
        tile.r0.write(target, first: panels.gatePitch)
      }
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

  /// Two panels at once: eight sums hide the latency of a multiply-add, four do not.
  @inline(__always)
  private func multiplyPair(
    _ hidden: UnsafePointer<Float>, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
    _ z: UnsafeMutablePointer<Float>
  ) {
    var a = Quad(z)
    var b = Quad(z + panels.gatePitch)
    var (first, second) = (first, second)
    for k in 0..<call.shape.hidden {
      let x = Vector(repeating: hidden[k])
      for column in 0..<4 {
        a.accumulate(x, load(first + column * lanes), column: column)
        b.accumulate(x, load(second + column * lanes), column: column)
      }
      first += panels.gatePitch
      second += panels.gatePitch
    }
    a.write(z, first: panels.gatePitch)
    b.write(z + panels.gatePitch, first: panels.gatePitch)
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
