import RowwiseKernelInterface

// Products of whole numbers, for `Precision.int8`. Packed are the numbers, as scalars, in place of W and R,
// and behind all other weights the scales of W and of R, [4H] each.

extension ReferenceLSTM {
  /// Writes a matrix [rows, columns] as whole numbers from −127 to 127 and a scale for each column.
  @inline(__always)
  static func packWhole<Scalar: BinaryFloatingPoint>(
    _ matrix: UnsafePointer<Scalar>, rows: Int, columns: Int,
    numbers: UnsafeMutablePointer<Scalar>, scales: UnsafeMutablePointer<Scalar>
  ) {
    for column in 0..<columns {
      var largest: Scalar = 0
      for row in 0..<rows { largest = max(largest, abs(matrix[row * columns + column])) }
      let scale = largest / 127
      // As files keep them: a column of subnormal numbers has no scale and becomes zero.
      scales[column] = scale < Scalar(Float.leastNormalMagnitude) ? 1 : scale
      for row in 0..<rows {
        let place = row * columns + column
        numbers[place] = (matrix[place] / scales[column]).rounded(.toNearestOrEven)
      }
    }
  }

  /// sums ← b + x W + h R with every factor a whole number times a scale, [4H].
  @inline(__always)
  static func preactivateWhole<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, _ packed: UnsafePointer<Scalar>, x: UnsafePointer<Scalar>,
    h: UnsafePointer<Scalar>, isFirst: Bool, sums: UnsafeMutablePointer<Scalar>
  ) {
    let offsets = Offsets(shape)
    let columns = 4 * shape.hidden
    sums.update(from: packed + offsets.bias, count: columns)
    let largest = largestMagnitude(x, shape.features)
    // Where 127 / largest would be infinite in single precision, x counts as zero.
    if largest >= 1e-30 {
      addWhole(
        x, count: shape.features, largest: largest, numbers: packed + offsets.input,
        scales: packed + offsets.scales, columns: columns, to: sums)
    }
    // |h| < 1, but for a first state that is learned.
    addWhole(
      h, count: shape.hidden, largest: isFirst ? max(1, largestMagnitude(h, shape.hidden)) : 1,
      numbers: packed + offsets.recurrent, scales: packed + offsets.scales + columns,
      columns: columns, to: sums)
  }

  @inline(__always)
  private static func largestMagnitude<Scalar: BinaryFloatingPoint>(
    _ x: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar {
    var largest: Scalar = 0
    for k in 0..<count { largest = max(largest, abs(x[k])) }
    return largest
  }

  /// sums += (Σ_k round(x_k · 127 / largest) · numbers[k]) · largest / 127 · scales.
  @inline(__always)
  private static func addWhole<Scalar: BinaryFloatingPoint>(
    _ x: UnsafePointer<Scalar>, count: Int, largest: Scalar, numbers: UnsafePointer<Scalar>,
    scales: UnsafePointer<Scalar>, columns: Int, to sums: UnsafeMutablePointer<Scalar>
  ) {
    let factor = 127 / largest
    for column in 0..<columns {
      // Exact, as whole numbers below 2^53 are.
      var sum = 0.0
      for k in 0..<count {
        let number = (x[k] * factor).rounded(.toNearestOrEven)
        sum += Double(number) * Double(numbers[k * columns + column])
      }
      sums[column] += Scalar(sum) * (largest / 127) * scales[column]
    }
  }
}
