import ArgumentParser
import RowwiseTraining

/// What each network of `compare --baselines` may spend.
struct BaselineOptions: ParsableArguments, Sendable {
  @Option(
    help: "Passes over the training images, for every network. (default: by the automatic recipe)")
  var epochs: Int?

  @Option(
    help: """
      About how many weights every network gets. (default: as many as an LSTM of 128 units has)
      """)
  var parameters: Int?

  @Option(help: "Images a step, for every network. (default: by the automatic recipe)")
  var batchSize: Int?

  @Option(
    help: """
      How far a step goes at most; may be repeated: of several the one is taken, for each kind by \
      itself, that gives the best validation accuracy. (default: by the automatic recipe)
      """)
  var learningRate: [Double] = []

  @Option(help: "Decides first weights, the order of images and what is held back. (default: 0)")
  var seed: UInt64?

  /// Whether any of it was given.
  var isSet: Bool {
    epochs != nil || parameters != nil || batchSize != nil || !learningRate.isEmpty || seed != nil
  }

  func validate() throws {
    try OptionRange.check("epochs", epochs)
    try OptionRange.check("parameters", parameters)
    try OptionRange.check("batch-size", batchSize)
    for rate in learningRate { try OptionRange.check("learning-rate", rate) }
    for options in trainings(RecipeSettings.example(.auto).training) {
      if let problem = options.problem { throw ValidationError(problem) }
    }
  }

  /// How to train, the same for every network: once for each learning rate.
  ///
  /// - Parameter recipe: what counts where nothing is said.
  func trainings(_ recipe: TrainingOptions) -> [TrainingOptions] {
    var options = recipe
    options.epochs = epochs ?? options.epochs
    options.batchSize = batchSize ?? options.batchSize
    options.seed = seed ?? 0
    options.restoresBestWeights = true
    guard !learningRate.isEmpty else { return [options] }
    return learningRate.map { rate in
      var options = options
      options.optimizer = options.optimizer.with(learningRate: rate)
      return options
    }
  }
}

extension Optimizer {
  /// The same rule with another learning rate.
  fileprivate func with(learningRate rate: Double) -> Optimizer {
    switch self {
    case .sgd(_, let momentum, let nesterov):
      .sgd(learningRate: rate, momentum: momentum, nesterov: nesterov)
    case .rmsprop(_, let decay, let epsilon):
      .rmsprop(learningRate: rate, decay: decay, epsilon: epsilon)
    case .adam(_, let beta1, let beta2, let epsilon):
      .adam(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .adamw(_, let beta1, let beta2, let epsilon, let decay):
      .adamw(
        learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay)
    case .lion(_, let beta1, let beta2, let decay):
      .lion(learningRate: rate, beta1: beta1, beta2: beta2, weightDecay: decay)
    }
  }
}
