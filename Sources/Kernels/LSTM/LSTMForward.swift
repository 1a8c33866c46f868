import RowwiseKernelInterface

/// Forward pass of one shard: every chunk of rows goes through all timesteps, with no other
/// thread to wait for.
func lstmForward(_ call: LSTMForwardCall<Float>) {
  let rows = EvenSplit(call.rows.count, limit: chunkRows)
  for chunk in 0..<rows.count {
    let start = call.rows.lowerBound + rows.start(chunk)
    let cell = LSTMCellUpdate(
      call, rows: start..<start + rows.size(chunk), panels: LSTMPanels(call.shape))
    switch (rows.size(chunk) == 1, cell.panels.rounds) {
    case (true, false): SingleRowForward<SingleProduct>(cell).run()
    case (true, true): SingleRowForward<RoundedProduct>(cell).run()
    case (false, false): ForwardChunk<SingleProduct>(cell).run()
    case (false, true): ForwardChunk<RoundedProduct>(cell).run()
    }
  }
}

/// Several rows together: a panel's weights, once in the first-level cache, serve all of them.
private struct ForwardChunk<Rule: ProductRule> {
  let cell: LSTMCellUpdate
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let rows: Range<Int>
  /// Blocks of the fused product over x and h, and of that over x alone.
  let blocks: EvenSplit
  let inputBlocks: EvenSplit
  /// Blocks of the product over c, for a full peephole.
  let peepholeBlocks: EvenSplit

  init(_ cell: LSTMCellUpdate) {
    self.cell = cell
    call = cell.call
    panels = cell.panels
    rows = cell.rows
    blocks = EvenSplit(panels.steps, limit: blockSteps(width: 4))
    inputBlocks = EvenSplit(panels.inputSteps, limit: blockSteps(width: 4))
    peepholeBlocks = EvenSplit(call.shape.hidden, limit: blockSteps(width: 3))
  }

  func run() {
    // Few rows: several panels before their cells are updated, so that the processor always finds
    // cells that need not wait for each other.
    let groups = EvenSplit(panels.count, limit: max(1, chunkRows / rows.count))
    for t in 0..<call.timesteps {
      let operands = operands(t)
      for group in 0..<groups.count {
        let first = groups.start(group)
        let range = first..<first + groups.size(group)
        for panel in range {
          multiply(
            t, panel, operands,
            into: call.scratch + (panel - first) * rows.count * panels.gatePitch)
        }
        cell.update(t, panels: range, preactivations: call.scratch)
      }
    }
  }

  /// x_t and h_{t-1} of all rows, packed behind the pre-activations where the product wants pairs.
  private func operands(_ t: Int) -> Operands {
    let input = call.input + (t * call.batch + rows.lowerBound) * call.inputStride
    let hidden = cell.hiddenBefore(t, rows.lowerBound)
    guard panels.perLane > 1 else {
      return Operands(
        input: input, inputStride: call.inputStride, inputSteps: panels.inputSteps,
        hidden: hidden, hiddenStride: panels.hiddenStride)
    }
    let packed = call.scratch + chunkRows * panels.gatePitch
    for row in 0..<rows.count {
      let target = packed + row * panels.steps
      packPairs(input + row * call.inputStride, call.shape.features, into: target)
      packPairs(
        hidden + row * panels.hiddenStride, call.shape.hidden, into: target + panels.inputSteps)
    }
    return Operands(
      input: packed, inputStride: panels.steps, inputSteps: panels.inputSteps,
      hidden: packed + panels.inputSteps, hiddenStride: panels.steps)
  }

  /// The pre-activations of one panel for all rows, [row][i f g o].
  private func multiply(
    _ t: Int, _ panel: Int, _ operands: Operands, into z: UnsafeMutablePointer<Float>
  ) {
    let packed = call.packed + panel * panels.forwardPanel
    let saved = call.gates.map {
      $0 + ((panel * call.timesteps + t) * call.batch + rows.lowerBound) * panels.gatePitch
    }
    let hasState = t > 0 || !call.startsFromZero
    let blocks = hasState ? blocks : inputBlocks
    for block in 0..<blocks.count {
      let part = InputProduct<Rule>(
        operands: operands, bias: packed, weights: packed + panels.weightsOffset,
        isFirst: block == 0, start: blocks.start(block),
        end: blocks.start(block) + blocks.size(block), z: z,
        gates: block == 0 ? saved.map { UnsafePointer($0) } : nil)
      part(rows: rows.count)
    }
    guard hasState, call.shape.peephole == .full else { return }
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

/// Rows of the product's left side.
private struct Operands {
  let input: UnsafePointer<Float>
  let inputStride: Int
  let inputSteps: Int
  let hidden: UnsafePointer<Float>
  let hiddenStride: Int
}

/// z (+)= b + x W + h R for steps start ..< end of the fused product.
private struct InputProduct<Rule: ProductRule>: TileOperation {
  typealias C = QuadOf<Rule>
  let operands: Operands
  let bias: UnsafePointer<Float>
  let weights: UnsafePointer<Float>
  let isFirst: Bool
  let start: Int
  let end: Int
  let z: UnsafeMutablePointer<Float>
  /// Where the gates will be saved: asked for meanwhile, since nobody has used it for long.
  let gates: UnsafePointer<Float>?

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    if let gates { prefetchSecond(gates + row * 4 * lanes, T.rows * 4 * lanes) }
    let target = z + row * 4 * lanes
    var tile = T()
    if isFirst {
      let bias = C(bias)
      for r in 0..<T.rows { tile[row: r] = bias }
    } else {
      for r in 0..<T.rows { tile[row: r] = C(target + r * 4 * lanes) }
    }
    let steps = operands.inputSteps
    if start < steps {
      tile.multiply(
        operands.input + row * operands.inputStride + start, rowStride: operands.inputStride,
        stepStride: 1, weights: weights + start * 4 * lanes, steps: min(end, steps) - start)
    }
    if end > steps {
      let from = max(start, steps)
      tile.multiply(
        operands.hidden + row * operands.hiddenStride + (from - steps),
        rowStride: operands.hiddenStride, stepStride: 1, weights: weights + from * 4 * lanes,
        steps: end - from)
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
