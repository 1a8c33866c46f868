/// Addresses of one LSTM layer's weights in canonical layout, row-major; gate order i, f, g, o.
public struct LSTMWeights<Scalar> {
  /// W [D, 4H].
  public var input: UnsafeMutablePointer<Scalar>
  /// R [H, 4H].
  public var recurrent: UnsafeMutablePointer<Scalar>
  /// P: nothing, [3, H] (i, f, o) or [H, 3H] (i, f, o); nil exactly for `.none`.
  public var peephole: UnsafeMutablePointer<Scalar>?
  /// b [4H].
  public var bias: UnsafeMutablePointer<Scalar>

  /// Gathers the four addresses.
  public init(
    input: UnsafeMutablePointer<Scalar>, recurrent: UnsafeMutablePointer<Scalar>,
    peephole: UnsafeMutablePointer<Scalar>?, bias: UnsafeMutablePointer<Scalar>
  ) {
    self.input = input
    self.recurrent = recurrent
    self.peephole = peephole
    self.bias = bias
  }
}

/// What one of several threads computes of a single row: they take their groups of units through a step each,
/// and the next one begins when all of them have ended it.
public struct LSTMShare: Sendable, Equatable {
  /// Timesteps, of the call's 0 ..< T; the same row's earlier ones have been computed.
  public var steps: Range<Int>
  /// Groups of units, of `LSTMLayout.unitGroups`.
  public var groups: Range<Int>

  /// Takes steps and groups together.
  public init(steps: Range<Int>, groups: Range<Int>) {
    self.steps = steps
    self.groups = groups
  }
}

/// One shard's whole-sequence forward pass of one LSTM layer.
///
/// For t = 0 ..< T, with σ the logistic function:
///
///     i = σ(x_t W_i + h_{t-1} R_i + p_i + b_i)     f likewise     o likewise
///     g = tanh(x_t W_g + h_{t-1} R_g + b_g)
///     c_t = f ⊙ c_{t-1} + i ⊙ g
///     h_t = o ⊙ tanh(c_t)
///
/// p is nothing (`.none`); c_{t-1} P_i, c_{t-1} P_f, c_{t-1} P_o with matrices (`.full`); or
/// P_i ⊙ c_{t-1}, P_f ⊙ c_{t-1}, P_o ⊙ c_t (`.diagonal`; o sees the new c_t).
/// With `Precision.bfloat16` the caller has rounded x, and h_t is rounded before it is stored. With
/// `Precision.int8` the kernel rounds x and h for its products only, and `gates` is nil.
/// Row n takes part in steps t < lengths[n]; afterwards it carries h and c on unchanged.
///
/// h and c have slots: step t reads slot `t & slotMask` and writes slot `(t + 1) & slotMask`.
/// A mask of -1 keeps every step (T + 1 slots); 1 keeps two slots, for inference. The caller fills
/// slot 0 (initial state). No two arrays overlap. Rows outside `rows` are neither read nor written.
public struct LSTMForwardCall<Scalar> {
  /// The layer's sizes.
  public var shape: LSTMShape
  /// T, at least 1.
  public var timesteps: Int
  /// N, the rows of every [.., N, ..] array here.
  public var batch: Int
  /// The shard: rows in 0 ..< N that this call computes.
  public var rows: Range<Int>
  /// x [T, N, inputStride], the first D elements of a row used; finite even in padding.
  public var input: UnsafePointer<Scalar>
  /// Distance between rows of `input`, at least D.
  public var inputStride: Int
  /// h [slots, N, hiddenStride]; elements from H on stay zero.
  public var hidden: UnsafeMutablePointer<Scalar>
  /// `-1` or `1`; see above.
  public var hiddenSlotMask: Int
  /// c [slots, N, hiddenStride]; elements from H on stay zero.
  public var cell: UnsafeMutablePointer<Scalar>
  /// `-1` or `1`; see above.
  public var cellSlotMask: Int
  /// Receives the gates after their nonlinearity in the kernel's own layout, for `backward`;
  /// T × N × gateStride elements, or nil for inference.
  public var gates: UnsafeMutablePointer<Scalar>?
  /// Valid timesteps of every row, counted from `firstTimestep` timesteps before this call's first;
  /// nil when all are valid.
  public var lengths: UnsafePointer<Int32>?
  /// Timesteps that were read before this call; only `lengths` depends on it.
  public var firstTimestep: Int
  /// Whether slot 0 of h and c is zero, so that products over it may be left out.
  public var startsFromZero: Bool
  /// Weights packed for forward.
  public var packed: UnsafePointer<Scalar>
  /// Scratch, `LSTMLayout.scratch` elements, contents meaningless before and after; the calls for the steps
  /// of one share must have the same.
  public var scratch: UnsafeMutablePointer<Scalar>
  /// The part of a single row that this call computes; nil: all timesteps and units.
  public var share: LSTMShare?

  /// Gathers the call.
  public init(
    shape: LSTMShape, timesteps: Int, batch: Int, rows: Range<Int>,
    input: UnsafePointer<Scalar>, inputStride: Int,
    hidden: UnsafeMutablePointer<Scalar>, hiddenSlotMask: Int,
    cell: UnsafeMutablePointer<Scalar>, cellSlotMask: Int,
    gates: UnsafeMutablePointer<Scalar>?, lengths: UnsafePointer<Int32>?, firstTimestep: Int = 0,
    startsFromZero: Bool = false, packed: UnsafePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>, share: LSTMShare? = nil
  ) {
    precondition(share == nil || rows.count == 1, "only single rows are shared")
    self.shape = shape
    self.timesteps = timesteps
    self.batch = batch
    self.rows = rows
    self.input = input
    self.inputStride = inputStride
    self.hidden = hidden
    self.hiddenSlotMask = hiddenSlotMask
    self.cell = cell
    self.cellSlotMask = cellSlotMask
    self.gates = gates
    self.lengths = lengths
    self.firstTimestep = firstTimestep
    self.startsFromZero = startsFromZero
    self.packed = packed
    self.scratch = scratch
    self.share = share
  }
}

/// One shard's whole-sequence backward pass of one LSTM layer, after a forward with `gates`.
///
/// Turns the gates (activations) in place into the loss's gradient by the gates' pre-activations,
/// zero where a row has ended, rounded with `Precision.bfloat16`. No two arrays overlap.
public struct LSTMBackwardCall<Scalar> {
  /// The layer's sizes.
  public var shape: LSTMShape
  /// T, at least 1.
  public var timesteps: Int
  /// N.
  public var batch: Int
  /// The shard: rows in 0 ..< N that this call computes.
  public var rows: Range<Int>
  /// c [T + 1, N, hiddenStride] as forward left it.
  public var cell: UnsafePointer<Scalar>
  /// In: activations. Out: gradients by the pre-activations. The kernel's own layout.
  public var gates: UnsafeMutablePointer<Scalar>
  /// As in the forward call.
  public var lengths: UnsafePointer<Int32>?
  /// As in the forward call.
  public var firstTimestep: Int
  /// As in the forward call; the gradients by the initial h and c are unspecified then.
  public var startsFromZero: Bool
  /// Gradient by every h_t, [T, N, outputGradientStride], its first H elements used; or nil.
  /// Ignored where a row has ended.
  public var outputGradient: UnsafePointer<Scalar>?
  /// Distance between rows of `outputGradient`.
  public var outputGradientStride: Int
  /// In: gradient by the last h, [N, hiddenStride]. Out: gradient by the initial h.
  public var hiddenGradient: UnsafeMutablePointer<Scalar>
  /// In: gradient by the last c, [N, hiddenStride]. Out: gradient by the initial c.
  public var cellGradient: UnsafeMutablePointer<Scalar>
  /// Receives the gradient by x, [T, N, inputGradientStride], zero where a row has ended; elements
  /// from D on are unspecified. nil where nobody needs it.
  public var inputGradient: UnsafeMutablePointer<Scalar>?
  /// Distance between rows of `inputGradient`, at least D.
  public var inputGradientStride: Int
  /// Weights packed for backward.
  public var packed: UnsafePointer<Scalar>
  /// Scratch, `LSTMLayout.scratch` elements.
  public var scratch: UnsafeMutablePointer<Scalar>

  /// Gathers the call.
  public init(
    shape: LSTMShape, timesteps: Int, batch: Int, rows: Range<Int>,
    cell: UnsafePointer<Scalar>, gates: UnsafeMutablePointer<Scalar>,
    lengths: UnsafePointer<Int32>?, firstTimestep: Int = 0, startsFromZero: Bool = false,
    outputGradient: UnsafePointer<Scalar>?, outputGradientStride: Int,
    hiddenGradient: UnsafeMutablePointer<Scalar>, cellGradient: UnsafeMutablePointer<Scalar>,
    inputGradient: UnsafeMutablePointer<Scalar>?, inputGradientStride: Int,
    packed: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
  ) {
    self.shape = shape
    self.timesteps = timesteps
    self.batch = batch
    self.rows = rows
    self.cell = cell
    self.gates = gates
    self.lengths = lengths
    self.firstTimestep = firstTimestep
    self.startsFromZero = startsFromZero
    self.outputGradient = outputGradient
    self.outputGradientStride = outputGradientStride
    self.hiddenGradient = hiddenGradient
    self.cellGradient = cellGradient
    self.inputGradient = inputGradient
    self.inputGradientStride = inputGradientStride
    self.packed = packed
    self.scratch = scratch
  }
}

/// One part of an LSTM layer's weight gradient: products over all T·N rows, after backward has run
/// for every shard.
///
/// Each element of a gradient is summed in the order t, n by exactly one task, so its bits depend
/// neither on the number of threads nor on how the tasks are shared among them.
public struct LSTMGradientCall<Scalar> {
  /// The layer's sizes.
  public var shape: LSTMShape
  /// T.
  public var timesteps: Int
  /// N.
  public var batch: Int
  /// x, as in the forward call.
  public var input: UnsafePointer<Scalar>
  /// As in the forward call.
  public var inputStride: Int
  /// h [T + 1, N, hiddenStride] as forward left it.
  public var hidden: UnsafePointer<Scalar>
  /// c [T + 1, N, hiddenStride] as forward left it.
  public var cell: UnsafePointer<Scalar>
  /// The gradients by the pre-activations, as backward left them.
  public var gates: UnsafePointer<Scalar>
  /// As in the forward call.
  public var startsFromZero: Bool
  /// Receives the gradients, in canonical layout.
  public var gradients: LSTMWeights<Scalar>
  /// Adds to what `gradients` holds when true; overwrites it when false.
  public var accumulates: Bool
  /// Scratch, `gradientScratch` elements.
  public var scratch: UnsafeMutablePointer<Scalar>

  /// Gathers the call.
  public init(
    shape: LSTMShape, timesteps: Int, batch: Int,
    input: UnsafePointer<Scalar>, inputStride: Int,
    hidden: UnsafePointer<Scalar>, cell: UnsafePointer<Scalar>, gates: UnsafePointer<Scalar>,
    startsFromZero: Bool = false, gradients: LSTMWeights<Scalar>, accumulates: Bool,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    self.shape = shape
    self.timesteps = timesteps
    self.batch = batch
    self.input = input
    self.inputStride = inputStride
    self.hidden = hidden
    self.cell = cell
    self.gates = gates
    self.startsFromZero = startsFromZero
    self.gradients = gradients
    self.accumulates = accumulates
    self.scratch = scratch
  }
}
