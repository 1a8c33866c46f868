import RowwiseKernelInterface

/// The linear recurrent unit and its gate.
extension ReferenceCells {
  /// x_t = λ x_{t-1} + γ s, complex number by complex number.
  @inline(__always)
  static func linearForward<Scalar: BinaryFloatingPoint>(_ call: CellCall<Scalar>, _ row: Int) {
    guard let recurrence = call.parameters.recurrence else { return }
    let half = call.hidden / 2
    let sums = call.sums + row * call.sumsStride
    let before = call.hiddenBefore + row * call.hiddenStride
    let after = call.hiddenAfter + row * call.hiddenStride
    for k in 0..<half {
      let (re, im, scale) = (recurrence[k], recurrence[half + k], recurrence[2 * half + k])
      let (x, y) = (before[k], before[half + k])
      after[k] = re * x - im * y + scale * sums[k]
      after[half + k] = re * y + im * x + scale * sums[half + k]
    }
  }

  /// With δ the gradient by x_t, seen as one complex number δ_re + i δ_im, and ¯ conjugating: δ_{t-1} = λ¯ δ,
  /// by s it is γ δ, by λ it is δ x¯_{t-1}, by γ it is Re(δ s¯).
  @inline(__always)
  static func linearBackward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>, _ row: Int
  ) {
    guard let recurrence = call.parameters.recurrence, let all = gradients.parameters else {
      return
    }
    let half = call.hidden / 2
    let sums = call.sums + row * call.sumsStride
    let before = call.hiddenBefore + row * call.hiddenStride
    let state = gradients.hidden + row * call.hiddenStride
    let weights = all + row / gradients.parameterRows * gradients.parameterStride
    for k in 0..<half {
      let (re, im, scale) = (recurrence[k], recurrence[half + k], recurrence[2 * half + k])
      let (x, y) = (before[k], before[half + k])
      let (dx, dy) = (state[k], state[half + k])
      weights[k] += dx * x + dy * y
      weights[half + k] += dy * x - dx * y
      weights[2 * half + k] += dx * sums[k] + dy * sums[half + k]
      sums[k] = scale * dx
      sums[half + k] = scale * dy
      state[k] = re * dx + im * dy
      state[half + k] = re * dy - im * dx
    }
  }

  /// See `CellKernels.open`.
  package static func open<Scalar: BinaryFloatingPoint>(_ call: GateCall<Scalar>) {
    for row in call.rows {
      let a = call.sums + row * call.sumsStride
      let b = a + call.width
      let output = call.output + row * call.outputStride
      for k in 0..<call.width {
        b[k] = logistic(b[k])
        output[k] = a[k] * b[k]
      }
    }
  }

  /// See `CellKernels.openBackward`.
  package static func openBackward<Scalar: BinaryFloatingPoint>(_ call: GateCall<Scalar>) {
    for row in call.rows {
      let a = call.sums + row * call.sumsStride
      let b = a + call.width
      let d = call.output + row * call.outputStride
      for k in 0..<call.width {
        let (value, share) = (a[k], b[k])
        a[k] = d[k] * share
        b[k] = d[k] * value * share * (1 - share)
      }
    }
  }
}
