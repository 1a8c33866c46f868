import ArgumentParser
import Rowwise
import RowwiseLayers
import RowwiseTraining

/// `rowwise train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a classifier on a data set.",
    discussion: """
      DATA is a folder with IDX files (MNIST naming) or CIFAR binary files, a folder with one \
      sub-folder of images per class (also with train/, val/ and test/ above), a CSV file with the \
      columns path and label, or the name of a data set in Datasets/, the user's cache, what was \
      installed with the command (digits) or /usr/share/datasets.

      A run folder receives model.safetensors (the best epoch), last.safetensors, history.csv, \
      config.json (every option) and checkpoints. The model's path is written to standard output. \
      Ctrl-C saves what was reached; a second Ctrl-C stops at once. However a run ends, --resume \
      goes on with it, to the same bytes as if nothing had happened. Images that cannot be read are \
      named and left out; the exit status is then 1. A class folder without images is an error.

      Examples:
        rowwise train digits
        rowwise train fashion-mnist --layers lstm:128 --epochs 10 --seed 0
        rowwise train pictures/ --size 64x48 --color rgb \\
          --layers lstm:128:bidirectional,dropout:0.2
        rowwise train --resume runs/digits-1
        rowwise train --config runs/digits-1/config.json --seed 1
        rowwise train pictures/ --from runs/digits-1 --epochs 20
        rowwise train pictures/ --from runs/digits-1 --freeze 2
        rowwise train digits --recipe fast --teacher runs/digits-1
        rowwise train digits --find-learning-rate
        rowwise train digits --folds 5
      """)

  @Argument(
    help: "The data set: a path or a name. (default: that of --config or --resume)",
    completion: .file())
  var data: String?

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("The data set, as a configuration file says it.", visibility: .hidden))
  var configuredData: String?

  @Option(
    help: "A data set to choose the best epoch by. (default: the data's validation part)",
    completion: .file())
  var validation: String?

  @Option(
    help: """
      Share of the training images to hold back for that instead; 0 for none. (default: \
      \(TrainingData.standardShare) where there is no validation part)
      """)
  var validationSplit: Double?

  @Option(
    help: """
      Decides which images are held back, by --validation-split or --folds. One number for runs of \
      several seeds judges all by the same images. (default: the seed)
      """)
  var splitSeed: UInt64?

  @Option(
    name: .shortAndLong, help: "The run folder, new or empty. (default: runs/NAME-N)",
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      """
      A YAML, JSON or TOML file with options, such as a run's config.json: keys are the names of \
      options with _ for -. Options on the command line win. A pipe, as in --config <(command), is \
      YAML or JSON.
      """, valueName: "file"), completion: .file())
  var config: String?

  @Option(
    help: ArgumentHelp(
      "A run folder to go on with, with the options it was started with.", valueName: "folder"),
    completion: .directory)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      """
      A run folder or model file whose weights are started from. Its layers and the way it reads \
      images are taken over; options about them win. Weights are kept where shapes agree, those \
      of the output layer by the names of the classes.
      """, valueName: "model"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      """
      With --from: the first so many layers, counted as --layers lists them, keep the model's weights; \
      only those behind them learn.
      """, valueName: "layers"))
  var freeze: Int?

  @Option(
    help: """
      Where options come from that are not said: auto, by rules from what the images are like, which \
      are read by rows, or those of things in patches; best, sweeps over finer patches for up to \
      twenty times the time; fast, one LSTM of two rows at once for seconds; streaming, as auto for \
      a network that answers while rows still arrive; or keras, two LSTMs with Keras's defaults for \
      all data. Every option replaces its part.
      """)
  var recipe = RecipeName.auto

  @Option(
    help: ArgumentHelp(
      """
      Time that the run may take, such as 90s, 10m or 1h: the strongest recipe that fits is chosen \
      by a measured step of training, with as many epochs as fit. config.json has what was chosen, \
      so that --config repeats it anywhere.
      """, valueName: "time"),
    transform: { try TimeBudget($0) })
  var budget: TimeBudget?

  @Option(
    help: """
      Divide the training images in so many parts and train as often, each time judged by another \
      part; writes a table of their last epochs, with mean and standard deviation.
      """)
  var folds: Int?

  @Option(help: ArgumentHelp("Train one of the folds only, from 1.", visibility: .hidden))
  var fold: Int?

  @Flag(
    help: """
      Do not train, but try learning rates from small to large, draw the loss and suggest one. \
      The picture and its table are written to --output. (default: runs/NAME-learning-rate)
      """)
  var findLearningRate = false

  @OptionGroup(title: "Network and passes") var options: TrainOptions
  @OptionGroup(title: "Optimisation") var optimization: OptimizerOptions
  @OptionGroup(title: "Loss and classes") var loss: LossOptions
  @OptionGroup(title: "Teacher") var teaching: TeachingOptions
  @OptionGroup(title: "Augmentation") var augmentation: AugmentOptions
  @OptionGroup(title: "Runs") var runs: RunOptions
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Machine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var consoleOptions: ConsoleOptions

  func validate() throws {
    guard dataArgument?.isEmpty == false else {
      throw ValidationError("name the data set to train on, or give --config or --resume")
    }
    if validation != nil, validationSplit != nil {
      throw ValidationError("--validation and --validation-split exclude each other")
    }
    try OptionRange.check("folds", folds)
    try OptionRange.check("freeze", freeze)
    if let freeze, freeze > 0, from == nil {
      throw ValidationError(
        "--freeze keeps layers of the model of --from; name one, or leave it out")
    }
    if let validationSplit, !(0..<1 ~= validationSplit) {
      throw ValidationError("--validation-split must be from 0 to below 1, got \(validationSplit)")
    }
    if folds != nil {
      guard validation == nil, validationSplit == nil else {
        throw ValidationError("--folds divides the images itself; leave --validation… out")
      }
    }
    if splitSeed != nil, validation != nil || validationSplit == 0 {
      throw ValidationError("--split-seed decides what is held back, and nothing is; leave it out")
    }
    if let fold {
      guard let folds, fold >= 1, fold <= folds else {
        throw ValidationError("--fold must be one of --folds, got \(fold)")
      }
    }
    if findLearningRate, resume != nil || folds != nil {
      throw ValidationError("--find-learning-rate trains nothing; leave --resume and --folds out")
    }
    if findLearningRate, teaching.teacher != nil {
      throw ValidationError("--find-learning-rate looks at the labels' loss; leave --teacher out")
    }
    if resume != nil, output != nil || config != nil {
      throw ValidationError("--resume goes on in its folder; leave --output and --config out")
    }
    try engine.checkTrains("training")
    try checkLayers(called: "--layers")
    try checkBudget()
    let example = completed(by: .example(recipe))
    try example.optimization.check()
    if let problem = example.training.problem { throw ValidationError(problem) }
    try example.checkEarlyLoss()
    let name = "--recipe \(recipe.rawValue)"
    try example.checkOrder(of: example.layers, called: "the layers of \(name)")
    if from == nil {
      try example.checkPeephole(of: example.layers, called: "\(name)'s \(example.layers)")
    }
  }

  /// A budget decides about epochs, once.
  private func checkBudget() throws {
    guard let budget else { return }
    for (option, isGiven) in [
      ("--epochs", options.epochs != nil), ("--folds", folds != nil),
      ("--find-learning-rate", findLearningRate), ("--resume", resume != nil),
    ] where isGiven {
      throw ValidationError(
        "--budget \(budget) chooses the epochs of one new run; leave \(option) out, or --budget")
    }
  }

  /// The early loss is for layers whose states know nothing of rows to come.
  func checkEarlyLoss() throws {
    guard let weight = loss.earlyLoss, weight > 0, options.layers != nil else { return }
    let hidden = layers.stack(peephole: .none)
    guard
      let obstacle = ImageClassifier.layers(hidden: hidden, classCount: 2, columns: 1)
        .earlyLossObstacle
    else { return }
    throw ValidationError(
      "--early-loss is for layers that all read forwards and are not pooled; of \(layers) layer "
        + "\(obstacle) does not: take others, such as lstm:128, or give --early-loss 0")
  }

  /// Options that only LSTMs have, or plain ones, would be without effect on other layers, and nobody
  /// would notice.
  ///
  /// - Parameter name: what messages call the layers.
  func checkLayers(called name: String) throws {
    guard let layers = options.layers else { return }
    try checkPeephole(of: layers, called: "\(name) \(layers)")
    try checkOrder(of: layers, called: "\(name) \(layers)")
    guard !layers.hasPlainLSTM else { return }
    for (option, isGiven) in [
      ("--precision bfloat16", engine.precision != .float32),
      (
        "--activation-memory",
        options.activationMemory != TrainOptions.standardActivationMemory
      ),
    ] where isGiven {
      throw ValidationError(
        "\(option) is for \(RecurrentText.plainLSTMs); \(name) \(layers) has none")
    }
  }

  private func checkPeephole(of layers: LayersText, called name: String) throws {
    guard let peephole = options.peephole, peephole != .none, !layers.hasLSTM else { return }
    throw ValidationError(
      "--peephole \(peephole.rawValue) is for lstm layers; \(name) has none")
  }

  /// Layers that read patches side by side need an order that has some.
  ///
  /// - Parameter name: what the message calls the layers.
  func checkOrder(of layers: LayersText, called name: String) throws {
    guard layers.needsColumns, let order = images.readingOrder, !order.isOfPatches else { return }
    guard layers.readPatches else {
      throw ValidationError(
        "\(name) reads pixels side by side, and --reading-order \(order) has none; take rows, or leave it out"
      )
    }
    throw ValidationError(
      "\(name) read patches, and --reading-order \(order) makes none; take patches:SIDE or leave it "
        + "out")
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    if findLearningRate { return try LearningRateJob(self, console: console).run() }
    if let folds, fold == nil {
      return try CrossValidation(self, folds: folds, console: console).run()
    }
    try TrainingJob(self, console: console).run()
  }

  /// The data set, wherever it was named.
  var dataArgument: String? { data ?? configuredData }

  /// The options as the trainer takes them.
  var training: TrainingOptions {
    var training = TrainingOptions()
    options.apply(to: &training)
    optimization.apply(to: &training)
    loss.apply(to: &training)
    teaching.apply(to: &training)
    augmentation.apply(to: &training)
    runs.apply(to: &training)
    training.frozenLayers = freeze ?? 0
    return training
  }

  /// Where validation images come from.
  var validationSource: TrainingData.Validation {
    if let folds, let fold { return .fold(fold, of: folds) }
    if let validation { return .data(validation) }
    return validationSplit.map { .share($0) } ?? .standard
  }

  /// Decides which images are held back.
  var seedOfSplit: UInt64 { splitSeed ?? options.seed }
}
