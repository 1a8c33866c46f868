import RowwiseKernelInterface

// The GRU whose reset gate comes before the candidate's product: what is element-wise comes in two
// parts, the gate r before that product and the rest after it.

enum ResetBeforeRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.forEachUnit { row.resetBefore($0) } }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    row.forEachUnit { d.put(row.resetBeforeGradient($0, d.hidden($0)), $0) }
  }
}

extension CellRow {
  /// z, n and h_t; r is there already and stays.
  @inline(__always)
  func resetBefore(_ unit: Int) {
    let z = sigmoid(units(sums, gate: Gate.GRU.update, unit))
    let n = hyperbolicTangent(units(sums, gate: Gate.GRU.candidate, unit))
    put(z, sums, gate: Gate.GRU.update, unit)
    put(n, sums, gate: Gate.GRU.candidate, unit)
    finish(fma(z, units(before, unit) - n, n), unit)
  }

  @inline(__always)
  func resetBeforeGradient(_ unit: Int, _ d: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let (dh, direct) = split(d, unit)
    let z = units(sums, gate: Gate.GRU.update, unit)
    let n = units(sums, gate: Gate.GRU.candidate, unit)
    put(
      dh * (units(before, unit) - n) * (z * (one - z)), sums, gate: Gate.GRU.update, unit)
    put(dh * (one - z) * (one - n * n), sums, gate: Gate.GRU.candidate, unit)
    return fma(dh, z, direct)
  }
}

/// r = σ(sums) and r ⊙ h.
func reset(_ call: ResetCall<Float>) {
  forEachVector(of: call) { gate, h, product, valid in
    let r = sigmoid(load(gate, first: valid))
    store(r, gate, first: valid)
    store(r * load(h, first: valid), product, first: valid)
  }
}

/// δ ⊙ h ⊙ r (1 − r) and δ ⊙ r.
func resetBackward(_ call: ResetCall<Float>) {
  let one = Vector(repeating: 1)
  forEachVector(of: call) { gate, h, product, valid in
    let r = load(gate, first: valid)
    let d = load(product, first: valid)
    store(d * load(h, first: valid) * (r * (one - r)), gate, first: valid)
    store(d * r, product, first: valid)
  }
}

/// Calls `body` with the places of some units of a row in each array, and how many units are left.
@inline(__always)
private func forEachVector(
  of call: ResetCall<Float>,
  _ body: (
    _ gate: UnsafeMutablePointer<Float>, _ h: UnsafePointer<Float>,
    _ product: UnsafeMutablePointer<Float>, _ valid: Int
  ) -> Void
) {
  for row in call.rows {
    let gate = call.gate + row * call.gateStride
    let h = call.hiddenBefore + row * call.hiddenStride
    let product = call.product + row * call.hiddenStride
    forEachVector(call.hidden) { unit in
      body(gate + unit, h + unit, product + unit, call.hidden - unit)
    }
  }
}
