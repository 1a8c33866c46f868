/// How a variant lays out a fully connected layer [inputs, outputs]. All counts are in elements.
public struct DenseLayout: Sendable, Equatable {
  /// Elements of W and b packed for `forward`.
  public var packedForwardCount: Int
  /// Elements of W packed for `backward`.
  public var packedBackwardCount: Int
  /// Independent parts of the weight gradient.
  public var gradientTasks: Int
  /// Elements of scratch memory that a gradient task needs.
  public var gradientScratch: Int

  /// Makes a layout.
  public init(
    packedForwardCount: Int, packedBackwardCount: Int, gradientTasks: Int, gradientScratch: Int
  ) {
    self.packedForwardCount = packedForwardCount
    self.packedBackwardCount = packedBackwardCount
    self.gradientTasks = gradientTasks
    self.gradientScratch = gradientScratch
  }
}

/// y = x W + b for some rows: x [rows, inputs], W [inputs, outputs], b [outputs].
public struct DenseCall<Scalar> {
  /// Width of x.
  public var inputs: Int
  /// Width of y.
  public var outputs: Int
  /// The rows to compute.
  public var rows: Range<Int>
  /// x (forward, gradient) or the receiver of dx (backward), row 0 first.
  public var x: UnsafeMutablePointer<Scalar>
  /// Distance between rows of x.
  public var xStride: Int
  /// y (receiver in forward) or dy (backward, gradient), row 0 first.
  public var y: UnsafeMutablePointer<Scalar>
  /// Distance between rows of y.
  public var yStride: Int
  /// Adds the product to what the receiver holds, without the bias (forward, backward).
  public var accumulates: Bool
  /// What is read or written soon after this product; nil for nothing (forward, backward).
  public var ahead: MemoryAhead<Scalar>?

  /// Gathers the call.
  public init(
    inputs: Int, outputs: Int, rows: Range<Int>, x: UnsafeMutablePointer<Scalar>, xStride: Int,
    y: UnsafeMutablePointer<Scalar>, yStride: Int, accumulates: Bool = false
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.rows = rows
    self.x = x
    self.xStride = xStride
    self.y = y
    self.yStride = yStride
    self.accumulates = accumulates
  }
}

/// Memory that is used soon and far away, because nobody has used it for long. A product has time to
/// fetch it: it asks for a little at a time, and the processor goes on computing meanwhile.
public struct MemoryAhead<Scalar> {
  /// Where each part begins.
  public var parts: (UnsafePointer<Scalar>, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?)
  /// Elements of each part.
  public var count: Int

  /// Gathers the parts.
  public init(
    _ first: UnsafePointer<Scalar>, _ second: UnsafePointer<Scalar>?,
    _ third: UnsafePointer<Scalar>?, count: Int
  ) {
    parts = (first, second, third)
    self.count = count
  }
}
