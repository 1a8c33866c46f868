/// How a sequence becomes one vector.
public enum PoolingKind: String, Codable, Sendable, CaseIterable {
  /// The last valid timestep.
  case last
  /// The mean of the valid timesteps.
  case mean
  /// The largest of every feature.
  case max
  /// A mean with weights that the sequence decides: y = Σ_t α_t x_t, α the softmax over the valid
  /// timesteps of x_t · q, q learned (dot-product attention with one query; Luong, Pham & Manning
  /// 2015).
  case attention
}

/// Pooling of some rows: x [T, N, D] to y [N, D]; zeros for a row without valid timesteps.
public struct PoolingCall<Scalar> {
  /// How.
  public var kind: PoolingKind
  /// T.
  public var timesteps: Int
  /// N.
  public var batch: Int
  /// D.
  public var width: Int
  /// The rows to compute.
  public var rows: Range<Int>
  /// Valid timesteps of every row; nil when all are T.
  public var lengths: UnsafePointer<Int32>?
  /// x [T, N, xStride].
  public var x: UnsafePointer<Scalar>
  /// Distance between rows of x.
  public var xStride: Int
  /// y [N, yStride].
  public var y: UnsafeMutablePointer<Scalar>
  /// Distance between rows of y.
  public var yStride: Int
  /// q [D], and α [N, T], which forward leaves for backward; for attention.
  public var attention: (query: UnsafePointer<Scalar>, weights: UnsafeMutablePointer<Scalar>)?

  /// Gathers the call.
  public init(
    kind: PoolingKind, timesteps: Int, batch: Int, width: Int, rows: Range<Int>,
    lengths: UnsafePointer<Int32>?, x: UnsafePointer<Scalar>, xStride: Int,
    y: UnsafeMutablePointer<Scalar>, yStride: Int,
    attention: (query: UnsafePointer<Scalar>, weights: UnsafeMutablePointer<Scalar>)?
  ) {
    self.kind = kind
    self.timesteps = timesteps
    self.batch = batch
    self.width = width
    self.rows = rows
    self.lengths = lengths
    self.x = x
    self.xStride = xStride
    self.y = y
    self.yStride = yStride
    self.attention = attention
  }
}

/// Gradients of pooling.
public struct PoolingGradients<Scalar> {
  /// Gradient by y, [N, yStride of the call].
  public var dy: UnsafePointer<Scalar>
  /// Receives the gradient by x, [T, N, dxStride], zero after a row's end; nil where nobody needs
  /// it.
  public var dx: UnsafeMutablePointer<Scalar>?
  /// Distance between rows of dx.
  public var dxStride: Int
  /// Receives each row's gradient by q, [N, D]; for attention.
  public var query: UnsafeMutablePointer<Scalar>?

  /// Gathers the gradients.
  public init(
    dy: UnsafePointer<Scalar>, dx: UnsafeMutablePointer<Scalar>?, dxStride: Int,
    query: UnsafeMutablePointer<Scalar>?
  ) {
    self.dy = dy
    self.dx = dx
    self.dxStride = dxStride
    self.query = query
  }
}
