import DatasetLoading
import Evaluation
import ModelExchange
import Rowwise
import Training

/// One run of `rowwise train`, from the command line to the folder that it fills.
struct TrainingJob {
  private let command: TrainCommand
  private let console: Console
  private let warnings: DataWarnings
  /// Stop, to be resumed, after this epoch; nil: train to the end.
  var pauseAfterEpoch: Int?

  /// Name of the file with every option.
  static let configurationName = "config.json"

  /// - Parameter warnings: those of several runs on the same data; nil for a run of its own.
  init(_ command: TrainCommand, console: Console, warnings: DataWarnings? = nil) {
    self.command = command
    self.console = console
    self.warnings = warnings ?? DataWarnings(console)
  }

  /// What came of a run.
  struct Outcome {
    let run: TrainingRun
    let data: TrainingData
    let folder: RunFolder
    let end: TrainingRun.End
  }

  /// Trains and tells where the model is.
  func run() throws { try report(perform()) }

  /// Trains.
  func perform() throws -> Outcome {
    var lock: RunLock?
    if let folder = command.resume {
      try checkOptions(ofRun: folder)
      lock = try RunLock(folder: folder)
    }
    try checkFolder()
    let data = try loadData()
    let classifier = try makeClassifier(data)
    let folder = try makeFolder()
    if lock == nil { lock = try RunLock(folder: folder.path) }
    defer { withExtendedLifetime(lock) {} }
    describe(data, classifier, folder)
    let run = TrainingRun(
      TrainingRun.Setup(
        classifier: classifier, data: data, options: command.training,
        provenance: provenance(data, classifier), folder: folder,
        checkpointEvery: command.runs.checkpointEvery,
        augmentation: command.augmentation.augment,
        writesTensorBoard: command.runs.tensorboard, pauseAfterEpoch: pauseAfterEpoch),
      console: console)
    let end: TrainingRun.End
    do {
      if command.resume == nil {
        try AtomicFile.write(
          configuration(data, classifier).pretty, toPath: folder.file(Self.configurationName))
      }
      Interruption.install()
      end = try run.run(resumes: command.resume != nil) { Interruption.isRequested }
    } catch {
      // What has no epoch in it is of no use to anybody.
      if !run.hasWritten, command.resume == nil {
        folder.discard([Self.configurationName, TensorBoardLog.folderName])
      } else if CommandFailure(error).status == .inputOutput {
        // A full disk, above all: once there is room, nothing is lost.
        console.log("go on with: rowwise train --resume \(folder.path)")
      }
      throw error
    }
    return Outcome(run: run, data: data, folder: folder, end: end)
  }

  // MARK: Beginning

  func loadData() throws -> TrainingData {
    do {
      return try TrainingData(
        command.dataArgument ?? "", validation: command.validationSource, images: command.images,
        options: command.images.datasetOptions(command.engine, console),
        seed: command.options.seed, warnings: warnings)
    } catch let error as DatasetError {
      guard case .invalidSplit = error else { throw error }
      throw CommandError.unusableInput(
        path: command.dataArgument ?? "",
        reason: "\(error); get more images, or learn from all with --validation-split 0")
    }
  }

  func makeClassifier(_ data: TrainingData) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: command.options.layers.stack(peephole: command.options.peephole),
      preprocessing: data.preprocessing, classNames: data.training.classNames,
      seed: command.options.seed, threads: command.engine.threadCount,
      instructionSet: command.engine.instructionSet, precision: command.engine.precision,
      activationBudget: command.options.activationMemory << 20)
  }

  /// Finds out, before the data are read, whether the run's folder can be made or written in.
  func checkFolder() throws {
    let folder = try makeFolder()
    guard command.resume != nil else { return folder.discard() }
    try OutputFile.check(folder.file(TrainingRun.historyName))
  }

  func makeFolder() throws -> RunFolder {
    if let path = command.resume { return RunFolder(existing: path) }
    return try command.output.map { path throws(CommandError) in try RunFolder(creating: path) }
      ?? RunFolder(numberedFor: command.dataArgument ?? "")
  }

  /// A run is resumed with its own options: with others it would be a different one.
  private func checkOptions(ofRun folder: String) throws {
    let file = try ArgumentExpansion.configuration(ofRun: folder)
    let original = try TrainCommand.parse(ArgumentExpansion.arguments(of: file))
    for (old, new) in zip(original.members(), command.members())
    where old != new && !TrainCommand.harmlessKeys.contains(old.key) {
      throw ConfigurationError.changedOption(
        path: folder, key: old.key, expected: old.value.compact, received: new.value.compact)
    }
  }

  // MARK: Texts

  func describe(_ data: TrainingData, _ classifier: ImageClassifier, _ folder: RunFolder) {
    let preprocessing = data.preprocessing
    console.log(data.row)
    console.log("layers: \(command.options.layers)")
    console.log(
      classifier.network.row(preprocessing, threads: command.engine.threadCount))
    console.log("run folder: \(TerminalText.printable(folder.path))")
  }

  private func report(_ outcome: Outcome) throws {
    let (run, data, folder, end) = (outcome.run, outcome.data, outcome.folder, outcome.end)
    if case .early(let epoch) = end {
      console.log(
        "stopped early after epoch \(epoch): \(command.runs.metric.rawValue) got no better")
    }
    if console.showsProgress {
      TrainingCurves.rows(run.epochs, columns: console.errorColumns).forEach { console.log($0) }
    }
    if let best = run.bestEpoch, data.validation != nil {
      console.log(
        "best: epoch \(best.epoch), validation accuracy "
          + NumberText.percent(best.validationAccuracy ?? .nan))
    }
    try console.write(folder.file(TrainingRun.modelName) + "\n")
    if case .stopped = end {
      console.log("stopped; what was reached is in \(folder.path)")
      console.log("go on with: rowwise train --resume \(folder.path)")
      throw EndedWith(status: .interrupted)
    }
    if data.lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  // MARK: Records

  private func provenance(_ data: TrainingData, _ classifier: ImageClassifier) -> Provenance {
    var provenance = Provenance()
    provenance.dataFingerprint = data.training.fingerprint.description
    provenance.trainingSamples = data.training.count
    provenance.pictureWidth = data.pictures.width
    provenance.pictureHeight = data.pictures.height
    provenance.picturesHaveColor = data.pictures.color == .rgb
    provenance.seed = command.options.seed
    provenance.batchSize = command.options.batchSize
    provenance.optimizer = command.optimization.optimizer.rawValue
    provenance.learningRate = command.optimization.learningRate
    provenance.instructionSet = classifier.network.kernels.instructionSet.rawValue
    return provenance
  }

  private func configuration(_ data: TrainingData, _ classifier: ImageClassifier) -> JSONValue {
    .object(
      [
        .init("version", .string(ToolkitVersion.current)),
        .init("data_fingerprint", .string(data.training.fingerprint.description)),
        .init(
          "instruction_set", .string(classifier.network.kernels.instructionSet.rawValue)),
      ] + command.members(data.preprocessing))
  }
}
