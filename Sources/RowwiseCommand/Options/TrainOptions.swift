import ArgumentParser
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// Options of `train` about the network and its way through the data.
struct TrainOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      LayersText.help + " (default: those of --from, or by the recipe)", valueName: "layers"),
    transform: { try LayersText($0) })
  var layers: LayersText?

  @Option(
    help: """
      Which weights let the gates of lstm layers see the cell state. (default: none, or as in the \
      model of --from with its layers)
      """)
  var peephole: Peephole?

  @Option(help: "Passes over the training data. (default: by the recipe)")
  var epochs: Int?

  @Option(help: "Images a batch. (default: by the recipe)")
  var batchSize: Int?

  @Option(help: "Batches whose gradients make up one step, as one large batch would.")
  var accumulate = 1

  @Option(
    help: ArgumentHelp(
      """
      Memory that one LSTM layer may use for a batch's activations. Where long sequences need \
      more, parts of them are computed twice.
      """, valueName: "MiB"))
  var activationMemory = TrainOptions.standardActivationMemory

  /// `activationMemory` where nothing is said.
  static let standardActivationMemory = 1024

  @Option(
    help: """
      Decides the first weights, the order of images and, without --split-seed, what is held back.
      """)
  var seed: UInt64 = 0

  func validate() throws {
    try OptionRange.check("epochs", epochs)
    try OptionRange.check("batch-size", batchSize)
    try OptionRange.check("accumulate", accumulate)
    try OptionRange.check("activation-memory", activationMemory)
  }

  /// Takes from a recipe what is not said.
  mutating func complete(by recipe: RecipeSettings) {
    layers = layers ?? recipe.layers
    peephole = peephole ?? Peephole.none
    epochs = epochs ?? recipe.training.epochs
    batchSize = batchSize ?? recipe.training.batchSize
  }

  /// Adds the options to those of the trainer; what is not said stays as it is there.
  func apply(to options: inout TrainingOptions) {
    options.epochs = epochs ?? options.epochs
    options.batchSize = batchSize ?? options.batchSize
    options.accumulation = accumulate
    options.seed = seed
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("layers", layers.map { .string($0.description) } ?? .null),
      .init("peephole", peephole.map { .string($0.rawValue) } ?? .null),
      .init("epochs", epochs.map { .int($0) } ?? .null),
      .init("batch_size", batchSize.map { .int($0) } ?? .null),
      .init("accumulate", .int(accumulate)),
      .init("activation_memory", .int(activationMemory)),
      // As text: a JSON number need not keep 64 bits.
      .init("seed", .string(String(seed))),
    ]
  }
}

extension Peephole: ExpressibleByArgument {}
