/// The yardsticks of `rowwise benchmark` as plain scalar loops.
package enum ReferenceProbes {
  /// Arithmetic of one round of `multiplyAddChains`.
  package static let multiplyAddOperations = 24

  /// Twelve chains of x ← 0.999 x + 0.001, started at 0.05, 0.15, …; returns their sum.
  package static func multiplyAddChains<Scalar: BinaryFloatingPoint>(_ rounds: Int) -> Scalar {
    var sum: Scalar = 0
    for chain in 0..<12 {
      var x = Scalar(2 * chain + 1) / 20
      for _ in 0..<rounds { x = x * Scalar(0.999) + Scalar(0.001) }
      sum += x
    }
    return sum
  }

  /// a ← b + 3 c, element-wise.
  package static func triad<Scalar: BinaryFloatingPoint>(
    _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>,
    _ count: Int
  ) {
    for i in 0..<count { a[i] = b[i] + 3 * c[i] }
  }
}
