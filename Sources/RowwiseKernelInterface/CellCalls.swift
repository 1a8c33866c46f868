/// The element-wise part of one timestep of a recurrent layer, for some rows.
///
/// Row n takes part while `timestep` < lengths[n]; afterwards it carries its state on. Every array
/// is addressed by row 0; no two overlap. Rows outside `rows` are neither read nor written.
public struct CellCall<Scalar> {
  /// The cell.
  public var cell: RecurrentCell
  /// Numbers of a row's state: H, of `lru` 2H.
  public var hidden: Int
  /// t.
  public var timestep: Int
  /// The rows to compute.
  public var rows: Range<Int>
  /// Valid timesteps of every row; nil where none has ended.
  public var lengths: UnsafePointer<Int32>?
  /// [N, gates · H]. Forward in: x_t W + b, and the recurrent sums on top unless they are kept
  /// apart. Forward out: the gates after their nonlinearity, of `lru` what was there. Backward out: the gradient by the input
  /// sums, zero where a row has ended. With layer normalisation forward leaves x_t W′ as it is, see
  /// `NormalizedKernels`.
  public var sums: UnsafeMutablePointer<Scalar>
  /// As `sums`, of h_{t-1} R + b_r; nil unless the cell keeps them apart.
  public var recurrentSums: UnsafeMutablePointer<Scalar>?
  /// For layer normalisation only.
  public var normalized: Normalized?
  /// Distance between rows of the sums and the gates.
  public var sumsStride: Int
  /// h_{t-1}, [N, hiddenStride].
  public var hiddenBefore: UnsafePointer<Scalar>
  /// h_t, [N, hiddenStride]: forward's result.
  public var hiddenAfter: UnsafeMutablePointer<Scalar>
  /// c_{t-1} and c_t, [N, hiddenStride] each; nil for cells without.
  public var cellState: (before: UnsafePointer<Scalar>, after: UnsafeMutablePointer<Scalar>)?
  /// Distance between rows of h and c.
  public var hiddenStride: Int
  /// Recurrent dropout, forward only: a row's mask [N, hiddenStride] and the receiver of
  /// mask ⊙ h_t, [N, hiddenStride].
  public var dropout: (mask: UnsafePointer<Scalar>, after: UnsafeMutablePointer<Scalar>)?
  /// Units that keep their state; nil for none.
  public var zoneout: Zoneout?
  /// The element-wise part's weights.
  public var parameters = CellParameters<Scalar>()

  /// What layer normalisation keeps besides.
  public struct Normalized {
    /// [N, 4H]. Forward out: the gates after their nonlinearity. Backward leaves nothing of use.
    public var gates: UnsafeMutablePointer<Scalar>
    /// [N, 8], see `NormalizedKernels`.
    public var statistics: UnsafeMutablePointer<Scalar>
    /// Memory of one thread for `NormalizedKernels.scratch` elements; backward needs it.
    public var scratch: UnsafeMutablePointer<Scalar>?

    /// Gathers them.
    public init(
      gates: UnsafeMutablePointer<Scalar>, statistics: UnsafeMutablePointer<Scalar>,
      scratch: UnsafeMutablePointer<Scalar>? = nil
    ) {
      self.gates = gates
      self.statistics = statistics
      self.scratch = scratch
    }
  }

  /// Gathers what every cell needs.
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
  /// [N, hiddenStride]. In: gradient by c_t. Out: gradient by c_{t-1}. nil for cells without c.
  public var cell: UnsafeMutablePointer<Scalar>?
  /// Receives, added to what is there, the gradient by the element-wise part's weights,
  /// [⌈N / parameterRows⌉, parameterStride]: P [3H], or γ_x, γ_h, b [4H each], γ_c, b_c [H each],
  /// or those of Re λ, Im λ, γ [H each].
  /// Row n adds to row n / `parameterRows`, one after the other; calls made at the same time must not
  /// share such a row. nil where there are no such weights.
  public var parameters: UnsafeMutablePointer<Scalar>?
  /// Distance between rows of `parameters`.
  public var parameterStride: Int
  /// Rows that share a row of `parameters`.
  public var parameterRows: Int

  /// Gathers the gradients.
  public init(
    output: UnsafePointer<Scalar>?, outputStride: Int, hidden: UnsafeMutablePointer<Scalar>,
    cell: UnsafeMutablePointer<Scalar>?, parameters: UnsafeMutablePointer<Scalar>?,
    parameterStride: Int, parameterRows: Int
  ) {
    self.output = output
    self.outputStride = outputStride
    self.hidden = hidden
    self.cell = cell
    self.parameters = parameters
    self.parameterStride = parameterStride
    self.parameterRows = parameterRows
  }
}

/// The reset gate of `RecurrentCell.gruResetBefore` in one timestep, for some rows.
public struct ResetCall<Scalar> {
  /// The rows to compute.
  public var rows: Range<Int>
  /// H.
  public var hidden: Int
  /// [N, gateStride], row 0 first. Forward in: the gate's sums; out: r. Backward in: r; out: the
  /// gradient by the sums.
  public var gate: UnsafeMutablePointer<Scalar>
  /// Distance between rows of the gate.
  public var gateStride: Int
  /// h_{t-1} as products read it, [N, hiddenStride], row 0 first.
  public var hiddenBefore: UnsafePointer<Scalar>
  /// [N, hiddenStride], row 0 first. Forward out: r ⊙ h_{t-1}. Backward in: the gradient δ by that; out:
  /// δ ⊙ r, the gradient by h_{t-1}.
  public var product: UnsafeMutablePointer<Scalar>
  /// Distance between rows of h and of the product.
  public var hiddenStride: Int

  /// Gathers the call.
  public init(
    rows: Range<Int>, hidden: Int, gate: UnsafeMutablePointer<Scalar>, gateStride: Int,
    hiddenBefore: UnsafePointer<Scalar>, product: UnsafeMutablePointer<Scalar>, hiddenStride: Int
  ) {
    self.rows = rows
    self.hidden = hidden
    self.gate = gate
    self.gateStride = gateStride
    self.hiddenBefore = hiddenBefore
    self.product = product
    self.hiddenStride = hiddenStride
  }
}

/// Rows added to rows.
public struct RowsCall<Scalar> {
  /// Rows.
  public var rows: Range<Int>
  /// Elements of a row.
  public var width: Int
  /// x, row 0 first.
  public var x: UnsafePointer<Scalar>
  /// Distance between rows of x.
  public var xStride: Int
  /// y, row 0 first.
  public var y: UnsafeMutablePointer<Scalar>
  /// Distance between rows of y.
  public var yStride: Int

  /// Gathers the call.
  public init(
    rows: Range<Int>, width: Int, x: UnsafePointer<Scalar>, xStride: Int,
    y: UnsafeMutablePointer<Scalar>, yStride: Int
  ) {
    self.rows = rows
    self.width = width
    self.x = x
    self.xStride = xStride
    self.y = y
    self.yStride = yStride
  }
}

/// The operations of recurrent layers that are put together from products and element-wise parts,
/// and of what goes with them.
public struct CellKernels<Scalar>: Sendable {
  /// From the sums to h_t.
  public var forward: @Sendable (_ call: CellCall<Scalar>) -> Void
  /// From the gradient by h_t to those by the sums.
  public var backward:
    @Sendable (_ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>) -> Void
  /// y = x W + b + x′ W′: the sums of cells that do not keep the recurrent ones apart, from both
  /// calls of `denseForward`, with their packed weights; the second call accumulates on the same y and
  /// says what is used next.
  public var product:
    @Sendable (
      _ first: DenseCall<Scalar>, _ firstPacked: UnsafePointer<Scalar>,
      _ second: DenseCall<Scalar>, _ secondPacked: UnsafePointer<Scalar>
    ) -> Void
  /// The reset gate, where it comes before the candidate's product: r and r ⊙ h_{t-1}.
  public var reset: @Sendable (_ call: ResetCall<Scalar>) -> Void
  /// From the gradient by r ⊙ h_{t-1} to those by the gate's sums and by h_{t-1}.
  public var resetBackward: @Sendable (_ call: ResetCall<Scalar>) -> Void
  /// The gated linear unit: from (a, b) to (a, σ(b)) and a ⊙ σ(b).
  public var open: @Sendable (_ call: GateCall<Scalar>) -> Void
  /// From (a, σ(b)) and the gradient by a ⊙ σ(b) to those by a and b.
  public var openBackward: @Sendable (_ call: GateCall<Scalar>) -> Void
  /// The rest of layer normalisation.
  public var normalized: NormalizedKernels<Scalar>
  /// Layer normalisation as a layer of its own.
  public var norm: NormKernels<Scalar>
  /// y += x, or y += m ⊙ x with m [rows, mStride], row 0 first.
  public var add:
    @Sendable (
      _ call: RowsCall<Scalar>, _ multiplier: (start: UnsafePointer<Scalar>, stride: Int)?
    ) -> Void
  /// y[0] += Σ x over the call's rows, in order; with one row of y.
  public var sum: @Sendable (_ call: RowsCall<Scalar>) -> Void
  /// Pooling over timesteps.
  public var pool: @Sendable (_ call: PoolingCall<Scalar>) -> Void
  /// Gradients of pooling.
  public var poolBackward:
    @Sendable (_ call: PoolingCall<Scalar>, _ gradients: PoolingGradients<Scalar>) -> Void

  /// Gathers the operations.
  public init(
    forward: @escaping @Sendable (CellCall<Scalar>) -> Void,
    backward: @escaping @Sendable (CellCall<Scalar>, CellGradients<Scalar>) -> Void,
    product:
      @escaping @Sendable (
        DenseCall<Scalar>, UnsafePointer<Scalar>, DenseCall<Scalar>, UnsafePointer<Scalar>
      ) -> Void,
    reset: @escaping @Sendable (ResetCall<Scalar>) -> Void,
    resetBackward: @escaping @Sendable (ResetCall<Scalar>) -> Void,
    open: @escaping @Sendable (GateCall<Scalar>) -> Void,
    openBackward: @escaping @Sendable (GateCall<Scalar>) -> Void,
    normalized: NormalizedKernels<Scalar>,
    norm: NormKernels<Scalar>,
    add:
      @escaping @Sendable (RowsCall<Scalar>, (start: UnsafePointer<Scalar>, stride: Int)?) -> Void,
    sum: @escaping @Sendable (RowsCall<Scalar>) -> Void,
    pool: @escaping @Sendable (PoolingCall<Scalar>) -> Void,
    poolBackward: @escaping @Sendable (PoolingCall<Scalar>, PoolingGradients<Scalar>) -> Void
  ) {
    self.forward = forward
    self.backward = backward
    self.product = product
    self.reset = reset
    self.resetBackward = resetBackward
    self.open = open
    self.openBackward = openBackward
    self.normalized = normalized
    self.norm = norm
    self.add = add
    self.sum = sum
    self.pool = pool
    self.poolBackward = poolBackward
  }
}
