import RowwiseKernelInterface

// The element-wise part of the LSTM with layer normalisation, between its two products and, on the
// way back, before them; the rows' numbers are described at `NormalizedKernels`. Sums over units go
// lane by lane and then over the lanes, so they depend on the row alone. Lanes beyond the last unit are
// read as zeros, of which come zeros everywhere, but for what a mean is subtracted from.
//
// Several rows take each pass together: a sum's last steps wait for each other, and meanwhile the
// processor finds other rows to work on.

/// Rows that take a pass together: they stay in the first-level cache, with those that are fetched.
@inline(__always) var rowsTogether: Int { 4 }

/// From u and v to h_t.
func normalizedForward(_ call: CellCall<Float>) {
  forEachBlock(call) { rows in
    for row in rows where !row.hasEnded { row.keepDeviations() }
    for row in rows where !row.hasEnded { row.openGates() }
    for row in rows where !row.hasEnded { row.keepMoments() }
    for row in rows {
      if row.hasEnded { row.cell.carryOn() } else { row.putHidden() }
    }
  }
}

/// Calls `body` with a few rows at a time.
@inline(__always)
func forEachBlock(_ call: CellCall<Float>, _ body: (NormalizedRows) -> Void) {
  guard let weights = call.parameters.normalization, let kept = call.normalized else { return }
  var first = call.rows.lowerBound
  while first < call.rows.upperBound {
    let end = min(first + rowsTogether, call.rows.upperBound)
    body(NormalizedRows(call: call, kept: kept, weights: weights, index: first, end: end))
    first = end
  }
}

/// Some rows, one after the other.
struct NormalizedRows: Sequence, IteratorProtocol {
  let call: CellCall<Float>
  let kept: CellCall<Float>.Normalized
  let weights: CellParameters<Float>.Normalization
  var index: Int
  let end: Int

  @inline(__always)
  mutating func next() -> NormalizedRow? {
    guard index < end else { return nil }
    defer { index += 1 }
    return NormalizedRow(call, kept, weights, index)
  }
}

/// What normalises a row of c: N(c) = (c − mean) · scale.
struct Moments {
  let mean: Vector
  let scale: Vector

  /// As forward has kept them.
  @inline(__always)
  init(_ kept: UnsafePointer<Float>) {
    mean = Vector(repeating: kept[0])
    scale = Vector(repeating: kept[1])
  }

  @inline(__always)
  func normal(_ c: Vector) -> Vector { (c - mean) * scale }
}

/// γ_x ⊙ N(x_t W) + γ_h ⊙ N(h_{t-1} R) + b, times a factor, from one of a row's elements on.
private struct NormalizedSums {
  let u: UnsafePointer<Float>
  let v: UnsafePointer<Float>
  let inputGain: UnsafePointer<Float>
  let recurrentGain: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  let x: Vector
  let h: Vector

  @inline(__always)
  init(_ row: NormalizedRow, from start: Int, times factor: Float) {
    u = UnsafePointer(row.cell.sums + start)
    v = UnsafePointer(row.cell.recurrentSums + start)
    inputGain = row.weights.inputGain + start
    recurrentGain = row.weights.recurrentGain + start
    bias = row.weights.bias + start
    x = Vector(repeating: row.statistics[0] * factor)
    h = Vector(repeating: row.statistics[1] * factor)
  }

  @inline(__always)
  func preactivation(_ k: Int, _ factor: Vector, first: Int) -> Vector {
    let x = fma(
      load(inputGain + k, first: first) * load(u + k, first: first), x,
      load(bias + k, first: first) * factor)
    return fma(load(recurrentGain + k, first: first) * load(v + k, first: first), h, x)
  }
}

/// One row's step.
struct NormalizedRow {
  let index: Int
  let hasEnded: Bool
  let cell: CellRow
  let count: Int
  let gates: UnsafeMutablePointer<Float>
  let statistics: UnsafeMutablePointer<Float>
  let weights: CellParameters<Float>.Normalization

  @inline(__always)
  init(
    _ call: CellCall<Float>, _ kept: CellCall<Float>.Normalized,
    _ weights: CellParameters<Float>.Normalization, _ row: Int
  ) {
    index = row
    hasEnded = call.lengths.map { call.timestep >= Int($0[row]) } ?? false
    cell = CellRow(call, row)
    count = call.hidden
    gates = kept.gates + row * call.sumsStride
    statistics = kept.statistics + row * statisticsCount
    self.weights = weights
  }

  // MARK: Forward

  /// 1/σ of u and v. Added up in the products, out of their registers, the squares cost as much, and
  /// here they bring the sums to the first-level cache.
  @inline(__always)
  fileprivate func keepDeviations() {
    let size = 4 * count
    let zero = Vector(repeating: 0)
    var (x, h) = ((zero, zero), (zero, zero))
    var k = 0
    while k + 2 * lanes <= size {
      let (a, b) = (load(UnsafePointer(cell.sums + k)), load(UnsafePointer(cell.sums + k + lanes)))
      let (c, d) = (
        load(UnsafePointer(cell.recurrentSums + k)),
        load(UnsafePointer(cell.recurrentSums + k + lanes))
      )
      x = (fma(a, a, x.0), fma(b, b, x.1))
      h = (fma(c, c, h.0), fma(d, d, h.1))
      k += 2 * lanes
    }
    while k < size {
      let a = load(cell.sums + k, first: size - k)
      let c = load(cell.recurrentSums + k, first: size - k)
      x.0 = fma(a, a, x.0)
      h.0 = fma(c, c, h.0)
      k += lanes
    }
    statistics[0] = reciprocalDeviation(laneSum(x.0 + x.1), size)
    statistics[1] = reciprocalDeviation(laneSum(h.0 + h.1), size)
  }

  /// i, f, o, then g and c, with its mean. Short loops, as in `LSTMCellUpdate`.
  @inline(__always)
  fileprivate func openGates() {
    openGates(from: 0, 2 * count)
    openGates(from: 3 * count, count)
    let double = Vector(repeating: 2)
    let sums = NormalizedSums(self, from: 2 * count, times: 2)
    var total = Vector(repeating: 0)
    cell.forEachUnit { unit in
      let g = hyperbolicTangentOfHalf(sums.preactivation(unit, double, first: count - unit))
      cell.put(g, gates, gate: Gate.LSTM.candidate, unit)
      let kept = cell.units(gates, gate: Gate.LSTM.forget, unit) * cell.units(cell.cellBefore, unit)
      let c = fma(cell.units(gates, gate: Gate.LSTM.input, unit), g, kept)
      cell.put(c, cell.cellAfter, unit)
      total += c
    }
    statistics[2] = laneSum(total) / Float(count)
  }

  /// σ of some pre-activations.
  @inline(__always)
  private func openGates(from start: Int, _ size: Int) {
    let power = Vector(repeating: -log2e)
    let sums = NormalizedSums(self, from: start, times: -log2e)
    let out = gates + start
    forEachVector(size) { k in
      let y = sums.preactivation(k, power, first: size - k)
      store(sigmoidOfPower(y), out + k, first: size - k)
    }
  }

  /// 1/σ of c.
  @inline(__always)
  fileprivate func keepMoments() {
    let mean = Vector(repeating: statistics[2])
    var squares = Vector(repeating: 0)
    cell.forEachUnit { unit in
      let v = firstLanes(cell.units(cell.cellAfter, unit) - mean, count - unit)
      squares = fma(v, v, squares)
    }
    statistics[3] = reciprocalDeviation(laneSum(squares), count)
  }

  @inline(__always)
  fileprivate func putHidden() {
    let moments = Moments(statistics + 2)
    cell.forEachUnit { unit in
      let c = cell.units(cell.cellAfter, unit)
      let y = fma(
        cell.units(weights.cellGain, unit), moments.normal(c), cell.units(weights.cellBias, unit))
      cell.finish(cell.units(gates, gate: Gate.LSTM.output, unit) * hyperbolicTangent(y), unit)
      if cell.zoneout != nil { cell.finishCell(c, cell.units(cell.cellBefore, unit), unit) }
    }
  }
}

/// The first `count` lanes, the rest zero.
@inline(__always)
func firstLanes(_ v: Vector, _ count: Int) -> Vector { count >= lanes ? v : part(v, count) }

/// Apart, so that the loops around it stay small.
@inline(never)
private func part(_ v: Vector, _ count: Int) -> Vector {
  var v = v
  for lane in count..<lanes { v[lane] = 0 }
  return v
}
