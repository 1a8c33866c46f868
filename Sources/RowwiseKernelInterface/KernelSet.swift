/// The operations everything else is made of, for one number type on one instruction set.
///
/// Every member may be called from several threads at once on disjoint outputs. For one instruction
/// set, the bits of a row's result depend on that row alone: not on the shard it is computed in, the
/// batch size, or the number of threads.
public struct KernelSet<Scalar: BinaryFloatingPoint & SIMDScalar & Sendable>: Sendable {
  /// A function of one argument that may run on any thread.
  public typealias Kernel<Call> = @Sendable (Call) -> Void

  /// The instruction set these kernels are written for.
  public var instructionSet: InstructionSet

  /// Layout of one LSTM shape.
  public var lstmLayout: @Sendable (LSTMShape) -> LSTMLayout
  /// Packs task `task` of `packTasks`: canonical weights → forward and, unless nil, backward form.
  public var lstmPack:
    @Sendable (
      _ shape: LSTMShape, _ weights: LSTMWeights<Scalar>, _ task: Int,
      _ forward: UnsafeMutablePointer<Scalar>, _ backward: UnsafeMutablePointer<Scalar>?
    ) -> Void
  /// Forward pass of one shard.
  public var lstmForward: Kernel<LSTMForwardCall<Scalar>>
  /// Backward pass of one shard.
  public var lstmBackward: Kernel<LSTMBackwardCall<Scalar>>
  /// Weight gradient, task `task` of `gradientTasks`.
  public var lstmGradient: @Sendable (_ call: LSTMGradientCall<Scalar>, _ task: Int) -> Void

  /// Layout of a fully connected layer.
  public var denseLayout: @Sendable (_ inputs: Int, _ outputs: Int) -> DenseLayout
  /// Packs W [inputs, outputs] and b [outputs] for forward and, unless nil, W for backward.
  public var densePack:
    @Sendable (
      _ inputs: Int, _ outputs: Int, _ weight: UnsafePointer<Scalar>, _ bias: UnsafePointer<Scalar>,
      _ forward: UnsafeMutablePointer<Scalar>, _ backward: UnsafeMutablePointer<Scalar>?
    ) -> Void
  /// y = x W + b, or y += x W.
  public var denseForward:
    @Sendable (_ call: DenseCall<Scalar>, _ packed: UnsafePointer<Scalar>) -> Void
  /// dx = dy Wᵀ, or dx += dy Wᵀ.
  public var denseBackward:
    @Sendable (_ call: DenseCall<Scalar>, _ packed: UnsafePointer<Scalar>) -> Void
  /// dW = xᵀ dy, db = Σ dy over the call's rows in order, without db where there is no receiver; task
  /// `task` of `gradientTasks`; adds to the receivers when `accumulates`.
  public var denseGradient:
    @Sendable (
      _ call: DenseCall<Scalar>, _ task: Int, _ weightGradient: UnsafeMutablePointer<Scalar>,
      _ biasGradient: UnsafeMutablePointer<Scalar>?, _ accumulates: Bool,
      _ scratch: UnsafeMutablePointer<Scalar>
    ) -> Void

  /// Element-wise parts of recurrent layers.
  public var cells: CellKernels<Scalar>

  /// x ← f(x), element-wise, `count` elements.
  public var activate:
    @Sendable (_ kind: Activation, _ x: UnsafeMutablePointer<Scalar>, _ count: Int) -> Void
  /// dy ← dy f′, from y = f(x), element-wise.
  public var activateBackward:
    @Sendable (
      _ kind: Activation, _ y: UnsafePointer<Scalar>, _ dy: UnsafeMutablePointer<Scalar>,
      _ count: Int
    ) -> Void
  /// y ← x rounded to bfloat16, to nearest, ties to even; in place when y is x. NaN stays NaN.
  public var roundToBFloat16:
    @Sendable (
      _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ count: Int
    ) -> Void
  /// Softmax of one row in place, the largest logit subtracted first; returns the logarithm of the
  /// sum of exponentials (natural, of the original logits).
  public var softmax: @Sendable (_ row: UnsafeMutablePointer<Scalar>, _ count: Int) -> Double
  /// One optimizer step on a run of parameters.
  public var optimize:
    @Sendable (_ rule: OptimizerRule<Scalar>, _ call: OptimizerCall<Scalar>) -> Void
  /// Σ x² in a fixed order, in Double.
  public var sumOfSquares: @Sendable (_ x: UnsafePointer<Scalar>, _ count: Int) -> Double

  /// Products and sums in one round of `multiplyAddChains`.
  public var multiplyAddOperations: Int
  /// Independent chains of multiply-adds x ← 0.999 x + 0.001 and nothing else, `rounds` long: the
  /// arithmetic peak. Returns the sum over the chains, so that none can be left out.
  public var multiplyAddChains: @Sendable (_ rounds: Int) -> Scalar
  /// Products and sums in one round of `bfloat16Chains`; 0 where the instruction set has no
  /// bfloat16 products.
  public var bfloat16Operations: Int
  /// The same peak of bfloat16 products with single-precision sums: independent chains
  /// x ← x + 2 · 0.5², started at 0. Returns the sum over the chains, or 0 without such products.
  public var bfloat16Chains: @Sendable (_ rounds: Int) -> Scalar
  /// a ← b + 3 c, `count` elements: the memory's bandwidth.
  public var triad:
    @Sendable (
      _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>,
      _ count: Int
    ) -> Void

  /// Gathers the operations.
  public init(
    instructionSet: InstructionSet,
    lstmLayout: @escaping @Sendable (LSTMShape) -> LSTMLayout,
    lstmPack:
      @escaping @Sendable (
        LSTMShape, LSTMWeights<Scalar>, Int, UnsafeMutablePointer<Scalar>,
        UnsafeMutablePointer<Scalar>?
      ) -> Void,
    lstmForward: @escaping Kernel<LSTMForwardCall<Scalar>>,
    lstmBackward: @escaping Kernel<LSTMBackwardCall<Scalar>>,
    lstmGradient: @escaping @Sendable (LSTMGradientCall<Scalar>, Int) -> Void,
    denseLayout: @escaping @Sendable (Int, Int) -> DenseLayout,
    densePack:
      @escaping @Sendable (
        Int, Int, UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>,
        UnsafeMutablePointer<Scalar>?
      ) -> Void,
    denseForward: @escaping @Sendable (DenseCall<Scalar>, UnsafePointer<Scalar>) -> Void,
    denseBackward: @escaping @Sendable (DenseCall<Scalar>, UnsafePointer<Scalar>) -> Void,
    denseGradient:
      @escaping @Sendable (
        DenseCall<Scalar>, Int, UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>?, Bool,
        UnsafeMutablePointer<Scalar>
      ) -> Void,
    cells: CellKernels<Scalar>,
    activate: @escaping @Sendable (Activation, UnsafeMutablePointer<Scalar>, Int) -> Void,
    activateBackward:
      @escaping @Sendable (Activation, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) ->
      Void,
    roundToBFloat16:
      @escaping @Sendable (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void,
    softmax: @escaping @Sendable (UnsafeMutablePointer<Scalar>, Int) -> Double,
    optimize: @escaping @Sendable (OptimizerRule<Scalar>, OptimizerCall<Scalar>) -> Void,
    sumOfSquares: @escaping @Sendable (UnsafePointer<Scalar>, Int) -> Double,
    multiplyAddOperations: Int,
    multiplyAddChains: @escaping @Sendable (Int) -> Scalar,
    bfloat16Operations: Int = 0,
    bfloat16Chains: @escaping @Sendable (Int) -> Scalar = { _ in 0 },
    triad:
      @escaping @Sendable (
        UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>, Int
      ) -> Void
  ) {
    self.instructionSet = instructionSet
    self.lstmLayout = lstmLayout
    self.lstmPack = lstmPack
    self.lstmForward = lstmForward
    self.lstmBackward = lstmBackward
    self.lstmGradient = lstmGradient
    self.denseLayout = denseLayout
    self.densePack = densePack
    self.denseForward = denseForward
    self.denseBackward = denseBackward
    self.denseGradient = denseGradient
    self.cells = cells
    self.activate = activate
    self.activateBackward = activateBackward
    self.roundToBFloat16 = roundToBFloat16
    self.softmax = softmax
    self.optimize = optimize
    self.sumOfSquares = sumOfSquares
    self.multiplyAddOperations = multiplyAddOperations
    self.multiplyAddChains = multiplyAddChains
    self.bfloat16Operations = bfloat16Operations
    self.bfloat16Chains = bfloat16Chains
    self.triad = triad
  }
}
