import CRowwiseIntrinsics
import RowwiseKernelInterface

// Element-wise parts of recurrent layers; the equations are at `RecurrentCell`. Row by row, a
// vector of units after the other: those do not wait for each other.

/// From the sums of one timestep to h_t.
func cellForward(_ call: CellCall<Float>) {
  switch call.cell {
  case .simple: forward(SimpleRule.self, call)
  case .gru: forward(GRURule.self, call)
  case .gruResetBefore: forward(ResetBeforeRule.self, call)
  case .minimal: forward(MinimalRule.self, call)
  case .lru: forward(LinearRule.self, call)
  case .lstm: forward(LSTMRule.self, call)
  case .coupled: forward(CoupledRule.self, call)
  case .refined: forward(RefinedRule.self, call)
  case .layerNormalized: normalizedForward(call)
  }
}

/// From the gradient by h_t to those by the sums.
func cellBackward(_ call: CellCall<Float>, _ gradients: CellGradients<Float>) {
  switch call.cell {
  case .simple: backward(SimpleRule.self, call, gradients)
  case .gru: backward(GRURule.self, call, gradients)
  case .gruResetBefore: backward(ResetBeforeRule.self, call, gradients)
  case .minimal: backward(MinimalRule.self, call, gradients)
  case .lru: backward(LinearRule.self, call, gradients)
  case .lstm: backward(LSTMRule.self, call, gradients)
  case .coupled: backward(CoupledRule.self, call, gradients)
  case .refined: backward(RefinedRule.self, call, gradients)
  case .layerNormalized: normalizedBackward(call, gradients)
  }
}

/// What a cell does to one row.
protocol CellRule {
  static func forward(_ row: CellRow)
  static func backward(_ row: CellRow, _ d: GradientRow)
}

/// A function for each cell: in one for all of them the compiler gives up inlining.
@inline(never)
private func forward<Rule: CellRule>(_: Rule.Type, _ call: CellCall<Float>) {
  for row in call.rows {
    let step = CellRow(call, row)
    if hasEnded(call, row) { step.carryOn() } else { Rule.forward(step) }
  }
}

@inline(never)
private func backward<Rule: CellRule>(
  _: Rule.Type, _ call: CellCall<Float>, _ gradients: CellGradients<Float>
) {
  for row in call.rows {
    let step = CellRow(call, row)
    if hasEnded(call, row) {
      let columns = gates(call.cell) * call.hidden
      step.sums.update(repeating: 0, count: columns)
      step.recurrentSums.update(repeating: 0, count: columns)
    } else {
      Rule.backward(step, GradientRow(call, gradients, row, count: step.count))
    }
  }
}

/// Whether the row has no such timestep.
@inline(__always)
private func hasEnded(_ call: CellCall<Float>, _ row: Int) -> Bool {
  guard let lengths = call.lengths else { return false }
  return call.timestep >= Int(lengths[row])
}

/// Columns of the sums for each number of a state; here and not taken from `RecurrentCell`, so that no code is
/// shared with modules for other instruction sets.
@inline(__always)
private func gates(_ cell: RecurrentCell) -> Int {
  switch cell {
  case .simple, .lru: 1
  case .gru, .gruResetBefore, .coupled, .minimal: 3
  case .lstm, .refined, .layerNormalized: 4
  }
}

/// Calls `body` with the first element of every vector of `count` elements. A last one that is cut
/// has a copy of `body` of its own: in the other the compiler sees that count − element ≥ lanes.
@inline(__always)
func forEachVector(_ count: Int, _ body: (Int) -> Void) {
  var left = count
  while left >= lanes {
    body(count - left)
    left -= lanes
  }
  if left > 0 { body(count - left) }
}

/// Addresses of one row's step.
struct CellRow {
  let count: Int
  /// From a row's sums to the next one's.
  let sumsStride: Int
  let sums: UnsafeMutablePointer<Float>
  /// `sums` again where the cell has none of its own.
  let recurrentSums: UnsafeMutablePointer<Float>
  let before: UnsafePointer<Float>
  let after: UnsafeMutablePointer<Float>
  /// h again where there is no c.
  let cellBefore: UnsafePointer<Float>
  let cellAfter: UnsafeMutablePointer<Float>
  let hasCell: Bool
  let dropout: (mask: UnsafePointer<Float>, after: UnsafeMutablePointer<Float>)?
  let zoneout: ZoneoutRow?
  let parameters: CellParameters<Float>

  @inline(__always)
  init(_ call: CellCall<Float>, _ row: Int) {
    count = call.hidden
    sumsStride = call.sumsStride
    sums = call.sums + row * call.sumsStride
    recurrentSums = (call.recurrentSums ?? call.sums) + row * call.sumsStride
    let state = row * call.hiddenStride
    before = call.hiddenBefore + state
    after = call.hiddenAfter + state
    if let cell = call.cellState {
      hasCell = true
      cellBefore = cell.before + state
      cellAfter = cell.after + state
    } else {
      hasCell = false
      cellBefore = before
      cellAfter = after
    }
    if let dropout = call.dropout {
      self.dropout = (dropout.mask + state, dropout.after + state)
    } else {
      dropout = nil
    }
    if let zoneout = call.zoneout {
      self.zoneout = ZoneoutRow(zoneout, row, call.timestep)
    } else {
      zoneout = nil
    }
    parameters = call.parameters
  }

  /// Calls `body` with the first unit of every vector.
  @inline(__always)
  func forEachUnit(_ body: (Int) -> Void) { forEachVector(count, body) }

  /// Units unit … of a gate, or of anything else that has H elements.
  @inline(__always)
  func units(_ p: UnsafePointer<Float>, gate: Int = 0, _ unit: Int) -> Vector {
    load(p + gate * count + unit, first: count - unit)
  }

  /// Asks for units unit … of a gate of the next row, which is in the second-level cache at best.
  @inline(__always)
  func prefetchNext(_ p: UnsafePointer<Float>, gate: Int, _ unit: Int) {
    rw_prefetch(p + sumsStride + gate * count + unit)
  }

  /// Writes units unit … of a gate, or of anything else that has H elements.
  @inline(__always)
  func put(_ v: Vector, _ p: UnsafeMutablePointer<Float>, gate: Int = 0, _ unit: Int) {
    store(v, p + gate * count + unit, first: count - unit)
  }

  /// The state of a row that has ended.
  @inline(__always)
  func carryOn() {
    after.update(from: before, count: count)
    if hasCell { cellAfter.update(from: cellBefore, count: count) }
    if let dropout {
      forEachUnit { put(units(before, $0) * units(dropout.mask, $0), dropout.after, $0) }
    }
  }

  /// Writes h_t of units unit …, from what the cell alone gives.
  @inline(__always)
  func finish(_ h: Vector, _ unit: Int) {
    var h = h
    if let zoneout { h = zoneout.hidden(h, units(before, unit), unit) }
    put(h, after, unit)
    if let dropout { put(h * units(dropout.mask, unit), dropout.after, unit) }
  }

  /// Writes c_t of units unit …, from what the cell alone gives.
  @inline(__always)
  func finishCell(_ c: Vector, _ old: Vector, _ unit: Int) {
    var c = c
    if let zoneout { c = zoneout.cell(c, old, unit) }
    put(c, cellAfter, unit)
  }

  /// What of the gradient by h_t goes through the cell, and what straight to h_{t-1}.
  @inline(__always)
  func split(_ d: Vector, _ unit: Int) -> (new: Vector, old: Vector) {
    if let zoneout { return zoneout.splitHidden(d, unit) }
    return (d, Vector(repeating: 0))
  }

  /// What of the gradient by c_t goes through the cell, and what straight to c_{t-1}.
  @inline(__always)
  func splitCell(_ d: Vector, _ unit: Int) -> (new: Vector, old: Vector) {
    if let zoneout { return zoneout.splitCell(d, unit) }
    return (d, Vector(repeating: 0))
  }
}

/// Addresses of one row's gradients.
struct GradientRow {
  let count: Int
  let dh: UnsafeMutablePointer<Float>
  /// dh again where there is no c.
  let dc: UnsafeMutablePointer<Float>
  let dy: UnsafePointer<Float>?
  /// By the element-wise part's weights.
  let parameters: UnsafeMutablePointer<Float>?

  /// - Parameter count: that of the row's `CellRow`: the very same value, so that the compiler sees
  ///   that what is whole there is whole here.
  @inline(__always)
  init(_ call: CellCall<Float>, _ gradients: CellGradients<Float>, _ row: Int, count: Int) {
    self.count = count
    dh = gradients.hidden + row * call.hiddenStride
    dc = (gradients.cell ?? gradients.hidden) + row * call.hiddenStride
    if let output = gradients.output {
      dy = output + row * gradients.outputStride
    } else {
      dy = nil
    }
    if let parameters = gradients.parameters {
      self.parameters =
        parameters + row / gradients.parameterRows * gradients.parameterStride
    } else {
      parameters = nil
    }
  }

  /// The gradient by h_t of units unit …
  @inline(__always)
  func hidden(_ unit: Int) -> Vector {
    let d = load(dh + unit, first: count - unit)
    guard let dy else { return d }
    return d + load(dy + unit, first: count - unit)
  }

  /// Writes the gradient by h_{t-1} of units unit …
  @inline(__always)
  func put(_ d: Vector, _ unit: Int) {
    store(d, dh + unit, first: count - unit)
  }

  /// Adds to the gradient by a weight of the element-wise part; `offset` elements in front of it.
  @inline(__always)
  func add(_ d: Vector, _ offset: Int, _ unit: Int, of size: Int) {
    guard let parameters else { return }
    let p = parameters + offset + unit
    store(load(p, first: size - unit) + d, p, first: size - unit)
  }
}
