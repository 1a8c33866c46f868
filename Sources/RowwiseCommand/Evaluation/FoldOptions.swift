import ArgumentParser
import Rowwise
import RowwiseTraining

/// Options of `evaluate` about judging every image by a network that has not seen it.
struct FoldOptions: ParsableArguments, Sendable {
  @Option(
    help: """
      Divide the data (the training part, if not told otherwise) in so many folds, and judge the \
      images of each by a new network of MODEL's layers and settings that was trained on the \
      others. This finds suspected label errors in data that MODEL has learnt.
      """)
  var folds: Int?

  @Option(
    name: .customLong("fold-epochs"),
    help: "Epochs that the networks of the folds are trained for. (default: as many as MODEL)")
  var epochs: Int?

  @Option(
    name: .customLong("fold-seed"),
    help: "Decides the folds, the networks' first weights and the order of images.")
  var seed: UInt64 = 0

  func validate() throws {
    try OptionRange.check("folds", folds)
    if folds == nil, epochs != nil || seed != 0 {
      throw ValidationError("--fold-epochs and --fold-seed go with --folds")
    }
    try OptionRange.check("fold-epochs", epochs)
  }

  /// How the networks of the folds are trained: as the model was, as far as its file says.
  func training(_ provenance: Provenance) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = epochs ?? max(1, provenance.epochs ?? options.epochs)
    options.batchSize = provenance.batchSize ?? options.batchSize
    options.schedule = .cosine
    options.seed = seed
    let rate = provenance.learningRate
    options.optimizer =
      switch provenance.optimizer.flatMap(Optimizer.Name.init) {
      case .lion: .lion(learningRate: rate ?? 0.0001)
      case .sgd: .sgd(learningRate: rate ?? 0.01)
      case .rmsprop: .rmsprop(learningRate: rate ?? 0.001)
      case .adamw: .adamw(learningRate: rate ?? 0.001)
      case .adam, nil: .adam(learningRate: rate ?? 0.001)
      }
    return options
  }
}
