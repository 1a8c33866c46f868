import RowwiseKernelInterface

/// Layer normalisation as a layer of its own, as plain loops; the equations are at `NormKernels`.
package enum ReferenceNorm {
  /// y, and what is kept of the rows.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func forward<Scalar: BinaryFloatingPoint>(
    _ call: NormCall<Scalar>, bias: UnsafePointer<Scalar>, y: UnsafeMutablePointer<Scalar>,
    yStride: Int
  ) {
    for row in call.rows {
      let x = call.x + row * call.xStride
      var sum: Scalar = 0
      for k in 0..<call.width { sum += x[k] }
      let mean = sum / Scalar(call.width)
      var squares: Scalar = 0
      for k in 0..<call.width { squares += (x[k] - mean) * (x[k] - mean) }
      let scale = ReferenceNormalized.scale(squares, call.width)
      for k in 0..<call.width {
        y[row * yStride + k] = call.gain[k] * ((x[k] - mean) * scale) + bias[k]
      }
      call.statistics[2 * row] = mean
      call.statistics[2 * row + 1] = scale
    }
  }

  /// dx.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func backward<Scalar: BinaryFloatingPoint>(
    _ call: NormCall<Scalar>, dy: UnsafePointer<Scalar>, dyStride: Int,
    dx: UnsafeMutablePointer<Scalar>, dxStride: Int
  ) {
    for row in call.rows {
      var (sum, product): (Scalar, Scalar) = (0, 0)
      for k in 0..<call.width {
        let g = call.gain[k] * dy[row * dyStride + k]
        sum += g
        product += g * normal(call, row, k)
      }
      let size = Scalar(call.width)
      for k in 0..<call.width {
        let g = call.gain[k] * dy[row * dyStride + k]
        dx[row * dxStride + k] =
          (g - sum / size - normal(call, row, k) * product / size) * call.statistics[2 * row + 1]
      }
    }
  }

  /// dγ and db of some columns.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func gradient<Scalar: BinaryFloatingPoint>(
    _ call: NormCall<Scalar>, _ columns: Range<Int>, dy: UnsafePointer<Scalar>, dyStride: Int,
    gainGradient: UnsafeMutablePointer<Scalar>, biasGradient: UnsafeMutablePointer<Scalar>
  ) {
    for row in call.rows {
      for k in columns {
        gainGradient[k] += dy[row * dyStride + k] * normal(call, row, k)
        biasGradient[k] += dy[row * dyStride + k]
      }
    }
  }

  /// n of one number.
  @inline(__always)
  private static func normal<Scalar: BinaryFloatingPoint>(
    _ call: NormCall<Scalar>, _ row: Int, _ k: Int
  ) -> Scalar {
    (call.x[row * call.xStride + k] - call.statistics[2 * row]) * call.statistics[2 * row + 1]
  }
}
