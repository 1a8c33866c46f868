import KernelInterface

// The cells with a cell state that need no sums over units: lstm, coupled.
extension CellRow {
  @inline(__always)
  func lstm(_ unit: Int) {
    let old = units(cellBefore, unit)
    var z = Quad()
    z.a = units(sums, gate: 0, unit)
    z.b = units(sums, gate: 1, unit)
    z.d = units(sums, gate: 3, unit)
    if let peephole = parameters.peephole {
      z.a = fma(units(peephole, gate: 0, unit), old, z.a)
      z.b = fma(units(peephole, gate: 1, unit), old, z.b)
    }
    let i = sigmoid(z.a)
    let f = sigmoid(z.b)
    let g = hyperbolicTangent(units(sums, gate: 2, unit))
    let c = fma(i, g, f * old)
    if let peephole = parameters.peephole {
      z.d = fma(units(peephole, gate: 2, unit), c, z.d)
    }
    let o = sigmoid(z.d)
    put(i, sums, gate: 0, unit)
    put(f, sums, gate: 1, unit)
    put(g, sums, gate: 2, unit)
    put(o, sums, gate: 3, unit)
    finishCell(c, old, unit)
    finish(o * hyperbolicTangent(c), unit)
  }

  @inline(__always)
  func lstmGradient(_ unit: Int, _ d: GradientRow) {
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d.hidden(unit), unit)
    let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
    let old = units(cellBefore, unit)
    let i = units(sums, gate: 0, unit)
    let f = units(sums, gate: 1, unit)
    let g = units(sums, gate: 2, unit)
    let o = units(sums, gate: 3, unit)
    let c = fma(i, g, f * old)
    let squashed = hyperbolicTangent(c)
    let dO = dh * squashed * (o * (one - o))
    var dc = fma(dh * o, one - squashed * squashed, dcell)
    if let peephole = parameters.peephole { dc = fma(dO, units(peephole, gate: 2, unit), dc) }
    let dI = dc * g * (i * (one - i))
    let dF = dc * old * (f * (one - f))
    put(dI, sums, gate: 0, unit)
    put(dF, sums, gate: 1, unit)
    put(dc * i * (one - g * g), sums, gate: 2, unit)
    put(dO, sums, gate: 3, unit)
    var dOld = fma(dc, f, directCell)
    if let peephole = parameters.peephole {
      dOld = fma(dI, units(peephole, gate: 0, unit), dOld)
      dOld = fma(dF, units(peephole, gate: 1, unit), dOld)
      d.add(dI * old, 0, unit, of: count)
      d.add(dF * old, count, unit, of: count)
      d.add(dO * c, 2 * count, unit, of: count)
    }
    put(dOld, d.dc, unit)
    d.put(direct, unit)
  }

  @inline(__always)
  func coupled(_ unit: Int) {
    let old = units(cellBefore, unit)
    let i = sigmoid(units(sums, gate: 0, unit))
    let g = hyperbolicTangent(units(sums, gate: 1, unit))
    let o = sigmoid(units(sums, gate: 2, unit))
    let c = fma(i, g - old, old)
    put(i, sums, gate: 0, unit)
    put(g, sums, gate: 1, unit)
    put(o, sums, gate: 2, unit)
    finishCell(c, old, unit)
    finish(o * hyperbolicTangent(c), unit)
  }

  @inline(__always)
  func coupledGradient(_ unit: Int, _ d: GradientRow) {
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d.hidden(unit), unit)
    let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
    let old = units(cellBefore, unit)
    let i = units(sums, gate: 0, unit)
    let g = units(sums, gate: 1, unit)
    let o = units(sums, gate: 2, unit)
    let squashed = hyperbolicTangent(fma(i, g - old, old))
    let dc = fma(dh * o, one - squashed * squashed, dcell)
    put(dc * (g - old) * (i * (one - i)), sums, gate: 0, unit)
    put(dc * i * (one - g * g), sums, gate: 1, unit)
    put(dh * squashed * (o * (one - o)), sums, gate: 2, unit)
    put(fma(dc, one - i, directCell), d.dc, unit)
    d.put(direct, unit)
  }
}
