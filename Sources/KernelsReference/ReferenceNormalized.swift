public import KernelInterface

/// A layer-normalised LSTM's weights and their gradients as plain loops; see `NormalizedKernels`.
public enum ReferenceNormalized {
  /// One task for W and γ_x, one for R and γ_h, one for b.
  public static func layout(features: Int, hidden: Int) -> NormalizedLayout {
    NormalizedLayout(gradientTasks: 3, gradientScratch: 0)
  }

  /// W less its rows' means, and less what rounding has left of them.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public static func center<Scalar: BinaryFloatingPoint>(
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

  /// From δz and s the terms a and b, and where wanted γ ⊙ δz / σ + a + b s.
  @inline(__always)
  static func differentiate<Scalar: BinaryFloatingPoint>(
    _ dz: UnsafePointer<Scalar>, _ s: UnsafePointer<Scalar>, _ gain: UnsafePointer<Scalar>,
    _ size: Int, scale: Scalar, terms: UnsafeMutablePointer<Scalar>,
    into out: UnsafeMutablePointer<Scalar>?
  ) {
    var (sum, product): (Scalar, Scalar) = (0, 0)
    for j in 0..<size {
      sum += dz[j] * gain[j]
      product += dz[j] * gain[j] * s[j]
    }
    terms[0] = -scale * sum / Scalar(size)
    terms[1] = -scale * scale * scale * product / Scalar(size)
    guard let out else { return }
    for j in 0..<size { out[j] = dz[j] * gain[j] * scale + terms[0] + terms[1] * s[j] }
  }

  /// The gradients by the weights.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public static func gradient<Scalar: BinaryFloatingPoint>(
    _ call: NormalizedGradientCall<Scalar>, task: Int
  ) {
    let columns = call.columns
    func clear(_ receiver: UnsafeMutablePointer<Scalar>, _ count: Int) {
      if !call.accumulates { receiver.update(repeating: 0, count: count) }
    }
    guard task < 2 else {
      clear(call.biasGradient, columns)
      for row in 0..<call.rows {
        addMultiple(
          of: call.gates + row * call.sumsStride, by: 1, to: call.biasGradient, count: columns)
      }
      return
    }
    let side = task == 0 ? call.input : call.recurrent
    clear(side.weightGradient, side.inputs * columns)
    clear(side.gainGradient, columns)
    for row in 0..<call.rows {
      let dz = call.gates + row * call.sumsStride
      let s = side.sums + row * call.sumsStride
      let statistics = call.statistics + row * 8
      let (scale, terms) = (statistics[task], statistics + 4 + 2 * task)
      for j in 0..<columns {
        side.gainGradient[j] += dz[j] * s[j] * scale
        let ds = dz[j] * side.gain[j] * scale + terms[0] + terms[1] * s[j]
        for k in 0..<side.inputs {
          side.weightGradient[k * columns + j] += side.values[row * side.stride + k] * ds
        }
      }
    }
  }
}
