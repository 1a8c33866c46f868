import RowwiseKernelInterface

/// Backward pass of one shard; mirrors `lstmForward`.
func lstmBackward(_ call: LSTMBackwardCall<Float>) {
  let rows = EvenSplit(call.rows.count, limit: chunkRows)
  for chunk in 0..<rows.count {
    let start = call.rows.lowerBound + rows.start(chunk)
    let range = start..<start + rows.size(chunk)
    if call.shape.precision == .bfloat16 {
      BackwardChunk<RoundedProduct>(call, rows: range).run()
    } else {
      BackwardChunk<SingleProduct>(call, rows: range).run()
    }
  }
}

private struct BackwardChunk<Rule: ProductRule> {
  let call: LSTMBackwardCall<Float>
  let panels: LSTMPanels
  let rows: Range<Int>
  private let stride: Int

  init(_ call: LSTMBackwardCall<Float>, rows: Range<Int>) {
    self.call = call
    self.rows = rows
    panels = LSTMPanels(call.shape)
    stride = panels.hiddenStride
  }

  func run() {
    for t in (0..<call.timesteps).reversed() {
      for panel in 0..<panels.count {
        for row in rows where isActive(t, row) { differentiate(t, panel, row) }
        for row in rows where !isActive(t, row) {
          Quad().write(gates(t, panel, row), first: panels.gatePitch)
        }
      }
      guard t > 0 || !call.startsFromZero else { continue }
      packGates(t)
      // dh_{t-1} = dgates Rᵀ, and with a full peephole dc_{t-1} += dgates Pᵀ.
      product(
        t, columns: panels.recurrentColumns,
        into: Target(
          weights: call.packed, out: call.hiddenGradient, stride: stride, limit: stride,
          keepsEnded: true, next: t > 0 ? t - 1 : nil))
      if call.shape.peephole == .full { peepholeProduct(t) }
    }
    guard let dx = call.inputGradient else { return }
    for t in 0..<call.timesteps {
      packGates(t)
      let row = t * call.batch * call.inputGradientStride
      product(
        t, columns: panels.inputColumns,
        into: Target(
          weights: call.packed + panels.inputOffset, out: dx + row,
          stride: call.inputGradientStride, limit: call.shape.features, keepsEnded: false,
          next: t + 1 < call.timesteps ? t + 1 : nil))
    }
  }

  /// The gates' gradients in pairs, [panel][row], where the product wants them.
  private func packGates(_ t: Int) {
    guard panels.perLane > 1 else { return }
    for panel in 0..<panels.count {
      for row in rows {
        packPairs(gates(t, panel, row), panels.gatePitch, into: packedGates(panel, row))
      }
    }
  }

  @inline(__always)
  fileprivate func packedGates(_ panel: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
    call.scratch + chunkRows * panels.gatePitch
      + (panel * rows.count + row - rows.lowerBound) * panels.panelSteps
  }

  @inline(__always)
  fileprivate func isActive(_ t: Int, _ row: Int) -> Bool {
    guard let lengths = call.lengths else { return true }
    return t + call.firstTimestep < Int(lengths[row])
  }

  @inline(__always)
  fileprivate func gates(_ t: Int, _ panel: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
    call.gates + ((panel * call.timesteps + t) * call.batch + row) * panels.gatePitch
  }

  /// c_{t-1}.
  @inline(__always)
  fileprivate func cell(_ t: Int, _ panel: Int, _ row: Int) -> UnsafePointer<Float> {
    call.cell + (t * call.batch + row) * stride + panel * lanes
  }

  /// The gradient by h_t from the layer above.
  @inline(__always)
  fileprivate func outputGradient(_ t: Int, _ panel: Int, _ row: Int) -> UnsafePointer<Float>? {
    call.outputGradient.map {
      $0 + (t * call.batch + row) * call.outputGradientStride + panel * lanes
    }
  }

  /// The pointwise part: from dh_t and dc_t to the gates' gradients and the pointwise dc_{t-1}.
  @inline(__always)
  private func differentiate(_ t: Int, _ panel: Int, _ row: Int) {
    let unit = panel * lanes
    let saved = gates(t, panel, row)
    let gate = Quad(saved)
    let before = load(cell(t, panel, row))
    let after = load(cell(t + 1, panel, row))
    var dh = load(call.hiddenGradient + row * stride + unit)
    if let dy = outputGradient(t, panel, row) {
      dh += load(dy, first: call.shape.hidden - unit)
    }
    let dcell = call.cellGradient + row * stride + unit
    let one = Vector(repeating: 1)
    let squashed = hyperbolicTangent(after)
    var d = Quad()
    d.d = dh * squashed * (gate.d * (one - gate.d))
    var dc = fma(dh * gate.d, one - squashed * squashed, load(dcell))
    let peephole = call.packed + panels.peepholeBackwardOffset + panel * 3 * lanes
    let diagonal = call.shape.peephole == .diagonal
    if diagonal { dc = fma(d.d, load(peephole + 2 * lanes), dc) }
    d.a = dc * gate.c * (gate.a * (one - gate.a))
    d.b = dc * before * (gate.b * (one - gate.b))
    d.c = dc * gate.a * (one - gate.c * gate.c)
    var dcBefore = dc * gate.b
    if diagonal {
      dcBefore = fma(d.a, load(peephole), dcBefore)
      dcBefore = fma(d.b, load(peephole + lanes), dcBefore)
    }
    store(dcBefore, dcell)
    if panels.rounds {
      d.a = roundedToBFloat16(d.a)
      d.b = roundedToBFloat16(d.b)
      d.c = roundedToBFloat16(d.c)
      d.d = roundedToBFloat16(d.d)
    }
    d.write(saved, first: panels.gatePitch)
  }

  /// out[row] = dgates[t, row] · weights, for the chunk's rows.
  private func product(_ t: Int, columns: EvenSplit, into target: Target) {
    for q in 0..<columns.count {
      let part = target.part(
        q, of: columns.count, column: columns.start(q) * lanes, steps: panels.gateSteps)
      switch columns.size(q) {
      case 1: sweep(SingleOf<Rule>.self, t, part)
      case 2: sweep(PairOf<Rule>.self, t, part)
      case 3: sweep(TripleOf<Rule>.self, t, part)
      default: sweep(QuadOf<Rule>.self, t, part)
      }
    }
  }

  /// One column panel: blocks of gate panels outside, tiles of rows inside.
  private func sweep<C: Columns>(_: C.Type, _ t: Int, _ target: Target) {
    let blocks = EvenSplit(
      panels.count, limit: max(1, blockSteps(width: C.width) / panels.panelSteps))
    for block in 0..<blocks.count {
      let part = GateProduct<Rule, C>(
        chunk: self, t: t, target: target, first: blocks.start(block),
        count: blocks.size(block))
      part(rows: rows.count)
    }
  }

  /// dc_{t-1} += (di, df, do) Pᵀ.
  private func peepholeProduct(_ t: Int) {
    let columns = panels.recurrentColumns
    let target = Target(
      weights: call.packed + panels.peepholeBackwardOffset, out: call.cellGradient,
      stride: stride, limit: stride, keepsEnded: true, next: nil)
    for q in 0..<columns.count {
      let part = target.part(
        q, of: columns.count, column: columns.start(q) * lanes, steps: panels.count * 3 * lanes)
      switch columns.size(q) {
      case 1: peepholeSweep(Single.self, t, part)
      case 2: peepholeSweep(Pair.self, t, part)
      case 3: peepholeSweep(Triple.self, t, part)
      default: peepholeSweep(Quad.self, t, part)
      }
    }
  }

  private func peepholeSweep<C: Columns>(_: C.Type, _ t: Int, _ target: Target) {
    let blocks = EvenSplit(
      panels.count, limit: max(1, blockSteps(width: C.width) / (3 * lanes)))
    for block in 0..<blocks.count {
      let part = PeepholeGateProduct<Rule, C>(
        chunk: self, t: t, target: target, first: blocks.start(block),
        count: blocks.size(block))
      part(rows: rows.count)
    }
  }
}

/// Where a product over the gates' gradients goes, and what it multiplies them with.
private struct Target {
  var weights: UnsafePointer<Float>
  /// Of row 0.
  var out: UnsafeMutablePointer<Float>
  let stride: Int
  /// Elements of a row that are written at most.
  var limit: Int
  /// Whether rows are left alone that have ended.
  let keepsEnded: Bool
  /// The timestep that comes after this one: asked for meanwhile, since nobody has used it for long.
  let next: Int?
  /// Which of how many column panels this is.
  var index = 0
  var count = 1

  /// A column panel of it.
  func part(_ index: Int, of count: Int, column: Int, steps: Int) -> Target {
    var part = self
    part.weights += column * steps
    part.out += column
    part.limit -= column
    part.index = index
    part.count = count
    return part
  }

  /// Asks for what some rows have in some gate panels at the next timestep, one column panel for
  /// some of them each: the gates, and c and the gradients from above where the cells come next.
  @inline(__always)
  func fetchNext<Rule>(_ chunk: BackwardChunk<Rule>, _ panels: Range<Int>, row: Int, rows: Int) {
    guard let next else { return }
    var panel = panels.lowerBound + (index + count - panels.lowerBound % count) % count
    while panel < panels.upperBound {
      prefetchSecond(chunk.gates(next, panel, row), rows * chunk.panels.gatePitch)
      if keepsEnded {
        for row in row..<row + rows {
          prefetchSecond(chunk.cell(next, panel, row), lanes)
          if let dy = chunk.outputGradient(next, panel, row) { prefetchSecond(dy, lanes) }
        }
      }
      panel += count
    }
  }
}

/// One block of gate panels; the partial sums between blocks wait in scratch memory.
private struct GateProduct<Rule: ProductRule, C: Columns>: TileOperation {
  let chunk: BackwardChunk<Rule>
  let t: Int
  let target: Target
  /// The gate panels.
  let first: Int
  let count: Int

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    let panels = chunk.panels
    let width = C.width * lanes
    let partial = chunk.call.scratch + row * panels.gatePitch
    let row = chunk.rows.lowerBound + row
    target.fetchNext(chunk, first..<first + count, row: row, rows: T.rows)
    var tile = T()
    if first > 0 {
      for r in 0..<T.rows { tile[row: r] = C(partial + r * panels.gatePitch) }
    }
    for panel in first..<first + count {
      tile.multiply(
        panels.perLane > 1 ? chunk.packedGates(panel, row) : chunk.gates(t, panel, row),
        rowStride: panels.panelSteps, stepStride: 1,
        weights: target.weights + panel * panels.panelSteps * width, steps: panels.panelSteps)
    }
    if first + count < panels.count {
      for r in 0..<T.rows { tile[row: r].write(partial + r * panels.gatePitch, first: width) }
      return
    }
    for r in 0..<T.rows where !target.keepsEnded || chunk.isActive(t, row + r) {
      tile[row: r].write(target.out + (row + r) * target.stride, first: target.limit)
    }
  }
}

/// Adds one block of the peephole product to dc; rows that have ended have zero gradients.
private struct PeepholeGateProduct<Rule: ProductRule, C: Columns>: TileOperation {
  let chunk: BackwardChunk<Rule>
  let t: Int
  let target: Target
  /// The gate panels.
  let first: Int
  let count: Int

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    let pitch = chunk.panels.gatePitch
    let width = C.width * lanes
    let row = chunk.rows.lowerBound + row
    var tile = T()
    for r in 0..<T.rows { tile[row: r] = C(target.out + (row + r) * target.stride) }
    for panel in first..<first + count {
      let weights = target.weights + panel * 3 * lanes * width
      let d = chunk.gates(t, panel, row)
      tile.multiply(d, rowStride: pitch, stepStride: 1, weights: weights, steps: 2 * lanes)
      tile.multiply(
        d + 3 * lanes, rowStride: pitch, stepStride: 1, weights: weights + 2 * lanes * width,
        steps: lanes)
    }
    for r in 0..<T.rows {
      tile[row: r].write(target.out + (row + r) * target.stride, first: target.limit)
    }
  }
}
