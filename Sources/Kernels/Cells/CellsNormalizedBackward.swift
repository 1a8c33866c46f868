import RowwiseKernelInterface

/// Elements of memory that backward needs: the gradients by N(c) of rows that take a pass together.
func normalizedScratch(_ hidden: Int) -> Int { rowsTogether * hidden }

/// From the gradient by h_t to those by the sums, which take their place, and by the weights of the
/// element-wise part.
func normalizedBackward(_ call: CellCall<Float>, _ gradients: CellGradients<Float>) {
  guard let scratch = call.normalized?.scratch else { return }
  forEachBlock(call) { rows in
    let through = { (row: NormalizedRow) in scratch + (row.index - rows.index) * row.count }
    for row in rows where !row.hasEnded {
      row.differentiateHidden(
        GradientRow(call, gradients, row.index, count: row.count), through(row))
    }
    for row in rows {
      if row.hasEnded {
        row.clear()
      } else {
        row.differentiateGates(
          GradientRow(call, gradients, row.index, count: row.count), through(row))
      }
    }
    differentiateSums(rows, gradients)
  }
}

/// Goes through the normalisations of the sums, two rows at a time where they share a row of
/// gradients by weights.
@inline(__always)
private func differentiateSums(_ rows: NormalizedRows, _ gradients: CellGradients<Float>) {
  guard let all = gradients.parameters else { return }
  var index = rows.index
  while index < rows.end {
    let parameters = all + index / gradients.parameterRows * gradients.parameterStride
    let first = NormalizedRow(rows.call, rows.kept, rows.weights, index)
    if index + 1 < rows.end, (index + 1) % gradients.parameterRows != 0 {
      let second = NormalizedRow(rows.call, rows.kept, rows.weights, index + 1)
      differentiateSums(first, second, isPair: true, parameters)
      index += 2
    } else {
      differentiateSums(first, first, isPair: false, parameters)
      index += 1
    }
  }
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

extension NormalizedRow {
  /// Through o and γ_c ⊙ N(c) + b_c: the gradient by N(c) goes to `through`, with its two means to
  /// the statistics; that by z_o takes the place of o.
  @inline(__always)
  fileprivate func differentiateHidden(_ d: GradientRow, _ through: UnsafeMutablePointer<Float>) {
    let one = Vector(repeating: 1)
    let moments = Moments(statistics + 2)
    let gains = 12 * count
    var sums = BackwardSums()
    cell.forEachUnit { unit in
      // The gates of the rows that come next.
      prefetch(gates + rowsTogether * cell.sumsStride + 4 * unit, 4 * lanes)
      let (dh, direct) = cell.split(d.hidden(unit), unit)
      let o = cell.units(gates, gate: Gate.LSTM.output, unit)
      let gain = cell.units(weights.cellGain, unit)
      let normal = moments.normal(newCell(unit))
      let squashed = hyperbolicTangent(fma(gain, normal, cell.units(weights.cellBias, unit)))
      let dy = dh * o * (one - squashed * squashed)
      d.add(dy * normal, gains, unit, of: count)
      d.add(dy, gains + count, unit, of: count)
      let dn = dy * gain
      sums.add(dn, normal)
      cell.put(dh * squashed * (o * (one - o)), gates, gate: Gate.LSTM.output, unit)
      cell.put(dn, through, unit)
      d.put(direct, unit)
    }
    statistics[4] = laneSum(sums.gradient) / Float(count)
    statistics[5] = laneSum(sums.product) / Float(count)
  }

  /// Through the cell, to z in place of the gates; the two numbers of each normalisation go to the
  /// statistics.
  @inline(__always)
  fileprivate func differentiateGates(_ d: GradientRow, _ through: UnsafePointer<Float>) {
    let one = Vector(repeating: 1)
    let moments = Moments(statistics + 2)
    let mean = Vector(repeating: statistics[4])
    let product = Vector(repeating: statistics[5])
    cell.forEachUnit { unit in
      let (dcell, directCell) = cell.splitCell(cell.units(d.dc, unit), unit)
      let old = cell.units(cell.cellBefore, unit)
      let i = cell.units(gates, gate: Gate.LSTM.input, unit)
      let f = cell.units(gates, gate: Gate.LSTM.forget, unit)
      let g = cell.units(gates, gate: Gate.LSTM.candidate, unit)
      let normal = moments.normal(newCell(unit))
      let dn = cell.units(through, unit) - mean - normal * product
      let dc = fma(dn, moments.scale, dcell)
      cell.put(fma(dc, f, directCell), d.dc, unit)
      cell.put(dc * g * (i * (one - i)), gates, gate: Gate.LSTM.input, unit)
      cell.put(dc * old * (f * (one - f)), gates, gate: Gate.LSTM.forget, unit)
      cell.put(dc * i * (one - g * g), gates, gate: Gate.LSTM.candidate, unit)
    }
    var x = BackwardSums()
    var h = BackwardSums()
    let size = 4 * count
    let (u, v) = (UnsafePointer(cell.sums), UnsafePointer(cell.recurrentSums))
    let (inputGain, recurrentGain) = (weights.inputGain, weights.recurrentGain)
    let gradients = UnsafePointer(gates)
    forEachVector(size) { k in
      let left = size - k
      let dz = load(gradients + k, first: left)
      x.add(dz * load(inputGain + k, first: left), load(u + k, first: left))
      h.add(dz * load(recurrentGain + k, first: left), load(v + k, first: left))
    }
    keep(x, scale: statistics[0], statistics + 4)
    keep(h, scale: statistics[1], statistics + 6)
  }

  /// a and b, from Σ g and Σ g s.
  @inline(__always)
  private func keep(_ sums: BackwardSums, scale: Float, _ out: UnsafeMutablePointer<Float>) {
    let size = Float(4 * count)
    out[0] = -scale * (laneSum(sums.gradient) / size)
    out[1] = -scale * (scale * scale * (laneSum(sums.product) / size))
  }

  /// No gradients; the sums too, whose inputs nobody has vouched for.
  @inline(__always)
  fileprivate func clear() {
    for p in [gates, cell.sums, cell.recurrentSums] { p.update(repeating: 0, count: 4 * count) }
    statistics.update(repeating: 0, count: statisticsCount)
  }

  /// What the cell alone made of c_{t-1}, again from the gates.
  @inline(__always)
  private func newCell(_ unit: Int) -> Vector {
    if cell.zoneout == nil { return cell.units(cell.cellAfter, unit) }
    return fma(
      cell.units(gates, gate: Gate.LSTM.input, unit),
      cell.units(gates, gate: Gate.LSTM.candidate, unit),
      cell.units(gates, gate: Gate.LSTM.forget, unit) * cell.units(cell.cellBefore, unit))
  }
}

/// What the way back through the normalisations of a row's sums needs.
private struct SumsGradient {
  /// One side's 1/σ, a and b.
  struct Terms {
    let scale: Vector
    let a: Vector
    let b: Vector

    @inline(__always)
    init(_ scale: Float, _ terms: UnsafePointer<Float>) {
      self.scale = Vector(repeating: scale)
      a = Vector(repeating: terms[0])
      b = Vector(repeating: terms[1])
    }
  }

  /// The gradients by γ_x, γ_h and b.
  struct Totals {
    var inputGain: Vector
    var recurrentGain: Vector
    var bias: Vector
  }

  let gates: UnsafePointer<Float>
  let u: UnsafeMutablePointer<Float>
  let v: UnsafeMutablePointer<Float>
  let x: Terms
  let h: Terms

  @inline(__always)
  init(_ row: NormalizedRow) {
    gates = UnsafePointer(row.gates)
    u = row.cell.sums
    v = row.cell.recurrentSums
    x = Terms(row.statistics[0], row.statistics + 4)
    h = Terms(row.statistics[1], row.statistics + 6)
  }

  @inline(__always)
  func put(
    _ k: Int, first count: Int, _ inputGain: Vector, _ recurrentGain: Vector,
    _ totals: inout Totals
  ) {
    let dz = load(gates + k, first: count)
    totals.bias += dz
    put(dz, u + k, first: count, x, inputGain, &totals.inputGain)
    put(dz, v + k, first: count, h, recurrentGain, &totals.recurrentGain)
  }

  /// γ ⊙ δz / σ + a + b s in place of s.
  @inline(__always)
  private func put(
    _ dz: Vector, _ place: UnsafeMutablePointer<Float>, first count: Int, _ terms: Terms,
    _ gain: Vector, _ total: inout Vector
  ) {
    let s = load(UnsafePointer(place), first: count)
    let scaled = dz * terms.scale
    total = fma(scaled, s, total)
    store(fma(gain, scaled, fma(s, terms.b, terms.a)), place, first: count)
  }
}

/// Through the normalisations of two rows' sums, or of the first one's alone; with the gradients by
/// γ_x, γ_h and b, which are read and written once for both.
@inline(__always)
private func differentiateSums(
  _ first: NormalizedRow, _ second: NormalizedRow, isPair: Bool,
  _ parameters: UnsafeMutablePointer<Float>
) {
  let size = 4 * first.count
  let rows = (SumsGradient(first), SumsGradient(second))
  let (inputGain, recurrentGain) = (first.weights.inputGain, first.weights.recurrentGain)
  forEachVector(size) { k in
    let left = size - k
    let place = parameters + k
    var totals = SumsGradient.Totals(
      inputGain: load(UnsafePointer(place), first: left),
      recurrentGain: load(UnsafePointer(place + size), first: left),
      bias: load(UnsafePointer(place + 2 * size), first: left))
    let gains = (load(inputGain + k, first: left), load(recurrentGain + k, first: left))
    rows.0.put(k, first: left, gains.0, gains.1, &totals)
    if isPair { rows.1.put(k, first: left, gains.0, gains.1, &totals) }
    store(totals.inputGain, place, first: left)
    store(totals.recurrentGain, place + size, first: left)
    store(totals.bias, place + 2 * size, first: left)
  }
}
