import KernelInterface

// The element-wise part of the LSTM with layer normalisation, between its two products and, on the
// way back, before them; the rows' numbers are described at `NormalizedKernels`. Sums over units go
// lane by lane and then over the lanes, so they depend on the row alone. Lanes beyond the last unit are
// read as zeros, of which come zeros everywhere, but for what a mean is subtracted from.
//
// Several rows take each pass together: a sum's last steps wait for each other, and meanwhile the
// processor finds other rows to work on.

/// Rows that take a pass together: they stay in the first-level cache, with those that are fetched.
@inline(__always) private var rowsTogether: Int { 4 }

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

/// From the gradient by h_t to those by z, by the recurrent sums and, if wanted, by the input sums.
func normalizedBackward(_ call: CellCall<Float>, _ gradients: CellGradients<Float>) {
  forEachBlock(call) { rows in
    for row in rows where !row.hasEnded {
      row.differentiateHidden(GradientRow(call, gradients, row.index))
    }
    for row in rows where !row.hasEnded {
      row.differentiateGates(GradientRow(call, gradients, row.index))
    }
    for row in rows {
      if row.hasEnded { row.clear() } else { row.differentiateSums() }
    }
  }
}

/// Calls `body` with a few rows at a time.
@inline(__always)
private func forEachBlock(_ call: CellCall<Float>, _ body: (NormalizedRows) -> Void) {
  guard let weights = call.parameters.normalization, let kept = call.normalized else { return }
  let blocks = EvenSplit(call.rows.count, limit: rowsTogether)
  for block in 0..<blocks.count {
    let first = call.rows.lowerBound + blocks.start(block)
    body(
      NormalizedRows(
        call: call, kept: kept, weights: weights, index: first,
        end: min(call.rows.upperBound, first + blocks.size(block))))
  }
}

/// Some rows, one after the other.
private struct NormalizedRows: Sequence, IteratorProtocol {
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
private struct Moments {
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

/// Two sums on the way back through a normalisation, over the elements of a row: of the gradient by
/// N(s), and of its product with N(s) or with s.
private struct BackwardSums {
  var gradient = Vector(repeating: 0)
  var product = Vector(repeating: 0)

  @inline(__always)
  mutating func add(_ d: Vector, _ factor: Vector) {
    gradient += d
    product = fma(d, factor, product)
  }
}

/// One row's step.
private struct NormalizedRow {
  let index: Int
  let hasEnded: Bool
  let cell: CellRow
  let count: Int
  let gates: UnsafeMutablePointer<Float>
  let statistics: UnsafeMutablePointer<Float>
  /// `gates` where there is none.
  let recurrentGradient: UnsafeMutablePointer<Float>
  let inputGradient: UnsafeMutablePointer<Float>?
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
    recurrentGradient = (kept.recurrentGradient ?? kept.gates) + row * call.sumsStride
    inputGradient = kept.inputGradient.map { $0 + row * call.sumsStride }
    self.weights = weights
  }

  // MARK: Forward

  /// 1/σ of u and v. Added up in the products, out of their registers, the squares cost as much, and
  /// here they bring the sums to the first-level cache.
  @inline(__always)
  func keepDeviations() {
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

  /// i, f, g, o and c, with its mean.
  @inline(__always)
  func openGates() {
    let x = Vector(repeating: statistics[0])
    let h = Vector(repeating: statistics[1])
    var total = Vector(repeating: 0)
    cell.forEachUnit { unit in
      let i = sigmoid(preactivation(x, h, gate: 0, unit))
      let f = sigmoid(preactivation(x, h, gate: 1, unit))
      let g = hyperbolicTangent(preactivation(x, h, gate: 2, unit))
      let o = sigmoid(preactivation(x, h, gate: 3, unit))
      cell.put(i, gates, gate: 0, unit)
      cell.put(f, gates, gate: 1, unit)
      cell.put(g, gates, gate: 2, unit)
      cell.put(o, gates, gate: 3, unit)
      let c = fma(i, g, f * cell.units(cell.cellBefore, unit))
      cell.put(c, cell.cellAfter, unit)
      total += c
    }
    statistics[2] = laneSum(total) / Float(count)
  }

  /// γ_x ⊙ N(x_t W) + γ_h ⊙ N(h_{t-1} R) + b of a gate's units unit …
  @inline(__always)
  private func preactivation(_ x: Vector, _ h: Vector, gate: Int, _ unit: Int) -> Vector {
    let u = cell.units(cell.sums, gate: gate, unit)
    let v = cell.units(cell.recurrentSums, gate: gate, unit)
    let z = fma(
      cell.units(weights.inputGain, gate: gate, unit) * u, x,
      cell.units(weights.bias, gate: gate, unit))
    return fma(cell.units(weights.recurrentGain, gate: gate, unit) * v, h, z)
  }

  /// 1/σ of c.
  @inline(__always)
  func keepMoments() {
    let mean = Vector(repeating: statistics[2])
    var squares = Vector(repeating: 0)
    cell.forEachUnit { unit in
      let v = first(cell.units(cell.cellAfter, unit) - mean, count - unit)
      squares = fma(v, v, squares)
    }
    statistics[3] = reciprocalDeviation(laneSum(squares), count)
  }

  @inline(__always)
  func putHidden() {
    let moments = Moments(statistics + 2)
    cell.forEachUnit { unit in
      let c = cell.units(cell.cellAfter, unit)
      let y = fma(
        cell.units(weights.cellGain, unit), moments.normal(c), cell.units(weights.cellBias, unit))
      cell.finish(cell.units(gates, gate: 3, unit) * hyperbolicTangent(y), unit)
      if cell.zoneout != nil { cell.finishCell(c, cell.units(cell.cellBefore, unit), unit) }
    }
  }

  // MARK: Backward

  /// Through o and γ_c ⊙ N(c) + b_c: the gradient by N(c) goes where that by the recurrent sums
  /// will, with its two means to the statistics; by z_o in place of o.
  @inline(__always)
  func differentiateHidden(_ d: GradientRow) {
    let one = Vector(repeating: 1)
    let moments = Moments(statistics + 2)
    var sums = BackwardSums()
    cell.forEachUnit { unit in
      fetchAhead(unit)
      let (dh, direct) = cell.split(d.hidden(unit), unit)
      let o = cell.units(gates, gate: 3, unit)
      let gain = cell.units(weights.cellGain, unit)
      let normal = moments.normal(newCell(unit))
      let squashed = hyperbolicTangent(fma(gain, normal, cell.units(weights.cellBias, unit)))
      let dy = dh * o * (one - squashed * squashed)
      d.add(dy * normal, 0, unit, of: count)
      d.add(dy, count, unit, of: count)
      let through = dy * gain
      sums.add(through, normal)
      cell.put(dh * squashed * (o * (one - o)), gates, gate: 3, unit)
      cell.put(through, recurrentGradient, unit)
      d.put(direct, unit)
    }
    statistics[4] = laneSum(sums.gradient) / Float(count)
    statistics[5] = laneSum(sums.product) / Float(count)
  }

  /// Asks for a part of what the rows that come next have: long ago written, it is far away.
  @inline(__always)
  private func fetchAhead(_ unit: Int) {
    let ahead = rowsTogether * cell.sumsStride + 4 * unit
    prefetch(gates + ahead, 4 * lanes)
    prefetch(cell.sums + ahead, 4 * lanes)
    prefetch(cell.recurrentSums + ahead, 4 * lanes)
  }

  /// Through the cell, to z; the two numbers of each normalisation go to the statistics.
  @inline(__always)
  func differentiateGates(_ d: GradientRow) {
    let one = Vector(repeating: 1)
    let moments = Moments(statistics + 2)
    let mean = Vector(repeating: statistics[4])
    let product = Vector(repeating: statistics[5])
    var x = BackwardSums()
    var h = BackwardSums()
    cell.forEachUnit { unit in
      let (dcell, directCell) = cell.splitCell(cell.units(d.dc, unit), unit)
      let old = cell.units(cell.cellBefore, unit)
      let i = cell.units(gates, gate: 0, unit)
      let f = cell.units(gates, gate: 1, unit)
      let g = cell.units(gates, gate: 2, unit)
      let normal = moments.normal(newCell(unit))
      let through = cell.units(recurrentGradient, unit) - mean - normal * product
      let dc = fma(through, moments.scale, dcell)
      cell.put(fma(dc, f, directCell), d.dc, unit)
      add(dc * g * (i * (one - i)), gate: 0, &x, &h, unit)
      add(dc * old * (f * (one - f)), gate: 1, &x, &h, unit)
      add(dc * i * (one - g * g), gate: 2, &x, &h, unit)
      add(cell.units(gates, gate: 3, unit), gate: 3, &x, &h, unit)
    }
    keep(x, scale: statistics[0], statistics + 4)
    keep(h, scale: statistics[1], statistics + 6)
  }

  /// Writes the gradient by z of a gate's units unit … and adds it to the sums.
  @inline(__always)
  private func add(
    _ dz: Vector, gate: Int, _ x: inout BackwardSums, _ h: inout BackwardSums, _ unit: Int
  ) {
    if gate < 3 { cell.put(dz, gates, gate: gate, unit) }
    x.add(
      dz * cell.units(weights.inputGain, gate: gate, unit),
      cell.units(cell.sums, gate: gate, unit))
    h.add(
      dz * cell.units(weights.recurrentGain, gate: gate, unit),
      cell.units(cell.recurrentSums, gate: gate, unit))
  }

  /// a and b, from Σ g and Σ g s.
  @inline(__always)
  private func keep(_ sums: BackwardSums, scale: Float, _ out: UnsafeMutablePointer<Float>) {
    let size = Float(4 * count)
    out[0] = -scale * (laneSum(sums.gradient) / size)
    out[1] = -scale * (scale * scale * (laneSum(sums.product) / size))
  }

  /// Through the normalisations of the sums.
  @inline(__always)
  func differentiateSums() {
    differentiate(
      cell.recurrentSums, weights.recurrentGain, scale: statistics[1], statistics + 6,
      to: recurrentGradient)
    if let inputGradient {
      differentiate(
        cell.sums, weights.inputGain, scale: statistics[0], statistics + 4, to: inputGradient)
    }
  }

  @inline(__always)
  private func differentiate(
    _ s: UnsafePointer<Float>, _ gain: UnsafePointer<Float>, scale: Float,
    _ kept: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
  ) {
    let scale = Vector(repeating: scale)
    let a = Vector(repeating: kept[0])
    let b = Vector(repeating: kept[1])
    forEachVector(4 * count) { k in
      let left = 4 * count - k
      let g = load(gates + k, first: left) * load(gain + k, first: left)
      store(fma(g, scale, fma(load(s + k, first: left), b, a)), out + k, first: left)
    }
  }

  /// No gradients; the sums too, whose inputs nobody has vouched for.
  @inline(__always)
  func clear() {
    for p in [gates, recurrentGradient, cell.sums, cell.recurrentSums] {
      p.update(repeating: 0, count: 4 * count)
    }
    inputGradient?.update(repeating: 0, count: 4 * count)
    statistics.update(repeating: 0, count: statisticsCount)
  }

  /// What the cell alone made of c_{t-1}, again from the gates.
  @inline(__always)
  private func newCell(_ unit: Int) -> Vector {
    if cell.zoneout == nil { return cell.units(cell.cellAfter, unit) }
    return fma(
      cell.units(gates, gate: 0, unit), cell.units(gates, gate: 2, unit),
      cell.units(gates, gate: 1, unit) * cell.units(cell.cellBefore, unit))
  }
}

/// The first `count` lanes, the rest zero.
@inline(__always)
private func first(_ v: Vector, _ count: Int) -> Vector { count >= lanes ? v : part(v, count) }

/// Apart, so that the loops around it stay small.
@inline(never)
private func part(_ v: Vector, _ count: Int) -> Vector {
  var v = v
  for lane in count..<lanes { v[lane] = 0 }
  return v
}
