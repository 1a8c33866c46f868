import RowwiseKernelInterface

/// Forward pass of one shard with products of whole numbers, for predictions only: gates are not kept.
///
/// x is rounded with a scale for each timestep of each row, its largest magnitude / 127. h is less than 1,
/// so that 1/127 serves every row of every timestep without looking for a maximum; only a state that was
/// learned may be larger and has its own.
func lstmForwardWhole<Rule: WholeProduct>(_ call: LSTMForwardCall<Float>, _: Rule.Type) {
  let rows = EvenSplit(call.rows.count, limit: chunkRows)
  for chunk in 0..<rows.count {
    let start = call.rows.lowerBound + rows.start(chunk)
    let panels = LSTMPanels(call.shape, wholePerLane: Rule.numbersPerLane)
    let cell = LSTMCellUpdate(call, rows: start..<start + rows.size(chunk), panels: panels)
    WholeForward<Rule>(cell).run()
  }
}

/// Some rows through all timesteps.
private struct WholeForward<Rule: WholeProduct> {
  let cell: LSTMCellUpdate
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let rows: Range<Int>
  /// x_t and h_{t-1} of all rows as whole numbers, and what these are to be multiplied by.
  let operands: WholeOperands
  /// Of the cells' full peephole.
  let peepholeBlocks: EvenSplit

  init(_ cell: LSTMCellUpdate) {
    self.cell = cell
    call = cell.call
    panels = cell.panels
    rows = cell.rows
    operands = WholeOperands(panels, start: call.scratch + panels.wholePreactivations)
    peepholeBlocks = EvenSplit(call.shape.hidden, limit: blockSteps(width: 3))
  }

  func run() {
    if rows.count == 1 { runSingle() } else { runTogether() }
  }

  /// A panel's weights serve all rows. Few rows: several panels before their cells are updated, so that the
  /// processor always finds cells that need not wait for each other.
  private func runTogether() {
    let groups = EvenSplit(panels.count, limit: max(1, chunkRows / rows.count))
    for t in 0..<call.timesteps {
      let hasState = prepareOperands(t)
      for group in 0..<groups.count {
        let first = groups.start(group)
        let range = first..<first + groups.size(group)
        for panel in range {
          let z = call.scratch + (panel - first) * rows.count * panels.gatePitch
          let product = WholeTiles<Rule>(
            panels: panels, packed: call.packed + panel * panels.forwardPanel,
            operands: operands, hasState: hasState, z: z)
          product(rows: rows.count)
          if hasState { multiplyPeephole(t, panel, into: z) }
        }
        cell.update(t, panels: range, preactivations: call.scratch)
      }
    }
  }

  /// One row alone: two panels at once, whose eight sums hide a product's latency; panels in turns to and
  /// fro, so that what is left of the weights in the first-level cache is used first.
  private func runSingle() {
    let range = call.share?.groups ?? 0..<panels.count
    let pairs = EvenSplit(range.count, limit: 2)
    for t in call.share?.steps ?? 0..<call.timesteps {
      let hasState = prepareOperands(t)
      for index in 0..<pairs.count {
        let pair = t & 1 == 0 ? index : pairs.count - 1 - index
        let panel = range.lowerBound + pairs.start(pair)
        let product = WholePair<Rule>(
          panels: panels, packed: call.packed + panel * panels.forwardPanel, operands: operands,
          hasState: hasState, z: call.scratch + panel * panels.gatePitch)
        if pairs.size(pair) == 2 { product.multiplyTwo() } else { product.multiplyOne() }
      }
      if hasState, call.shape.peephole == .full {
        for panel in range {
          multiplyPeephole(t, panel, into: call.scratch + panel * panels.gatePitch)
        }
      }
      cell.update(
        t, panels: range,
        preactivations: call.scratch + range.lowerBound * panels.gatePitch)
    }
  }

  /// Rounds x_t and h_{t-1} of all rows.
  ///
  /// - Returns: whether there is an h.
  private func prepareOperands(_ t: Int) -> Bool {
    let hasState = t > 0 || !call.startsFromZero
    for row in 0..<rows.count {
      let x =
        call.input + (t * call.batch + rows.lowerBound + row) * call.inputStride
      operands.takeInput(x, row, Rule.self)
      if hasState {
        operands.takeHidden(
          cell.hiddenBefore(t, rows.lowerBound + row), row, isFirst: t == 0, Rule.self)
      }
    }
    return hasState
  }

  /// z += c_{t-1} P, in single precision.
  private func multiplyPeephole(_ t: Int, _ panel: Int, into z: UnsafeMutablePointer<Float>) {
    guard call.shape.peephole == .full else { return }
    let packed = call.packed + panel * panels.forwardPanel
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

/// Rows of x and of h as whole numbers with their scales.
private struct WholeOperands {
  let panels: LSTMPanels
  let input: UnsafeMutablePointer<Float>
  let hidden: UnsafeMutablePointer<Float>
  let inputScales: UnsafeMutablePointer<Float>
  let hiddenScales: UnsafeMutablePointer<Float>

  init(_ panels: LSTMPanels, start: UnsafeMutablePointer<Float>) {
    self.panels = panels
    input = start
    hidden = input + chunkRows * panels.wholeInputPitch
    inputScales = hidden + chunkRows * panels.wholeHiddenPitch
    hiddenScales = inputScales + chunkRows
  }

  /// Smaller numbers than these are taken for zeros: 127 over them must be finite.
  private var least: Float { 1e-30 }

  @inline(__always)
  func takeInput<Rule: WholeProduct>(_ x: UnsafePointer<Float>, _ row: Int, _: Rule.Type) {
    let largest = largestMagnitude(x, panels.shape.features)
    let isZero = largest < least
    inputScales[row] = isZero ? 0 : largest / 127
    quantize(
      x, panels.shape.features, by: isZero ? 0 : 127 / largest, Rule.self,
      into: input + row * panels.wholeInputPitch)
  }

  @inline(__always)
  func takeHidden<Rule: WholeProduct>(
    _ h: UnsafePointer<Float>, _ row: Int, isFirst: Bool, _: Rule.Type
  ) {
    // |h_t| < 1, but for what the first one may be.
    let largest = isFirst ? max(1, largestMagnitude(h, panels.shape.hidden)) : 1
    hiddenScales[row] = largest / 127
    quantize(
      h, panels.shape.hidden, by: 127 / largest, Rule.self,
      into: hidden + row * panels.wholeHiddenPitch)
  }
}

/// z = b + x W + h R of one panel for tiles of rows, [row][i f g o].
private struct WholeTiles<Rule: WholeProduct>: TileOperation {
  typealias C = QuadOf<Rule>
  let panels: LSTMPanels
  let packed: UnsafePointer<Float>
  let operands: WholeOperands
  let hasState: Bool
  let z: UnsafeMutablePointer<Float>

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    let target = z + row * 4 * lanes
    var tile = T()
    let inputScales = packed + panels.inputScalesOffset
    let start = C(inputScales + 4 * lanes)
    for r in 0..<T.rows { tile[row: r] = start }
    tile.multiply(
      operands.input + row * panels.wholeInputPitch, rowStride: panels.wholeInputPitch,
      stepStride: 1, weights: packed + panels.weightsOffset, steps: panels.inputSteps)
    let bias = C(packed)
    for r in 0..<T.rows {
      tile[row: r].scaled(operands.inputScales[row + r], inputScales, plus: bias)
        .write(target + r * 4 * lanes, first: 4 * lanes)
    }
    guard hasState else { return }
    let hiddenScales = packed + panels.hiddenScalesOffset
    let hiddenStart = C(hiddenScales + 4 * lanes)
    for r in 0..<T.rows { tile[row: r] = hiddenStart }
    tile.multiply(
      operands.hidden + row * panels.wholeHiddenPitch, rowStride: panels.wholeHiddenPitch,
      stepStride: 1, weights: packed + panels.recurrentOffset, steps: panels.hiddenSteps)
    for r in 0..<T.rows {
      let before = C(target + r * 4 * lanes)
      tile[row: r].scaled(operands.hiddenScales[row + r], hiddenScales, plus: before)
        .write(target + r * 4 * lanes, first: 4 * lanes)
    }
  }
}

/// The same of one or two panels for one row.
private struct WholePair<Rule: WholeProduct> {
  let panels: LSTMPanels
  let packed: UnsafePointer<Float>
  let operands: WholeOperands
  let hasState: Bool
  let z: UnsafeMutablePointer<Float>

  func multiplyTwo() {
    var before = (QuadOf<Rule>(packed), QuadOf<Rule>(packed + panels.forwardPanel))
    multiplyTwo(
      operands.input, panels.weightsOffset, steps: panels.inputSteps, panels.inputScalesOffset,
      operands.inputScales[0], &before)
    if hasState {
      multiplyTwo(
        operands.hidden, panels.recurrentOffset, steps: panels.hiddenSteps,
        panels.hiddenScalesOffset, operands.hiddenScales[0], &before)
    }
    before.0.write(z, first: panels.gatePitch)
    before.1.write(z + panels.gatePitch, first: panels.gatePitch)
  }

  func multiplyOne() {
    var before = QuadOf<Rule>(packed)
    multiplyOne(
      operands.input, panels.weightsOffset, steps: panels.inputSteps, panels.inputScalesOffset,
      operands.inputScales[0], &before)
    if hasState {
      multiplyOne(
        operands.hidden, panels.recurrentOffset, steps: panels.hiddenSteps,
        panels.hiddenScalesOffset, operands.hiddenScales[0], &before)
    }
    before.write(z, first: panels.gatePitch)
  }

  @inline(__always)
  private func multiplyTwo(
    _ x: UnsafePointer<Float>, _ weights: Int, steps: Int, _ scales: Int, _ rowScale: Float,
    _ before: inout (QuadOf<Rule>, QuadOf<Rule>)
  ) {
    let next = panels.forwardPanel
    var a = QuadOf<Rule>(packed + scales + 4 * lanes)
    var b = QuadOf<Rule>(packed + next + scales + 4 * lanes)
    var p = packed + weights
    for k in 0..<steps {
      let x = Vector(repeating: x[k])
      for column in 0..<4 {
        a.accumulate(x, load(p + column * lanes), column: column)
        b.accumulate(x, load(p + next + column * lanes), column: column)
      }
      p += 4 * lanes
    }
    before.0 = a.scaled(rowScale, packed + scales, plus: before.0)
    before.1 = b.scaled(rowScale, packed + next + scales, plus: before.1)
  }

  @inline(__always)
  private func multiplyOne(
    _ x: UnsafePointer<Float>, _ weights: Int, steps: Int, _ scales: Int, _ rowScale: Float,
    _ before: inout QuadOf<Rule>
  ) {
    var a = QuadOf<Rule>(packed + scales + 4 * lanes)
    var p = packed + weights
    for k in 0..<steps {
      let x = Vector(repeating: x[k])
      for column in 0..<4 { a.accumulate(x, load(p + column * lanes), column: column) }
      p += 4 * lanes
    }
    before = a.scaled(rowScale, packed + scales, plus: before)
  }
}

extension QuadOf {
  /// Sums of whole numbers times the scales of the row and of the columns, plus what was there.
  @inline(__always)
  fileprivate func scaled(
    _ row: Float, _ columns: UnsafePointer<Float>, plus before: Self
  ) -> Self {
    let row = Vector(repeating: row)
    var result = before
    result.a = wholeScaled(a, row, load(columns), plus: before.a)
    result.b = wholeScaled(b, row, load(columns + lanes), plus: before.b)
    result.c = wholeScaled(c, row, load(columns + 2 * lanes), plus: before.c)
    result.d = wholeScaled(d, row, load(columns + 3 * lanes), plus: before.d)
    return result
  }
}
