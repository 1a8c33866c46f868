import RowwiseKernelInterface

/// The LSTM with a refine gate.
enum RefinedRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.forEachUnit { row.refined($0) } }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { row.refinedGradient($0, d) }
  }
}

/// e = 2 r f + (1 − 2 r) f², as f² + 2 r f (1 − f).
@inline(__always)
private func effectiveGate(_ f: Vector, _ r: Vector) -> Vector {
  let one = Vector(repeating: 1)
  return fma((r + r) * f, one - f, f * f)
}

extension CellRow {
  @inline(__always)
  fileprivate func refined(_ unit: Int) {
    let old = units(cellBefore, unit)
    let f = sigmoid(units(sums, gate: Gate.Refined.forget, unit))
    let r = sigmoid(units(sums, gate: Gate.Refined.refine, unit))
    let g = hyperbolicTangent(units(sums, gate: Gate.Refined.candidate, unit))
    let o = sigmoid(units(sums, gate: Gate.Refined.output, unit))
    let c = fma(effectiveGate(f, r), old - g, g)
    put(f, sums, gate: Gate.Refined.forget, unit)
    put(r, sums, gate: Gate.Refined.refine, unit)
    put(g, sums, gate: Gate.Refined.candidate, unit)
    put(o, sums, gate: Gate.Refined.output, unit)
    finishCell(c, old, unit)
    finish(o * hyperbolicTangent(c), unit)
  }

  @inline(__always)
  fileprivate func refinedGradient(_ unit: Int, _ d: GradientRow) {
    for gate in 0..<4 { prefetchNext(sums, gate: gate, unit) }
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d.hidden(unit), unit)
    let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
    let old = units(cellBefore, unit)
    let f = units(sums, gate: Gate.Refined.forget, unit)
    let r = units(sums, gate: Gate.Refined.refine, unit)
    let g = units(sums, gate: Gate.Refined.candidate, unit)
    let o = units(sums, gate: Gate.Refined.output, unit)
    let e = effectiveGate(f, r)
    let squashed = hyperbolicTangent(fma(e, old - g, g))
    let dc = fma(dh * o, one - squashed * squashed, dcell)
    let dE = dc * (old - g)
    let open = f * (one - f)
    // ∂e/∂f = 2 (f + r − 2 r f), ∂e/∂r = 2 f (1 − f).
    let slope = fma(f, one - (r + r), r)
    put((dE + dE) * slope * open, sums, gate: Gate.Refined.forget, unit)
    put((dE + dE) * open * (r * (one - r)), sums, gate: Gate.Refined.refine, unit)
    put(dc * (one - e) * (one - g * g), sums, gate: Gate.Refined.candidate, unit)
    put(dh * squashed * (o * (one - o)), sums, gate: Gate.Refined.output, unit)
    put(fma(dc, e, directCell), d.dc, unit)
    d.put(direct, unit)
  }
}
