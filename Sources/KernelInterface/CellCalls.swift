/// The element-wise part of one timestep of a recurrent layer, for some rows.
///
/// Row n takes part while `timestep` < lengths[n]; afterwards it carries its state on. Every array
/// is addressed by row 0; no two overlap. Rows outside `rows` are neither read nor written.
public struct CellCall<Scalar> {
  /// The cell.
  public var cell: RecurrentCell
  /// H.
  public var hidden: Int
  /// t.
  public var timestep: Int
  /// The rows to compute.
  public var rows: Range<Int>
  /// Valid timesteps of every row; nil where none has ended.
  public var lengths: UnsafePointer<Int32>?
  /// [N, gates · H]. Forward in: x_t W + b, and the recurrent sums on top unless they are kept
  /// apart. Forward out: the gates after their nonlinearity. Backward out: the gradient by the
  /// input sums, zero where a row has ended.
  public var sums: UnsafeMutablePointer<Scalar>
  /// As `sums`, of h_{t-1} R + b_r; nil unless the cell keeps them apart.
  public var recurrentSums: UnsafeMutablePointer<Scalar>?
  /// Distance between rows of `sums` and `recurrentSums`.
  public var sumsStride: Int
  /// h_{t-1}, [N, hiddenStride].
  public var hiddenBefore: UnsafePointer<Scalar>
  /// h_t, [N, hiddenStride]: forward's result.
  public var hiddenAfter: UnsafeMutablePointer<Scalar>
  /// Distance between rows of h.
  public var hiddenStride: Int

  /// Gathers the call.
  public init(
    cell: RecurrentCell, hidden: Int, timestep: Int, rows: Range<Int>,
    lengths: UnsafePointer<Int32>?, sums: UnsafeMutablePointer<Scalar>,
    recurrentSums: UnsafeMutablePointer<Scalar>?, sumsStride: Int,
    hiddenBefore: UnsafePointer<Scalar>, hiddenAfter: UnsafeMutablePointer<Scalar>,
    hiddenStride: Int
  ) {
    self.cell = cell
    self.hidden = hidden
    self.timestep = timestep
    self.rows = rows
    self.lengths = lengths
    self.sums = sums
    self.recurrentSums = recurrentSums
    self.sumsStride = sumsStride
    self.hiddenBefore = hiddenBefore
    self.hiddenAfter = hiddenAfter
    self.hiddenStride = hiddenStride
  }
}

/// Gradients that go through one timestep's element-wise part.
public struct CellGradients<Scalar> {
  /// Gradient by this timestep's h from the layer above, [N, outputStride], or nil; ignored where a
  /// row has ended.
  public var output: UnsafePointer<Scalar>?
  /// Distance between rows of `output`.
  public var outputStride: Int
  /// [N, hiddenStride]. In: gradient by h_t from later timesteps. Out: the share of the gradient by
  /// h_{t-1} that does not go through the recurrent product; unchanged where a row has ended.
  public var hidden: UnsafeMutablePointer<Scalar>

  /// Gathers the gradients.
  public init(
    output: UnsafePointer<Scalar>?, outputStride: Int, hidden: UnsafeMutablePointer<Scalar>
  ) {
    self.output = output
    self.outputStride = outputStride
    self.hidden = hidden
  }
}

/// The operations of recurrent layers that are put together from products and element-wise parts.
public struct CellKernels<Scalar>: Sendable {
  /// From the sums to h_t.
  public var forward: @Sendable (_ call: CellCall<Scalar>) -> Void
  /// From the gradient by h_t to those by the sums.
  public var backward:
    @Sendable (_ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>) -> Void

  /// Gathers the operations.
  public init(
    forward: @escaping @Sendable (CellCall<Scalar>) -> Void,
    backward: @escaping @Sendable (CellCall<Scalar>, CellGradients<Scalar>) -> Void
  ) {
    self.forward = forward
    self.backward = backward
  }
}
