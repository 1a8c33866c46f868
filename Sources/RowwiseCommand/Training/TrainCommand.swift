import ArgumentParser
import DatasetLoading
import Evaluation
import ModelExchange
import RowSequencing
import Rowwise

/// `rowwise train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a classifier on a data set.",
    discussion: """
      DATA is a folder with IDX files (MNIST naming) or CIFAR binary files, a folder with one \
      sub-folder of images per class (also with train/, val/ and test/ above), a CSV file with the \
      columns path and label, or the name of a data set in Datasets/, the user's cache or \
      /usr/share/datasets.

      A run folder receives model.safetensors (the best epoch by validation accuracy), \
      last.safetensors, history.csv and config.json. The model's path is written to standard \
      output. Ctrl-C saves what was reached; a second Ctrl-C stops at once.

      Examples:
        rowwise train digits
        rowwise train fashion-mnist --layers lstm:128 --epochs 10 --seed 0
        rowwise train pictures/ --size 64x48 --color rgb --layers "lstm:128:bidirectional,dropout:0.2"
      """)

  @Argument(help: "The data set: a path or a name.")
  var data: String

  @Option(help: "A data set to choose the best epoch by. (default: the data's validation part)")
  var validation: String?

  @Option(
    help: """
      Share of the training images to hold back for that instead; 0 for none. (default: \
      \(TrainingData.standardShare) where there is no validation part)
      """)
  var validationSplit: Double?

  @Option(help: "The run folder, new or empty. (default: runs/NAME-N)")
  var output: String?

  @OptionGroup(title: "Network and training") var options: TrainOptions
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Machine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var consoleOptions: ConsoleOptions

  func validate() throws {
    if validation != nil, validationSplit != nil {
      throw ValidationError("--validation and --validation-split exclude each other")
    }
    if let validationSplit, !(0..<1 ~= validationSplit) {
      throw ValidationError("--validation-split must be from 0 to below 1, got \(validationSplit)")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let data = try TrainingData(
      data, validation: validationSource, images: images,
      options: images.datasetOptions(engine, console), seed: options.seed,
      warn: { console.warn($0) })
    let classifier = try ImageClassifier(
      hiddenLayers: options.layers.stack(peephole: options.peephole),
      preprocessing: data.preprocessing, classNames: data.training.classNames, seed: options.seed,
      threads: engine.threadCount, instructionSet: engine.instructionSet,
      precision: engine.precision, activationBudget: options.activationMemory << 20)
    let folder =
      try output.map { path throws(CommandError) in try RunFolder(creating: path) }
      ?? RunFolder(numberedFor: self.data)
    describe(data, classifier, folder, console)
    let run = TrainingRun(
      classifier, data: data, options: options.training,
      provenance: provenance(data, classifier), folder: folder, console: console)
    let wasStopped: Bool
    do {
      try AtomicFile.write(configuration(data).pretty, toPath: folder.file(Self.configurationName))
      Interruption.install()
      wasStopped = try run.run { Interruption.isRequested }
    } catch {
      // What has no epoch in it is of no use to anybody.
      if !run.hasWritten { folder.discard([Self.configurationName]) }
      throw error
    }
    if let best = run.bestEpoch, data.validation != nil {
      console.log(
        "best: epoch \(best.epoch), validation accuracy "
          + NumberText.percent(best.validationAccuracy ?? .nan))
    }
    try console.write(folder.file(TrainingRun.modelName) + "\n")
    if wasStopped {
      console.log("stopped; what was reached is in \(folder.path)")
      throw EndedWith(status: .interrupted)
    }
  }

  private static let configurationName = "config.json"

  private var validationSource: TrainingData.Validation {
    if let validation { return .data(validation) }
    return validationSplit.map { .share($0) } ?? .standard
  }

  private func describe(
    _ data: TrainingData, _ classifier: ImageClassifier, _ folder: RunFolder, _ console: Console
  ) {
    let preprocessing = data.preprocessing
    console.log(
      "data: \(NumberText.grouped(data.training.count)) images to train on, "
        + "\(NumberText.grouped(data.validation?.count ?? 0)) to validate by, "
        + "\(data.training.classNames.count) classes, \(preprocessing.width) × "
        + "\(preprocessing.height) \(preprocessing.color.rawValue)")
    console.log(
      "network: \(preprocessing.timesteps) timesteps of \(preprocessing.features) features, "
        + "\(options.layers), \(NumberText.grouped(classifier.network.parameterCount)) parameters, "
        + "\(engine.threadCount) \(engine.threadCount == 1 ? "thread" : "threads"), "
        + classifier.network.kernels.instructionSet.rawValue)
    console.log("run folder: \(TerminalText.printable(folder.path))")
  }

  private func provenance(_ data: TrainingData, _ classifier: ImageClassifier) -> Provenance {
    var provenance = Provenance()
    provenance.dataFingerprint = data.training.fingerprint.description
    provenance.trainingSamples = data.training.count
    provenance.seed = options.seed
    provenance.batchSize = options.batchSize
    provenance.optimizer = options.optimizer.rawValue
    provenance.learningRate = options.learningRate
    provenance.instructionSet = classifier.network.kernels.instructionSet.rawValue
    return provenance
  }

  /// Every option with the value it has in this run.
  private func configuration(_ data: TrainingData) -> JSONValue {
    let preprocessing = data.preprocessing
    let fingerprint = data.training.fingerprint.description
    return .object(
      [
        .init("version", .string(ToolkitVersion.current)),
        .init("data", .string(self.data)), .init("data_fingerprint", .string(fingerprint)),
        .init("validation", validation.map { .string($0) } ?? .null),
        .init("validation_split", validationSplit.map { .double($0) } ?? .null),
        .init("width", .int(preprocessing.width)), .init("height", .int(preprocessing.height)),
        .init("color", .string(preprocessing.color.rawValue)),
        .init("reading_order", .string(preprocessing.readingOrder.description)),
        .init("standardize", .bool(images.standardize)),
      ] + options.members + [.init("threads", .int(engine.threadCount))])
  }
}
