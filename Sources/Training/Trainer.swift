public import Compute
public import Layers

/// How to train.
public struct TrainingOptions: Sendable, Equatable {
  /// Passes over the training data.
  public var epochs = 10
  /// Sequences a step; the last step of an epoch may have fewer.
  public var batchSize = 32
  /// The update rule.
  public var optimizer = Optimizer.adam()
  /// How the learning rate changes over the run.
  public var schedule = LearningRateSchedule.constant
  /// Limit of the gradients' global norm; nil for none.
  public var clipNorm: Double?
  /// Whether every epoch has an order of its own.
  public var shuffles = true
  /// Of the order of samples.
  public var seed: UInt64 = 0
  /// Whether to go back, at the end, to the weights of the epoch with the best validation accuracy
  /// (of equals the one with the lower loss).
  public var restoresBestWeights = false

  /// Keras's defaults.
  public init() {}

  /// What is wrong with the values, or nil.
  public var problem: String? {
    if epochs < 1 { return "epochs must be at least 1, not \(epochs)" }
    if batchSize < 1 { return "batch size must be at least 1, not \(batchSize)" }
    if let clipNorm, !(clipNorm > 0) {
      return "the gradient norm's limit must be positive, not \(clipNorm)"
    }
    return optimizer.problem
  }
}

/// Where training is, told after every step.
public struct TrainingStep: Sendable, Equatable {
  /// From 1.
  public var epoch: Int
  /// Steps done in this epoch.
  public var step: Int
  /// Steps an epoch has.
  public var steps: Int
  /// Samples done in this epoch.
  public var samples: Int
  /// Means over this epoch so far.
  public var running: EpochMetrics
}

/// What is told while training, as Keras's callbacks; every one may be left out.
public struct TrainingCallbacks {
  /// Before an epoch, with its number from 1.
  public var onEpochBegin: ((_ epoch: Int) throws -> Void)?
  /// After every step.
  public var onStepEnd: ((TrainingStep) throws -> Void)?
  /// After an epoch and its validation.
  public var onEpochEnd: ((EpochResult) throws -> Void)?
  /// Asked after every step; true ends training there, with what was reached.
  public var shouldStop: (() -> Bool)?

  /// None.
  public init() {}
}

/// Trains a network on sequences.
public struct Trainer {
  private let network: Network<Float>
  private let options: TrainingOptions

  /// - Throws: `TrainingError.invalidOption`.
  public init(_ network: Network<Float>, options: TrainingOptions) throws(TrainingError) {
    if let problem = options.problem { throw .invalidOption(problem) }
    self.network = network
    self.options = options
  }

  /// Trains on `source`, validating on `validation` after every epoch.
  ///
  /// The weights after it are those of the last epoch, or of the best one when the options say so.
  /// For one seed and instruction set they have the same bits for any number of threads.
  ///
  /// - Throws: `TrainingError`; what the sources or callbacks throw.
  public func fit(
    _ source: some SequenceSource, validation: (some SequenceSource)?,
    callbacks: TrainingCallbacks = TrainingCallbacks()
  ) throws -> History {
    try check(source)
    if let validation { try check(validation) }
    let loop = TrainingLoop(network: network, options: options, callbacks: callbacks)
    return try loop.run(source, validation: validation)
  }

  /// Trains without validation.
  public func fit(
    _ source: some SequenceSource, callbacks: TrainingCallbacks = TrainingCallbacks()
  ) throws -> History {
    try fit(source, validation: NoSource?.none, callbacks: callbacks)
  }

  private func check(_ source: some SequenceSource) throws(TrainingError) {
    guard source.count > 0 else { throw .noSamples }
    guard source.timesteps == network.timesteps, source.features == network.features else {
      throw .shapeMismatch(
        expected: [network.timesteps, network.features],
        received: [source.timesteps, source.features])
    }
    guard source.classCount <= network.classCount else {
      throw .classMismatch(network: network.classCount, data: source.classCount)
    }
  }
}

/// Stands for the type of a validation source that is not there.
private struct NoSource: SequenceSource {
  var count: Int { 0 }
  var timesteps: Int { 0 }
  var features: Int { 0 }
  var classCount: Int { 0 }
  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {}
}
