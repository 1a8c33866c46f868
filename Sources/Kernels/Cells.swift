import KernelInterface

// Element-wise parts of recurrent layers; the equations are at `RecurrentCell`. Row by row, a
// vector of units after the other: those do not wait for each other.

/// From the sums of one timestep to h_t.
func cellForward(_ call: CellCall<Float>) {
  for row in call.rows {
    let step = CellRow(call, row)
    if hasEnded(call, row) {
      step.after.update(from: step.before, count: call.hidden)
      continue
    }
    for unit in stride(from: 0, to: call.hidden, by: lanes) {
      switch call.cell {
      case .simple: step.simple(unit)
      case .gru: step.gru(unit)
      }
    }
  }
}

/// From the gradient by h_t to those by the sums.
func cellBackward(_ call: CellCall<Float>, _ gradients: CellGradients<Float>) {
  for row in call.rows {
    let step = CellRow(call, row)
    if hasEnded(call, row) {
      let columns = gates(call.cell) * call.hidden
      step.sums.update(repeating: 0, count: columns)
      step.recurrentSums.update(repeating: 0, count: columns)
      continue
    }
    let dh = gradients.hidden + row * call.hiddenStride
    let dy = gradients.output.map { $0 + row * gradients.outputStride }
    for unit in stride(from: 0, to: call.hidden, by: lanes) {
      let valid = call.hidden - unit
      var d = load(dh + unit, first: valid)
      if let dy { d += load(dy + unit, first: valid) }
      let direct =
        switch call.cell {
        case .simple: step.simpleGradient(unit, d)
        case .gru: step.gruGradient(unit, d)
        }
      store(direct, dh + unit, first: valid)
    }
  }
}

/// Whether the row has no such timestep.
@inline(__always)
private func hasEnded(_ call: CellCall<Float>, _ row: Int) -> Bool {
  guard let lengths = call.lengths else { return false }
  return call.timestep >= Int(lengths[row])
}

/// Blocks of columns in the sums; here and not taken from `RecurrentCell`, so that no code is
/// shared with modules for other instruction sets.
@inline(__always)
private func gates(_ cell: RecurrentCell) -> Int {
  switch cell {
  case .simple: 1
  case .gru: 3
  }
}

/// Addresses of one row.
private struct CellRow {
  let hidden: Int
  let sums: UnsafeMutablePointer<Float>
  /// `sums` again where the cell has none of its own.
  let recurrentSums: UnsafeMutablePointer<Float>
  let before: UnsafePointer<Float>
  let after: UnsafeMutablePointer<Float>

  @inline(__always)
  init(_ call: CellCall<Float>, _ row: Int) {
    hidden = call.hidden
    sums = call.sums + row * call.sumsStride
    recurrentSums = (call.recurrentSums ?? call.sums) + row * call.sumsStride
    before = call.hiddenBefore + row * call.hiddenStride
    after = call.hiddenAfter + row * call.hiddenStride
  }

  /// Units unit … of a gate.
  @inline(__always)
  func units(_ p: UnsafePointer<Float>, gate: Int, _ unit: Int) -> Vector {
    load(p + gate * hidden + unit, first: hidden - unit)
  }

  /// Writes units unit … of a gate.
  @inline(__always)
  func put(_ v: Vector, _ p: UnsafeMutablePointer<Float>, gate: Int, _ unit: Int) {
    store(v, p + gate * hidden + unit, first: hidden - unit)
  }

  @inline(__always)
  func simple(_ unit: Int) {
    let h = hyperbolicTangent(units(sums, gate: 0, unit))
    put(h, sums, gate: 0, unit)
    put(h, after, gate: 0, unit)
  }

  @inline(__always)
  func simpleGradient(_ unit: Int, _ dh: Vector) -> Vector {
    let h = units(sums, gate: 0, unit)
    put(dh * (Vector(repeating: 1) - h * h), sums, gate: 0, unit)
    return Vector(repeating: 0)
  }

  @inline(__always)
  func gru(_ unit: Int) {
    let z = sigmoid(units(sums, gate: 0, unit) + units(recurrentSums, gate: 0, unit))
    let r = sigmoid(units(sums, gate: 1, unit) + units(recurrentSums, gate: 1, unit))
    let n = hyperbolicTangent(
      fma(r, units(recurrentSums, gate: 2, unit), units(sums, gate: 2, unit)))
    put(z, sums, gate: 0, unit)
    put(r, sums, gate: 1, unit)
    put(n, sums, gate: 2, unit)
    let h = units(before, gate: 0, unit)
    put(fma(z, h - n, n), after, gate: 0, unit)
  }

  @inline(__always)
  func gruGradient(_ unit: Int, _ dh: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let z = units(sums, gate: 0, unit)
    let r = units(sums, gate: 1, unit)
    let n = units(sums, gate: 2, unit)
    let recurrent = units(recurrentSums, gate: 2, unit)
    let dz = dh * (units(before, gate: 0, unit) - n) * (z * (one - z))
    let dn = dh * (one - z) * (one - n * n)
    let dr = dn * recurrent * (r * (one - r))
    put(dz, sums, gate: 0, unit)
    put(dr, sums, gate: 1, unit)
    put(dn, sums, gate: 2, unit)
    put(dz, recurrentSums, gate: 0, unit)
    put(dr, recurrentSums, gate: 1, unit)
    put(dn * r, recurrentSums, gate: 2, unit)
    return dh * z
  }
}
