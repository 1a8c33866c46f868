import KernelInterface

/// Forward pass of one shard: every chunk of rows goes through all timesteps, with no other
/// thread to wait for.
func lstmForward(_ call: LSTMForwardCall<Float>) {
  let rows = EvenSplit(call.rows.count, limit: chunkRows)
  for chunk in 0..<rows.count {
    let start = call.rows.lowerBound + rows.start(chunk)
    let cell = LSTMCellUpdate(call, rows: start..<start + rows.size(chunk))
    if rows.size(chunk) == 1 {
      SingleRowForward(cell).run()
    } else {
      ForwardChunk(cell).run()
    }
  }
}

/// Several rows together: a panel's weights, once in the first-level cache, serve all of them.
private struct ForwardChunk {
  let cell: LSTMCellUpdate
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let rows: Range<Int>
  /// Blocks of the fused product over x and h.
  let blocks: EvenSplit
  /// Blocks of the product over c, for a full peephole.
  let peepholeBlocks: EvenSplit

  init(_ cell: LSTMCellUpdate) {
    self.cell = cell
    call = cell.call
    panels = cell.panels
    rows = cell.rows
    blocks = EvenSplit(panels.steps, limit: blockSteps(width: 4))
    peepholeBlocks = EvenSplit(call.shape.hidden, limit: blockSteps(width: 3))
  }

  func run() {
    // Few rows: several panels before their cells are updated, so that the processor always finds
    // cells that need not wait for each other.
    let groups = EvenSplit(panels.count, limit: max(1, chunkRows / rows.count))
    for t in 0..<call.timesteps {
      for group in 0..<groups.count {
        let first = groups.start(group)
        let range = first..<first + groups.size(group)
        for panel in range {
          multiply(
            t, panel, into: call.scratch + (panel - first) * rows.count * panels.gatePitch)
        }
        cell.update(t, panels: range, preactivations: call.scratch)
      }
    }
  }

  /// The pre-activations of one panel for all rows, [row][i f g o].
  private func multiply(_ t: Int, _ panel: Int, into z: UnsafeMutablePointer<Float>) {
    let packed = call.packed + panel * panels.forwardPanel
    for block in 0..<blocks.count {
      let part = InputProduct(
        call: call, panels: panels, packed: packed, isFirst: block == 0,
        start: blocks.start(block), end: blocks.start(block) + blocks.size(block),
        input: call.input + (t * call.batch + rows.lowerBound) * call.inputStride,
        hidden: cell.hiddenBefore(t, rows.lowerBound), z: z)
      part(rows: rows.count)
    }
    guard call.shape.peephole == .full else { return }
    for block in 0..<peepholeBlocks.count {
      let start = peepholeBlocks.start(block)
      let part = PeepholeProduct(
        cell: cell.cellBefore(t, rows.lowerBound) + start, stride: panels.hiddenStride,
        weights: packed + panels.peepholeOffset + start * 3 * lanes,
        steps: peepholeBlocks.size(block), z: z)
      part(rows: rows.count)
    }
  }
}

/// z (+)= b + x W + h R for steps start ..< end of the fused product.
private struct InputProduct: TileOperation {
  typealias C = Quad
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let packed: UnsafePointer<Float>
  let isFirst: Bool
  let start: Int
  let end: Int
  let input: UnsafePointer<Float>
  let hidden: UnsafePointer<Float>
  let z: UnsafeMutablePointer<Float>

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == Quad {
    let features = call.shape.features
    let target = z + row * 4 * lanes
    var tile = T()
    if isFirst {
      let bias = Quad(packed)
      for r in 0..<T.rows { tile[row: r] = bias }
    } else {
      for r in 0..<T.rows { tile[row: r] = Quad(target + r * 4 * lanes) }
    }
    let weights = packed + panels.weightsOffset
    if start < features {
      tile.multiply(
        input + row * call.inputStride + start, rowStride: call.inputStride, stepStride: 1,
        weights: weights + start * 4 * lanes, steps: min(end, features) - start)
    }
    if end > features {
      let from = max(start, features)
      tile.multiply(
        hidden + row * panels.hiddenStride + (from - features), rowStride: panels.hiddenStride,
        stepStride: 1, weights: weights + from * 4 * lanes, steps: end - from)
    }
    for r in 0..<T.rows { tile[row: r].write(target + r * 4 * lanes, first: 4 * lanes) }
  }
}

/// z += c P in the gates i, f and o, for a full peephole.
struct PeepholeProduct: TileOperation {
  typealias C = Triple
  let cell: UnsafePointer<Float>
  let stride: Int
  let weights: UnsafePointer<Float>
  let steps: Int
  let z: UnsafeMutablePointer<Float>

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == Triple {
    var tile = T()
    for r in 0..<T.rows {
      let source = z + (row + r) * 4 * lanes
      tile[row: r].a = load(source)
      tile[row: r].b = load(source + lanes)
      tile[row: r].c = load(source + 3 * lanes)
    }
    tile.multiply(
      cell + row * stride, rowStride: stride, stepStride: 1, weights: weights, steps: steps)
    for r in 0..<T.rows {
      let target = z + (row + r) * 4 * lanes
      store(tile[row: r].a, target)
      store(tile[row: r].b, target + lanes)
      store(tile[row: r].c, target + 3 * lanes)
    }
  }
}
