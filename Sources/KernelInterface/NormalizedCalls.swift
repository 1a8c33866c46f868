/// The gradients by the weights of a layer-normalised LSTM, gains and bias included, over T · N rows.
public struct NormalizedGradientCall<Scalar> {
  /// A product's left side, its sums, and what is wanted of it.
  public struct Side {
    /// D or H.
    public var inputs: Int
    /// x or h_{t-1}, [rows, stride].
    public var values: UnsafePointer<Scalar>
    /// Distance between rows of `values`.
    public var stride: Int
    /// u or v, [rows, sumsStride].
    public var sums: UnsafePointer<Scalar>
    /// γ [4H].
    public var gain: UnsafePointer<Scalar>
    /// The first row whose values are not all zero; what rows before it have in `sums` is zero too.
    public var firstRow: Int
    /// Receives the gradient by W or R, [inputs, 4H].
    public var weightGradient: UnsafeMutablePointer<Scalar>
    /// Receives the gradient by γ.
    public var gainGradient: UnsafeMutablePointer<Scalar>

    /// Gathers a side.
    public init(
      inputs: Int, values: UnsafePointer<Scalar>, stride: Int, sums: UnsafePointer<Scalar>,
      gain: UnsafePointer<Scalar>, firstRow: Int = 0, weightGradient: UnsafeMutablePointer<Scalar>,
      gainGradient: UnsafeMutablePointer<Scalar>
    ) {
      self.inputs = inputs
      self.values = values
      self.stride = stride
      self.sums = sums
      self.gain = gain
      self.firstRow = firstRow
      self.weightGradient = weightGradient
      self.gainGradient = gainGradient
    }
  }

  /// 4H.
  public var columns: Int
  /// T · N.
  public var rows: Int
  /// δz, the gradient by the gates' pre-activations, [rows, sumsStride].
  public var gates: UnsafePointer<Scalar>
  /// [rows, 8], see `NormalizedKernels`.
  public var statistics: UnsafePointer<Scalar>
  /// Distance between rows of the sums and the gates.
  public var sumsStride: Int
  /// x W.
  public var input: Side
  /// h R.
  public var recurrent: Side
  /// Receives the gradient by b, [4H].
  public var biasGradient: UnsafeMutablePointer<Scalar>
  /// Adds to the receivers.
  public var accumulates: Bool
  /// Scratch memory; see `NormalizedLayout`.
  public var scratch: UnsafeMutablePointer<Scalar>

  /// Gathers the call.
  public init(
    columns: Int, rows: Int, gates: UnsafePointer<Scalar>, statistics: UnsafePointer<Scalar>,
    sumsStride: Int, input: Side, recurrent: Side, biasGradient: UnsafeMutablePointer<Scalar>,
    accumulates: Bool, scratch: UnsafeMutablePointer<Scalar>
  ) {
    self.columns = columns
    self.rows = rows
    self.gates = gates
    self.statistics = statistics
    self.sumsStride = sumsStride
    self.input = input
    self.recurrent = recurrent
    self.biasGradient = biasGradient
    self.accumulates = accumulates
    self.scratch = scratch
  }
}

/// What a variant needs for a layer-normalised LSTM's products.
public struct NormalizedLayout: Sendable, Equatable {
  /// Independent parts of the weight gradient.
  public var gradientTasks: Int
  /// Elements of scratch memory that a gradient task needs.
  public var gradientScratch: Int

  /// Makes a layout.
  public init(gradientTasks: Int, gradientScratch: Int) {
    self.gradientTasks = gradientTasks
    self.gradientScratch = gradientScratch
  }
}

/// What a layer-normalised LSTM's products need besides those of a fully connected layer.
///
/// With N(s) = (s − mean s) / √(variance of s + 10⁻⁵): a row of x W has mean zero where every row of W
/// has. So the products use W′, W less its rows' means; then x W′ = x W − mean, and N(x W) = x W′ / σ
/// with σ² = Σ (x W′)² / 4H + 10⁻⁵: all that is left of a row's normalisation is one number. No
/// square is subtracted from another, so σ is as exact as the product.
///
/// `CellCall.Normalized.statistics` are 8 numbers of a row and timestep:
///
///     0, 1   1/σ of the input sums u = x_t W′ and of the recurrent sums v = h_{t-1} R′
///     2, 3   mean and 1/σ of c_t
///     4, 5   a and b of the gradient by the input sums, from backward on
///     6, 7   a and b of the gradient by the recurrent sums
///
/// where the gradient by u is γ_x ⊙ δz / σ + a + b u, and that by v alike: with n = N(u) and
/// g = γ_x ⊙ δz it is (g − mean(g) − n mean(g n)) / σ.
public struct NormalizedKernels<Scalar>: Sendable {
  /// Layout for D, H.
  public var layout: @Sendable (_ features: Int, _ hidden: Int) -> NormalizedLayout
  /// W′ of W [rows, columns].
  public var center:
    @Sendable (
      _ weight: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int,
      _ out: UnsafeMutablePointer<Scalar>
    ) -> Void
  /// Part `task` of `gradientTasks` of the weight gradient.
  public var gradient: @Sendable (_ call: NormalizedGradientCall<Scalar>, _ task: Int) -> Void

  /// Gathers the operations.
  public init(
    layout: @escaping @Sendable (Int, Int) -> NormalizedLayout,
    center:
      @escaping @Sendable (UnsafePointer<Scalar>, Int, Int, UnsafeMutablePointer<Scalar>) -> Void,
    gradient: @escaping @Sendable (NormalizedGradientCall<Scalar>, Int) -> Void
  ) {
    self.layout = layout
    self.center = center
    self.gradient = gradient
  }
}
