/// What layer normalisation needs besides products, as plain loops; see `NormalizedKernels`.
package enum ReferenceNormalized {
  /// W less its rows' means, and less what rounding has left of them.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func center<Scalar: BinaryFloatingPoint>(
    _ weight: UnsafePointer<Scalar>, rows: Int, columns: Int, into out: UnsafeMutablePointer<Scalar>
  ) {
    out.update(from: weight, count: rows * columns)
    for row in 0..<rows {
      let target = out + row * columns
      for _ in 0..<2 {
        var sum: Scalar = 0
        for k in 0..<columns { sum += target[k] }
        for k in 0..<columns { target[k] -= sum / Scalar(columns) }
      }
    }
  }

  /// 1 / √(squares / size + 10⁻⁵).
  @inline(__always)
  static func scale<Scalar: BinaryFloatingPoint>(_ squares: Scalar, _ size: Int) -> Scalar {
    1 / (squares / Scalar(size) + 1e-5).squareRoot()
  }

  /// From δz and s the terms a and b, the gradient by γ, and γ ⊙ δz / σ + a + b s in place of s.
  @inline(__always)
  static func differentiate<Scalar: BinaryFloatingPoint>(
    _ dz: UnsafePointer<Scalar>, _ s: UnsafeMutablePointer<Scalar>, _ gain: UnsafePointer<Scalar>,
    _ size: Int, scale: Scalar, terms: UnsafeMutablePointer<Scalar>,
    gainGradient: UnsafeMutablePointer<Scalar>
  ) {
    var (sum, product): (Scalar, Scalar) = (0, 0)
    for j in 0..<size {
      sum += dz[j] * gain[j]
      product += dz[j] * gain[j] * s[j]
    }
    terms[0] = -scale * sum / Scalar(size)
    terms[1] = -scale * scale * scale * product / Scalar(size)
    for j in 0..<size {
      gainGradient[j] += dz[j] * s[j] * scale
      s[j] = dz[j] * gain[j] * scale + terms[0] + terms[1] * s[j]
    }
  }
}
