import KernelInterface

/// Forward pass of one shard: every chunk of rows goes through all timesteps, with no other
/// thread to wait for.
func lstmForward(_ call: LSTMForwardCall<Float>) {
  let rows = EvenSplit(call.rows.count, limit: chunkRows)
  for chunk in 0..<rows.count {
    let start = call.rows.lowerBound + rows.start(chunk)
    ForwardChunk(call, rows: start..<start + rows.size(chunk)).run()
  }
}

private struct ForwardChunk {
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let rows: Range<Int>
  let stride: Int
  /// Blocks of the fused product over x and h.
  let blocks: EvenSplit
  /// Blocks of the product over c, for a full peephole; none otherwise.
  let peepholeBlocks: EvenSplit
  let lastBlock: Int

  init(_ call: LSTMForwardCall<Float>, rows: Range<Int>) {
    self.call = call
    self.rows = rows
    panels = LSTMPanels(call.shape)
    stride = panels.hiddenStride
    blocks = EvenSplit(panels.steps, limit: blockSteps(width: 4))
    peepholeBlocks = EvenSplit(call.shape.hidden, limit: blockSteps(width: 3))
    lastBlock = blocks.count - 1 + (call.shape.peephole == .full ? peepholeBlocks.count : 0)
  }

  func run() {
    let tiles = EvenSplit(rows.count, limit: maximumTileRows)
    for t in 0..<call.timesteps {
      for panel in 0..<panels.count {
        for block in 0...lastBlock {
          for tile in 0..<tiles.count {
            let row = rows.lowerBound + tiles.start(tile)
            switch tiles.size(tile) {
            case 1: compute(Tile1.self, Tile1.self, t, panel, block, row)
            case 2: compute(Tile2.self, Tile2.self, t, panel, block, row)
            #if KERNELS_AVX512 || (KERNELS_BASELINE && arch(arm64))
              case 3: compute(Tile3.self, Tile3.self, t, panel, block, row)
              case 4: compute(Tile4.self, Tile4.self, t, panel, block, row)
              case 5: compute(Tile5.self, Tile5.self, t, panel, block, row)
              default: compute(Tile6.self, Tile6.self, t, panel, block, row)
            #else
              default: compute(Tile3.self, Tile3.self, t, panel, block, row)
            #endif
            }
          }
        }
      }
    }
  }

  /// One block of the product for one tile; after the last block the cell update.
  @inline(__always)
  private func compute<T: Tile, U: Tile>(
    _: T.Type, _: U.Type, _ t: Int, _ panel: Int, _ block: Int, _ row: Int
  ) where T.C == Quad, U.C == Triple {
    let packed = call.packed + panel * panels.forwardPanel
    let partial = call.scratch + (row - rows.lowerBound) * panels.gatePitch
    var tile = T()
    if block == 0 {
      let bias = Quad(packed)
      for r in 0..<T.rows { tile[row: r] = bias }
    } else {
      for r in 0..<T.rows { tile[row: r] = Quad(partial + r * panels.gatePitch) }
    }
    if block < blocks.count {
      multiply(&tile, packed, t, block, row)
    } else {
      multiplyPeephole(&tile, U.self, packed, t, block - blocks.count, row)
    }
    if block == lastBlock {
      // In two passes over the rows: within one row the functions wait for each other, and the
      // processor looks ahead a row or two only.
      for r in 0..<T.rows { updateCell(&tile[row: r], packed, t, panel, row + r) }
      for r in 0..<T.rows { updateHidden(tile[row: r], t, panel, row + r) }
    } else {
      for r in 0..<T.rows {
        tile[row: r].write(partial + r * panels.gatePitch, first: panels.gatePitch)
      }
    }
  }

  @inline(__always)
  private func multiply<T: Tile>(
    _ tile: inout T, _ packed: UnsafePointer<Float>, _ t: Int, _ block: Int, _ row: Int
  ) where T.C == Quad {
    let features = call.shape.features
    let weights = packed + panels.weightsOffset
    let start = blocks.start(block)
    let end = start + blocks.size(block)
    if start < features {
      tile.multiply(
        call.input + (t * call.batch + row) * call.inputStride + start,
        rowStride: call.inputStride, stepStride: 1,
        weights: weights + start * 4 * lanes, steps: min(end, features) - start)
    }
    if end > features {
      let from = max(start, features)
      tile.multiply(
        hiddenBefore(t, row) + (from - features), rowStride: stride, stepStride: 1,
        weights: weights + from * 4 * lanes, steps: end - from)
    }
  }

  @inline(__always)
  private func multiplyPeephole<T: Tile, U: Tile>(
    _ tile: inout T, _: U.Type, _ packed: UnsafePointer<Float>, _ t: Int, _ block: Int, _ row: Int
  ) where T.C == Quad, U.C == Triple {
    var three = U()
    for r in 0..<T.rows {
      three[row: r].a = tile[row: r].a
      three[row: r].b = tile[row: r].b
      three[row: r].c = tile[row: r].d
    }
    let start = peepholeBlocks.start(block)
    three.multiply(
      cellBefore(t, row) + start, rowStride: stride, stepStride: 1,
      weights: packed + panels.peepholeOffset + start * 3 * lanes,
      steps: peepholeBlocks.size(block))
    for r in 0..<T.rows {
      tile[row: r].a = three[row: r].a
      tile[row: r].b = three[row: r].b
      tile[row: r].d = three[row: r].c
    }
  }

  /// Gates i, f, g and the new c of one row's panel, from its pre-activations; completes the
  /// pre-activation of o.
  @inline(__always)
  private func updateCell(
    _ z: inout Quad, _ packed: UnsafePointer<Float>, _ t: Int, _ panel: Int, _ row: Int
  ) {
    let unit = panel * lanes
    let before = load(cellBefore(t, row) + unit)
    let cell = call.cell + slot(t + 1, call.cellSlotMask, row) + unit
    if hasEnded(t, row) {
      store(before, cell)
      return
    }
    let diagonal = call.shape.peephole == .diagonal
    let peephole = packed + 4 * lanes
    if diagonal {
      z.a = fma(load(peephole), before, z.a)
      z.b = fma(load(peephole + lanes), before, z.b)
    }
    let i = sigmoid(z.a)
    let f = sigmoid(z.b)
    let g = hyperbolicTangent(z.c)
    let after = fma(i, g, f * before)
    if diagonal { z.d = fma(load(peephole + 2 * lanes), after, z.d) }
    store(after, cell)
    if let saved = savedGates(t, panel, row) {
      store(i, saved)
      store(f, saved + lanes)
      store(g, saved + 2 * lanes)
    }
  }

  /// Gate o and the new h of one row's panel, after `updateCell`.
  @inline(__always)
  private func updateHidden(_ z: Quad, _ t: Int, _ panel: Int, _ row: Int) {
    let unit = panel * lanes
    let hidden = call.hidden + slot(t + 1, call.hiddenSlotMask, row) + unit
    if hasEnded(t, row) {
      store(load(hiddenBefore(t, row) + unit), hidden)
      return
    }
    let o = sigmoid(z.d)
    let after = load(UnsafePointer(call.cell + slot(t + 1, call.cellSlotMask, row) + unit))
    store(o * hyperbolicTangent(after), hidden)
    if let saved = savedGates(t, panel, row) { store(o, saved + 3 * lanes) }
  }

  @inline(__always)
  private func hasEnded(_ t: Int, _ row: Int) -> Bool {
    guard let lengths = call.lengths else { return false }
    return t >= Int(lengths[row])
  }

  @inline(__always)
  private func savedGates(_ t: Int, _ panel: Int, _ row: Int) -> UnsafeMutablePointer<Float>? {
    guard let gates = call.gates else { return nil }
    return gates + ((panel * call.timesteps + t) * call.batch + row) * panels.gatePitch
  }

  @inline(__always)
  private func slot(_ t: Int, _ mask: Int, _ row: Int) -> Int {
    ((t & mask) * call.batch + row) * stride
  }

  @inline(__always)
  private func hiddenBefore(_ t: Int, _ row: Int) -> UnsafePointer<Float> {
    UnsafePointer(call.hidden + slot(t, call.hiddenSlotMask, row))
  }

  @inline(__always)
  private func cellBefore(_ t: Int, _ row: Int) -> UnsafePointer<Float> {
    UnsafePointer(call.cell + slot(t, call.cellSlotMask, row))
  }
}
