/// Layer normalisation of some rows of D numbers (Ba, Kiros & Hinton 2016):
/// y = γ ⊙ n + b with n = (x − μ) / σ, μ the mean of a row's numbers, σ² their variance + 10⁻⁵.
public struct NormCall<Scalar> {
  /// D.
  public var width: Int
  /// The rows to compute.
  public var rows: Range<Int>
  /// x, row 0 first.
  public var x: UnsafePointer<Scalar>
  /// Distance between rows of x.
  public var xStride: Int
  /// [rows, 2], row 0 first: μ and 1/σ of each row. Forward writes them, the others read them.
  public var statistics: UnsafeMutablePointer<Scalar>
  /// γ [D].
  public var gain: UnsafePointer<Scalar>

  /// Gathers the call.
  public init(
    width: Int, rows: Range<Int>, x: UnsafePointer<Scalar>, xStride: Int,
    statistics: UnsafeMutablePointer<Scalar>, gain: UnsafePointer<Scalar>
  ) {
    self.width = width
    self.rows = rows
    self.x = x
    self.xStride = xStride
    self.statistics = statistics
    self.gain = gain
  }
}

/// The operations of layer normalisation as a layer of its own.
public struct NormKernels<Scalar>: Sendable {
  /// y, from b [D]; rows of y are `yStride` apart, row 0 first.
  public var forward:
    @Sendable (
      _ call: NormCall<Scalar>, _ bias: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
      _ yStride: Int
    ) -> Void
  /// dx = (g − mean g − n mean(g ⊙ n)) / σ with g = γ ⊙ dy, row 0 of both first.
  public var backward:
    @Sendable (
      _ call: NormCall<Scalar>, _ dy: UnsafePointer<Scalar>, _ dyStride: Int,
      _ dx: UnsafeMutablePointer<Scalar>, _ dxStride: Int
    ) -> Void
  /// dγ += Σ dy ⊙ n and db += Σ dy over the call's rows in order, of some of the D numbers.
  public var gradient:
    @Sendable (
      _ call: NormCall<Scalar>, _ columns: Range<Int>, _ dy: UnsafePointer<Scalar>, _ dyStride: Int,
      _ gainGradient: UnsafeMutablePointer<Scalar>, _ biasGradient: UnsafeMutablePointer<Scalar>
    ) -> Void

  /// Gathers the operations.
  public init(
    forward:
      @escaping @Sendable (
        NormCall<Scalar>, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int
      ) -> Void,
    backward:
      @escaping @Sendable (
        NormCall<Scalar>, UnsafePointer<Scalar>, Int, UnsafeMutablePointer<Scalar>, Int
      ) -> Void,
    gradient:
      @escaping @Sendable (
        NormCall<Scalar>, Range<Int>, UnsafePointer<Scalar>, Int, UnsafeMutablePointer<Scalar>,
        UnsafeMutablePointer<Scalar>
      ) -> Void
  ) {
    self.forward = forward
    self.backward = backward
    self.gradient = gradient
  }
}
