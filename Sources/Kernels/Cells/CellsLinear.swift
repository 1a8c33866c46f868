import RowwiseKernelInterface

/// The linear recurrent unit's scan: a state of real parts and then imaginary ones.
enum LinearRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) {
    guard let recurrence = row.parameters.recurrence else { return }
    let half = row.count / 2
    forEachVector(half) { row.turn(recurrence, $0, of: half) }
  }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) {
    guard let recurrence = row.parameters.recurrence else { return }
    let half = row.count / 2
    forEachVector(half) { row.turnGradient(recurrence, d, $0, of: half) }
  }
}

extension CellRow {
  /// x_t = λ x_{t-1} + γ s of complex numbers k …; of `half` there are.
  @inline(__always)
  fileprivate func turn(_ recurrence: UnsafePointer<Float>, _ k: Int, of half: Int) {
    let left = half - k
    let (re, im) = (load(recurrence + k, first: left), load(recurrence + half + k, first: left))
    let scale = load(recurrence + 2 * half + k, first: left)
    let (x, y) = (load(before + k, first: left), load(before + half + k, first: left))
    let (s, t) = (load(sums + k, first: left), load(sums + half + k, first: left))
    store(fma(re, x, fma(-im, y, scale * s)), after + k, first: left)
    store(fma(re, y, fma(im, x, scale * t)), after + half + k, first: left)
  }

  @inline(__always)
  fileprivate func turnGradient(
    _ recurrence: UnsafePointer<Float>, _ d: GradientRow, _ k: Int, of half: Int
  ) {
    let left = half - k
    let (re, im) = (load(recurrence + k, first: left), load(recurrence + half + k, first: left))
    let scale = load(recurrence + 2 * half + k, first: left)
    let (x, y) = (load(before + k, first: left), load(before + half + k, first: left))
    let (s, t) = (load(sums + k, first: left), load(sums + half + k, first: left))
    var (dx, dy) = (load(d.dh + k, first: left), load(d.dh + half + k, first: left))
    if let output = d.dy {
      dx += load(output + k, first: left)
      dy += load(output + half + k, first: left)
    }
    store(scale * dx, sums + k, first: left)
    store(scale * dy, sums + half + k, first: left)
    store(fma(re, dx, im * dy), d.dh + k, first: left)
    store(fma(re, dy, -im * dx), d.dh + half + k, first: left)
    d.add(fma(dx, x, dy * y), 0, k, of: half)
    d.add(fma(dy, x, -dx * y), half, k, of: half)
    d.add(fma(dx, s, dy * t), 2 * half, k, of: half)
  }
}

/// See `CellKernels.open`.
func openGate(_ call: GateCall<Float>) {
  for row in call.rows {
    let a = call.sums + row * call.sumsStride
    let output = call.output + row * call.outputStride
    forEachVector(call.width) { k in
      let left = call.width - k
      let share = sigmoid(load(a + call.width + k, first: left))
      store(share, a + call.width + k, first: left)
      store(load(a + k, first: left) * share, output + k, first: left)
    }
  }
}

/// See `CellKernels.openBackward`.
func openGateBackward(_ call: GateCall<Float>) {
  let one = Vector(repeating: 1)
  for row in call.rows {
    let a = call.sums + row * call.sumsStride
    let gradient = call.output + row * call.outputStride
    forEachVector(call.width) { k in
      let left = call.width - k
      let share = load(a + call.width + k, first: left)
      let value = load(a + k, first: left)
      let d = load(gradient + k, first: left)
      store(d * share, a + k, first: left)
      store(d * value * (share * (one - share)), a + call.width + k, first: left)
    }
  }
}
