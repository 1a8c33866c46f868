public import RowwiseCompute
public import RowwiseLayers

/// Trains a network on sequences.
public struct Trainer {
  private let network: Network<Float>
  private let options: TrainingOptions

  /// - Throws: `TrainingError.invalidOption`, `TrainingError.onlyPredicts`.
  public init(_ network: Network<Float>, options: TrainingOptions) throws(TrainingError) {
    if let problem = options.problem { throw .invalidOption(problem) }
    guard network.precision.trains else { throw .onlyPredicts(network.precision.rawValue) }
    self.network = network
    self.options = options
  }

  /// Trains on `source`, validating on `validation` after every epoch.
  ///
  /// The weights after it are those of the last epoch, or of the best one when the options say so.
  /// For one seed and instruction set they have the same bits for any number of threads.
  ///
  /// The network may be asked for predictions meanwhile, but not be trained by another: that is
  /// `TrainingError.alreadyTraining`.
  ///
  /// - Parameters:
  ///   - source: to learn from.
  ///   - validation: to judge by.
  ///   - teacher: what is learned of beside the labels, where the options' loss has
  ///     `LossSettings.distillation`.
  ///   - callbacks: told what happens.
  ///   - checkpoint: where an earlier run of the same options and data had come to; training goes on from
  ///     there.
  /// - Throws: `TrainingError`; what the sources, the teacher or callbacks throw.
  public func fit(
    _ source: some SequenceSource, validation: (some SequenceSource)?,
    teacher: (any SequenceTeacher)? = nil,
    callbacks: TrainingCallbacks = TrainingCallbacks(), from checkpoint: TrainingCheckpoint? = nil
  ) throws -> History {
    try check(source)
    if let validation { try check(validation) }
    try network.claim()
    defer { network.endTraining() }
    let loop = try TrainingLoop(network, options, callbacks, source: source, teacher: teacher)
    if let checkpoint { try loop.restore(checkpoint) }
    return try loop.run(source, validation: validation)
  }

  /// Trains without validation.
  public func fit(
    _ source: some SequenceSource, teacher: (any SequenceTeacher)? = nil,
    callbacks: TrainingCallbacks = TrainingCallbacks(), from checkpoint: TrainingCheckpoint? = nil
  ) throws -> History {
    try fit(
      source, validation: NoSource?.none, teacher: teacher, callbacks: callbacks, from: checkpoint)
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
    if source.hasLengths, options.mixing != .none {
      throw .invalidOption("sequences of different lengths cannot be mixed")
    }
    if options.loss.early != nil {
      if source.hasLengths {
        throw .invalidOption("the early loss is for sequences of one length")
      }
      if let layer = network.layers.earlyLossObstacle {
        let text = LayersText(hidden: [network.layers[layer - 1]]).description
        throw .invalidOption(
          "the early loss is for layers that read forwards and are not pooled, not for layer \(layer) "
            + "(\(text)); take --recipe streaming, or layers such as lstm:128")
      }
    }
    guard network.parameters.contains(where: { $0.layer >= options.frozenLayers }) else {
      throw .invalidOption(
        "\(options.frozenLayers) frozen layers leave none of \(network.layers.count) to train; freeze at "
          + "most \(network.layers.count - 1)")
    }
    if let weights = options.loss.classWeights, weights.count != network.classCount {
      throw .invalidOption(
        "\(weights.count) class weights for \(network.classCount) classes; give one each")
    }
  }
}

extension Network {
  /// Claims the network until `endTraining`.
  ///
  /// - Throws: `TrainingError.alreadyTraining` where another training has it.
  func claim() throws(TrainingError) {
    guard beginTraining() else { throw .alreadyTraining }
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
