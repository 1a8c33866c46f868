/// The gated linear unit of `RecurrentCell.lru`, a ⊙ σ(b), of some rows.
public struct GateCall<Scalar> {
  /// The rows to compute.
  public var rows: Range<Int>
  /// Numbers of a, and of b.
  public var width: Int
  /// [rows, sumsStride], row 0 first: a and then b. Forward out: a and σ(b). Backward in: those; out: the
  /// gradients by a and b.
  public var sums: UnsafeMutablePointer<Scalar>
  /// Distance between rows of the sums.
  public var sumsStride: Int
  /// [rows, outputStride], row 0 first. Forward out: a ⊙ σ(b). Backward in: the gradient by that.
  public var output: UnsafeMutablePointer<Scalar>
  /// Distance between rows of the output.
  public var outputStride: Int

  /// Gathers the call.
  public init(
    rows: Range<Int>, width: Int, sums: UnsafeMutablePointer<Scalar>, sumsStride: Int,
    output: UnsafeMutablePointer<Scalar>, outputStride: Int
  ) {
    self.rows = rows
    self.width = width
    self.sums = sums
    self.sumsStride = sumsStride
    self.output = output
    self.outputStride = outputStride
  }
}
