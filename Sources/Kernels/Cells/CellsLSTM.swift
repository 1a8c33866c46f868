import RowwiseKernelInterface

// The cells with a cell state that need no sums over units: lstm, coupled. Forward in two passes, as
// `LSTMCellUpdate` does it.

enum LSTMRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) {
    row.forEachUnit { row.lstmCell($0) }
    row.forEachUnit { row.lstmHidden($0) }
  }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { row.lstmGradient($0, d) }
  }
}

enum CoupledRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.forEachUnit { row.coupled($0) } }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { row.coupledGradient($0, d) }
  }
}

extension CellRow {
  /// i, f, g and what the cell alone makes of c_{t-1}.
  @inline(__always)
  func lstmCell(_ unit: Int) {
    let old = units(cellBefore, unit)
    var input = units(sums, gate: Gate.LSTM.input, unit)
    var forget = units(sums, gate: Gate.LSTM.forget, unit)
    if let peephole = parameters.peephole {
      input = fma(units(peephole, gate: Gate.Peephole.input, unit), old, input)
      forget = fma(units(peephole, gate: Gate.Peephole.forget, unit), old, forget)
    }
    let i = sigmoid(input)
    let f = sigmoid(forget)
    let g = hyperbolicTangent(units(sums, gate: Gate.LSTM.candidate, unit))
    put(i, sums, gate: Gate.LSTM.input, unit)
    put(f, sums, gate: Gate.LSTM.forget, unit)
    put(g, sums, gate: Gate.LSTM.candidate, unit)
    put(fma(i, g, f * old), cellAfter, unit)
  }

  /// o, h and zoneout.
  @inline(__always)
  func lstmHidden(_ unit: Int) {
    let c = units(cellAfter, unit)
    var output = units(sums, gate: Gate.LSTM.output, unit)
    if let peephole = parameters.peephole {
      output = fma(units(peephole, gate: Gate.Peephole.output, unit), c, output)
    }
    let o = sigmoid(output)
    put(o, sums, gate: Gate.LSTM.output, unit)
    if zoneout != nil { finishCell(c, units(cellBefore, unit), unit) }
    finish(o * hyperbolicTangent(c), unit)
  }

  @inline(__always)
  func lstmGradient(_ unit: Int, _ d: GradientRow) {
    for gate in 0..<4 { prefetchNext(sums, gate: gate, unit) }
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d.hidden(unit), unit)
    let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
    let old = units(cellBefore, unit)
    let i = units(sums, gate: Gate.LSTM.input, unit)
    let f = units(sums, gate: Gate.LSTM.forget, unit)
    let g = units(sums, gate: Gate.LSTM.candidate, unit)
    let o = units(sums, gate: Gate.LSTM.output, unit)
    let c = fma(i, g, f * old)
    let squashed = hyperbolicTangent(c)
    let dO = dh * squashed * (o * (one - o))
    var dc = fma(dh * o, one - squashed * squashed, dcell)
    let peephole = peepholes(unit)
    dc = fma(dO, peephole.output, dc)
    let dI = dc * g * (i * (one - i))
    let dF = dc * old * (f * (one - f))
    put(dI, sums, gate: Gate.LSTM.input, unit)
    put(dF, sums, gate: Gate.LSTM.forget, unit)
    put(dc * i * (one - g * g), sums, gate: Gate.LSTM.candidate, unit)
    put(dO, sums, gate: Gate.LSTM.output, unit)
    let dOld = fma(dF, peephole.forget, fma(dI, peephole.input, fma(dc, f, directCell)))
    if parameters.peephole != nil {
      d.add(dI * old, 0, unit, of: count)
      d.add(dF * old, count, unit, of: count)
      d.add(dO * c, 2 * count, unit, of: count)
    }
    put(dOld, d.dc, unit)
    d.put(direct, unit)
  }

  /// Diagonal peepholes of units unit …; zero where there are none.
  @inline(__always)
  private func peepholes(_ unit: Int) -> (input: Vector, forget: Vector, output: Vector) {
    guard let peephole = parameters.peephole else {
      let zero = Vector(repeating: 0)
      return (zero, zero, zero)
    }
    return (
      units(peephole, gate: Gate.Peephole.input, unit),
      units(peephole, gate: Gate.Peephole.forget, unit),
      units(peephole, gate: Gate.Peephole.output, unit)
    )
  }

  @inline(__always)
  func coupled(_ unit: Int) {
    let old = units(cellBefore, unit)
    let i = sigmoid(units(sums, gate: Gate.Coupled.input, unit))
    let g = hyperbolicTangent(units(sums, gate: Gate.Coupled.candidate, unit))
    let o = sigmoid(units(sums, gate: Gate.Coupled.output, unit))
    let c = fma(i, g - old, old)
    put(i, sums, gate: Gate.Coupled.input, unit)
    put(g, sums, gate: Gate.Coupled.candidate, unit)
    put(o, sums, gate: Gate.Coupled.output, unit)
    finishCell(c, old, unit)
    finish(o * hyperbolicTangent(c), unit)
  }

  @inline(__always)
  func coupledGradient(_ unit: Int, _ d: GradientRow) {
    for gate in 0..<3 { prefetchNext(sums, gate: gate, unit) }
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d.hidden(unit), unit)
    let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
    let old = units(cellBefore, unit)
    let i = units(sums, gate: Gate.Coupled.input, unit)
    let g = units(sums, gate: Gate.Coupled.candidate, unit)
    let o = units(sums, gate: Gate.Coupled.output, unit)
    let squashed = hyperbolicTangent(fma(i, g - old, old))
    let dc = fma(dh * o, one - squashed * squashed, dcell)
    put(dc * (g - old) * (i * (one - i)), sums, gate: Gate.Coupled.input, unit)
    put(dc * i * (one - g * g), sums, gate: Gate.Coupled.candidate, unit)
    put(dh * squashed * (o * (one - o)), sums, gate: Gate.Coupled.output, unit)
    put(fma(dc, one - i, directCell), d.dc, unit)
    d.put(direct, unit)
  }
}
