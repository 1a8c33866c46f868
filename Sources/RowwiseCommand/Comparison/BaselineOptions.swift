import ArgumentParser
import Training

/// What each network of `compare --baselines` may spend.
struct BaselineOptions: ParsableArguments, Sendable {
  @Option(help: "Passes over the training images, for every network. (default: 10)")
  var epochs: Int?

  @Option(
    help: """
      About how many weights every network gets. (default: as many as an LSTM of 128 units has)
      """)
  var parameters: Int?

  @Option(help: "Images a step, for every network. (default: 32)")
  var batchSize: Int?

  @Option(
    help: """
      How far a step goes, at the start; may be repeated: of several the one is taken, for each \
      kind by itself, that gives the best validation accuracy. (default: 0.001 and 0.005)
      """)
  var learningRate: [Double] = []

  @Option(help: "Decides first weights, the order of images and what is held back. (default: 0)")
  var seed: UInt64?

  /// Whether any of it was given.
  var isSet: Bool {
    epochs != nil || parameters != nil || batchSize != nil || !learningRate.isEmpty || seed != nil
  }

  func validate() throws {
    if let parameters, parameters < 100 {
      throw ValidationError("--parameters must be at least 100, got \(parameters)")
    }
    for rate in rates {
      if let problem = training(rate).problem { throw ValidationError(problem) }
    }
  }

  /// The learning rates to try.
  var rates: [Double] { learningRate.isEmpty ? [0.001, 0.005] : learningRate }

  /// How to train, the same for every network: Adam, the rate falling along half a cosine, ending
  /// with the weights of the epoch with the best validation accuracy.
  func training(_ rate: Double) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = epochs ?? options.epochs
    options.batchSize = batchSize ?? options.batchSize
    options.optimizer = .adam(learningRate: rate)
    options.schedule = .cosine
    options.seed = seed ?? 0
    options.restoresBestWeights = true
    return options
  }
}
