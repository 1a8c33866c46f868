public import RowwiseCompute
public import RowwiseKernelInterface
public import RowwiseWorkers
import Synchronization

/// A stack of layers with its weights, ready to run: sequences in, class probabilities out.
///
/// Any number of tasks may predict with it at once, each in work space of its own over the same
/// weights; inside, it uses all threads of its pool. What changes weights or gradients waits until it
/// is alone, so who predicts during training gets the answers of the weights between two steps. For
/// one instruction set all results have the same bits for any number of threads and callers, and a
/// sequence's probabilities do not depend on what else is in the batch.
public final class Network<Scalar: ComputeScalar>: Sendable {
  /// T and D of the input.
  public let timesteps: Int
  /// D.
  public let features: Int
  /// The layers.
  public let layers: [LayerSpecification]
  /// Every weight array, in order.
  public let parameters: [Parameter]
  /// Classes K: units of the last layer.
  public let classCount: Int
  /// The kernels in use.
  public let kernels: KernelSet<Scalar>
  /// The threads in use.
  public let pool: WorkerPool
  /// What the products of LSTM layers are formed in.
  public let precision: Precision
  /// Bytes that one layer may keep of its activations in training.
  public let activationBudget: Int
  /// What runs it; see `Engine`.
  package let engine: any Engine<Scalar>
  /// Whether a training of many steps has claimed the network.
  let isInTraining = Atomic<Bool>(false)

  /// Builds the layers and draws their first weights.
  ///
  /// - Parameters:
  ///   - layers: the stack; the last is `Dense` with softmax.
  ///   - timesteps: T, at least 1.
  ///   - features: D, at least 1.
  ///   - seed: of the first weights and of dropout; nil leaves all weights zero, for a network
  ///     whose weights come from a file.
  ///   - pool: threads to run on.
  ///   - kernels: nil for the fastest this processor has.
  ///   - precision: of the products of LSTM layers; other layers always use `Scalar`. With `int8` the
  ///     network only predicts: it has no gradients.
  ///   - activationBudget: bytes that one LSTM layer may keep of its activations in training. A layer
  ///     of H units, H′ with padding, over T timesteps and N sequences has T · N · 6 H′ numbers of
  ///     them: gates, h and c. Where that is too much, it keeps h and c at the start of k segments,
  ///     N · k · 2 H′ numbers, and one segment's activations at a time, ⌈T / k⌉ · N · 6 H′, which
  ///     costs a second forward pass: 4 products instead of 3. Sums over timesteps are then formed
  ///     in another order, so that weights differ by rounding from those of another budget.
  /// - Throws: `LayerError` when the layers do not fit together.
  public init(
    _ layers: [any Layer], timesteps: Int, features: Int, seed: UInt64?, pool: WorkerPool,
    kernels: KernelSet<Scalar>? = nil, precision: Precision = .float32,
    activationBudget: Int = 1 << 30
  ) throws(LayerError) {
    precondition(timesteps > 0 && features > 0, "input sizes must be positive")
    self.timesteps = timesteps
    self.features = features
    self.pool = pool
    self.precision = precision
    self.activationBudget = activationBudget
    let specifications = layers.map(\.specification)
    self.layers = specifications
    let kernels = kernels ?? Scalar.kernels(upTo: nil)
    self.kernels = kernels
    let builder = try NetworkBuilder(specifications, timesteps: timesteps, features: features)
    parameters = builder.parameters
    classCount = builder.parameters.last?.count ?? 0
    engine = CPUEngine(
      builder, timesteps: timesteps, features: features, seed: seed ?? 0, pool: pool,
      kernels: kernels, precision: precision, activationBudget: activationBudget)
    guard let seed else { return }
    engine.changeWeights { weights in
      for (index, (parameter, initializer)) in zip(parameters, builder.initializers).enumerated() {
        let columns = parameter.shape.last ?? 1
        let values = initializer.values(
          rows: parameter.count / columns, columns: columns, seed: seed, stream: UInt64(index))
        for (i, value) in values.enumerated() { weights[parameter.offset + i] = Scalar(value) }
      }
    }
  }

  /// The weight arrays that a stack of layers has, without making any.
  public static func parameters(
    of layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws(LayerError) -> [Parameter] {
    try NetworkBuilder(layers, timesteps: timesteps, features: features).parameters
  }

  /// Sums over a batch.
  public typealias BatchResult = RowwiseLayers.BatchResult

  /// Loss of a batch and its mean's gradient by every weight, which stay until the next call: those who
  /// compute gradients with one network take turns. Not with `Precision.int8`.
  ///
  /// - Parameters:
  ///   - batch: sequences and labels, each 0 ..< K.
  ///   - loss: what the loss is.
  ///   - meanOver: sequences that the mean is taken over, where several batches make up a step;
  ///     nil for those of this one.
  ///   - step: counts training steps; addresses dropout's random numbers.
  ///   - accumulates: add to the gradients that are there.
  ///   - wantsInputGradient: also leave the gradient by x for `inputGradient`.
  public func gradients(
    _ batch: SequenceBatch<Scalar>, loss: LossSettings = LossSettings(), meanOver: Int? = nil,
    step: UInt64 = 0, accumulates: Bool = false, wantsInputGradient: Bool = false
  ) -> BatchResult {
    check(batch)
    return engine.gradients(
      batch,
      GradientRequest(
        loss: loss, meanOver: meanOver ?? batch.count, step: step, accumulates: accumulates,
        wantsInputGradient: wantsInputGradient))
  }

  /// ∂loss/∂x, [T, N, D] of the last batch given to `gradients` with `wantsInputGradient`.
  public var inputGradient: [Scalar] { engine.inputGradient }

  /// Refuses a batch of other sizes.
  func check(_ batch: SequenceBatch<Scalar>) {
    precondition(
      batch.timesteps == timesteps && batch.features == features,
      "the network reads \(timesteps) × \(features), not \(batch.timesteps) × \(batch.features)")
  }
}

/// Sums over a batch.
public struct BatchResult: Sendable, Equatable {
  /// Σ of the sequences' losses, nats.
  public var lossSum: Double
  /// Sequences whose most probable class is their label.
  public var correct: Int
  /// Sequences.
  public var count: Int
}
