import RowwiseCompute

/// The 3 × 3 places around each place of strips, side by side: [T, N, C · D] as [T, N, C · 9 · D], row after
/// row, zeros beyond the edge.
struct Neighborhoods: Sendable {
  /// Places side by side, C.
  let columns: Int
  /// Numbers of a place, D.
  let patch: Int

  private static let side = Convolution.side

  /// Numbers around all places of a strip.
  var width: Int { columns * around }
  /// Numbers around one place.
  private var around: Int { Convolution.neighbors * patch }

  /// Brings them together for some sequences.
  ///
  /// - Parameter target: without gaps between the vectors.
  @specialized(where Scalar == Float)
  func gather<Scalar: ComputeScalar>(
    _ pass: Pass, _ sequences: Range<Int>, _ x: View<Scalar>,
    to target: UnsafeMutablePointer<Scalar>
  ) {
    let run = Self.side * patch
    forEachRun(pass, sequences, stride: x.stride) { place, before, source, count in
      let place = target + place
      guard let source else { return place.clear(run) }
      if before > 0 { place.clear(before) }
      (place + before).update(from: x.start + source, count: count)
      let end = before + count
      if end < run { (place + end).clear(run - end) }
    }
  }

  /// Adds the gradient by what was brought together up, in a fixed order for each number.
  @specialized(where Scalar == Float)
  func scatter<Scalar: ComputeScalar>(
    _ pass: Pass, _ sequences: Range<Int>, _ gradient: UnsafeMutablePointer<Scalar>,
    to dx: View<Scalar>
  ) {
    dx.forEachStep(pass, sequences) { rows in
      for row in rows { (dx.start + row * dx.stride).clear(columns * patch) }
    }
    forEachRun(pass, sequences, stride: dx.stride) { place, before, source, count in
      guard let source else { return }
      let (from, to) = (gradient + place + before, dx.start + source)
      for i in 0..<count { to[i] += from[i] }
    }
  }

  /// Calls `body` with every run of a place's three neighbours of one row: where the run is in what is brought
  /// together, how many of its numbers lie before the edge, where the others are in strips, nil where the
  /// whole row lies beyond the edge, and how many these are.
  @inline(__always)
  private func forEachRun(
    _ pass: Pass, _ sequences: Range<Int>, stride: Int,
    _ body: (_ place: Int, _ before: Int, _ source: Int?, _ count: Int) -> Void
  ) {
    let reach = Self.side / 2
    for t in 0..<pass.timesteps {
      for n in sequences {
        let strip = (t * pass.batch + n) * width
        for row in 0..<Self.side {
          let above = t + row - reach
          let isThere = (0..<pass.timesteps).contains(above)
          let source = (above * pass.batch + n) * stride
          for column in 0..<columns {
            let first = max(column - reach, 0)
            let end = min(column + reach + 1, columns)
            body(
              strip + column * around + row * Self.side * patch,
              (first - column + reach) * patch, isThere ? source + first * patch : nil,
              (end - first) * patch)
          }
        }
      }
    }
  }
}
