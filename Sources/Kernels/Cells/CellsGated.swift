import RowwiseKernelInterface

// The cells without a cell state: simple, gru, minimal.

enum SimpleRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.forEachUnit { row.simple($0) } }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { d.put(row.simpleGradient($0, d.hidden($0)), $0) }
  }
}

enum GRURule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.forEachUnit { row.gru($0) } }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { d.put(row.gruGradient($0, d.hidden($0)), $0) }
  }
}

enum MinimalRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.forEachUnit { row.minimal($0) } }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { d.put(row.minimalGradient($0, d.hidden($0)), $0) }
  }
}

extension CellRow {
  @inline(__always)
  func simple(_ unit: Int) {
    let h = hyperbolicTangent(units(sums, unit))
    put(h, sums, unit)
    finish(h, unit)
  }

  @inline(__always)
  func simpleGradient(_ unit: Int, _ d: Vector) -> Vector {
    let (dh, direct) = split(d, unit)
    let h = units(sums, unit)
    put(dh * (Vector(repeating: 1) - h * h), sums, unit)
    return direct
  }

  @inline(__always)
  func gru(_ unit: Int) {
    let z = sigmoid(
      units(sums, gate: Gate.GRU.update, unit) + units(recurrentSums, gate: Gate.GRU.update, unit))
    let r = sigmoid(
      units(sums, gate: Gate.GRU.reset, unit) + units(recurrentSums, gate: Gate.GRU.reset, unit))
    let n = hyperbolicTangent(
      fma(
        r, units(recurrentSums, gate: Gate.GRU.candidate, unit),
        units(sums, gate: Gate.GRU.candidate, unit)))
    put(z, sums, gate: Gate.GRU.update, unit)
    put(r, sums, gate: Gate.GRU.reset, unit)
    put(n, sums, gate: Gate.GRU.candidate, unit)
    finish(fma(z, units(before, unit) - n, n), unit)
  }

  @inline(__always)
  func gruGradient(_ unit: Int, _ d: Vector) -> Vector {
    for gate in 0..<3 {
      prefetchNext(sums, gate: gate, unit)
      prefetchNext(recurrentSums, gate: gate, unit)
    }
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d, unit)
    let z = units(sums, gate: Gate.GRU.update, unit)
    let r = units(sums, gate: Gate.GRU.reset, unit)
    let n = units(sums, gate: Gate.GRU.candidate, unit)
    let recurrent = units(recurrentSums, gate: Gate.GRU.candidate, unit)
    let dz = dh * (units(before, unit) - n) * (z * (one - z))
    let dn = dh * (one - z) * (one - n * n)
    let dr = dn * recurrent * (r * (one - r))
    put(dz, sums, gate: Gate.GRU.update, unit)
    put(dr, sums, gate: Gate.GRU.reset, unit)
    put(dn, sums, gate: Gate.GRU.candidate, unit)
    put(dz, recurrentSums, gate: Gate.GRU.update, unit)
    put(dr, recurrentSums, gate: Gate.GRU.reset, unit)
    put(dn * r, recurrentSums, gate: Gate.GRU.candidate, unit)
    return fma(dh, z, direct)
  }

  /// f / (f + i) = (1 + e^{−z_i}) / (2 + e^{−z_i} + e^{−z_f}): finite for all finite sums.
  @inline(__always)
  func minimal(_ unit: Int) {
    let one = Vector(repeating: 1)
    let i = one + exponential(-units(sums, gate: Gate.Minimal.input, unit))
    let f = one + exponential(-units(sums, gate: Gate.Minimal.forget, unit))
    let g = units(sums, gate: Gate.Minimal.candidate, unit)
    put(one / i, sums, gate: Gate.Minimal.input, unit)
    put(one / f, sums, gate: Gate.Minimal.forget, unit)
    finish(fma(i / (i + f), units(before, unit) - g, g), unit)
  }

  /// With φ = f / (f + i): ∂φ/∂z_f = φ (1 − φ) (1 − f) and ∂φ/∂z_i = −φ (1 − φ) (1 − i).
  @inline(__always)
  func minimalGradient(_ unit: Int, _ d: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d, unit)
    let i = units(sums, gate: Gate.Minimal.input, unit)
    let f = units(sums, gate: Gate.Minimal.forget, unit)
    let g = units(sums, gate: Gate.Minimal.candidate, unit)
    let share = f / (f + i)
    let dShare = dh * (units(before, unit) - g) * (share * (one - share))
    put(-dShare * (one - i), sums, gate: Gate.Minimal.input, unit)
    put(dShare * (one - f), sums, gate: Gate.Minimal.forget, unit)
    put(dh * (one - share), sums, gate: Gate.Minimal.candidate, unit)
    return fma(dh, share, direct)
  }
}
