import RowwiseKernelInterface

/// sums[m] += Σ_r x[r, m] · gradients[r], rows in order.
struct GradientProduct<C: Columns>: TileOperation {
  let x: UnsafePointer<Float>
  let stride: Int
  let gradients: UnsafePointer<Float>
  let gradientStride: Int
  let rows: Int
  let sums: UnsafeMutablePointer<Float>
  /// Numbers m.
  let inputs: Int
  let upcoming: UpcomingRows?

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row m: Int) where T.C == C {
    let pitch = C.pitch * lanes
    upcoming?.fetch(m..<m + T.rows, of: inputs)
    var tile = T()
    for r in 0..<T.rows { tile[row: r] = C(sums + (m + r) * pitch) }
    tile.multiply(
      x + m, rowStride: 1, stepStride: stride, weights: gradients, weightStride: gradientStride,
      steps: rows)
    for r in 0..<T.rows { tile[row: r].write(sums + (m + r) * pitch, first: pitch) }
  }
}

/// Rows that are read after those of a product: fetched a little at a time, while the processor is
/// busy with the product, and not into the first-level cache, where they would displace what it reads.
struct UpcomingRows {
  let call: DenseCall<Float>
  /// Of dy.
  let column: Int
  let width: Int
  let rows: Range<Int>
  /// Whether x of these rows comes as well.
  let hasInputs: Bool

  /// Fetches parts `part` of `total`.
  @inline(__always)
  func fetch(_ part: Range<Int>, of total: Int) {
    let first = rows.lowerBound + rows.count * part.lowerBound / total
    let end = rows.lowerBound + rows.count * part.upperBound / total
    for row in first..<end {
      prefetchSecond(call.y + row * call.yStride + column, width)
      if hasInputs { prefetchSecond(call.x + row * call.xStride, call.inputs) }
    }
  }
}
