import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// One run of `rowwise train`, from the command line to the folder that it fills.
struct TrainingJob {
  /// What to do.
  private(set) var command: TrainCommand
  private let console: Console
  private let shared: SharedImages
  /// Whose weights are started from; nil where random ones are, and before `prepared`.
  private var start: StartingModel?
  /// Whose answers are learned from; as above.
  private var teacher: TeachingModel?
  /// Stop, to be resumed, after this epoch; nil: train to the end.
  var pauseAfterEpoch: Int?

  private let begun = ContinuousClock.now

  /// Name of the file with every option.
  static let configurationName = "config.json"

  /// - Parameter shared: what several runs on the same data share; nil for a run of its own.
  init(_ command: TrainCommand, console: Console, shared: SharedImages? = nil) {
    self.command = command
    self.console = console
    self.shared = shared ?? SharedImages(console)
  }

  /// What came of a run.
  struct Outcome {
    let run: TrainingRun
    let data: TrainingData
    let folder: RunFolder
    let end: TrainingRun.End
    /// That this process has trained.
    let seconds: Double
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
    let (job, data) = try prepared()
    if let folder = command.resume {
      try MovedData.check(data.training.fingerprint.description, ofRun: folder)
    }
    let classifier = try job.makeClassifier(data)
    console.tellOfThreads(classifier, asked: command.engine.threadCount)
    let folder = try makeFolder()
    do {
      if lock == nil { lock = try RunLock(folder: folder.path) }
    } catch {
      folder.discard()
      throw error
    }
    defer { withExtendedLifetime(lock) {} }
    job.describe(data, classifier, folder)
    return try job.train(classifier, data, in: folder)
  }

  /// Loads model and data, and takes from the model to start from, or else from the recipe for the
  /// data, what is not said.
  ///
  /// - Throws: `CommandError`, `ModelFileError` and `FileError` where there is no such model;
  ///   `DatasetError`.
  func prepared() throws -> (job: TrainingJob, data: TrainingData) {
    var job = self
    if let start = try StartingModel(of: command) {
      job.start = start
      job.command = try command.completed(by: start)
    }
    if let teacher = try TeachingModel(of: command) {
      job.teacher = teacher
      job.command = job.command.completed(by: teacher)
    }
    var data = try job.loadData()
    if let budget = command.budget {
      let spent = (ContinuousClock.now - begun) / .seconds(1)
      let chosen = try BudgetedRecipe(
        job.command, data, teacher: job.teacher?.ensemble, seconds: budget.seconds - spent)
      job.command = chosen.command
      data.preprocessing = chosen.preprocessing
      console.log(
        "budget \(budget): recipe \(chosen.command.recipe.rawValue), "
          + "\(job.command.training.epochs) of its \(chosen.wanted) epochs")
      if chosen.seconds > budget.seconds {
        console.caution("the shortest training takes longer than \(budget)")
      }
      return (job, data)
    }
    job.command = job.command.completed(by: try job.command.settings(for: data))
    data.preprocessing = try job.command.chooseOrder(for: data.preprocessing)
    return (job, data)
  }

  private func train(
    _ classifier: ImageClassifier, _ data: TrainingData, in folder: RunFolder
  ) throws -> Outcome {
    let run = TrainingRun(
      TrainingRun.Setup(
        classifier: classifier, data: data, teacher: teacher?.ensemble, options: command.training,
        provenance: try provenance(data, classifier), folder: folder,
        checkpointEvery: command.runs.checkpointEvery,
        tensorBoardOptions: command.runs.tensorboard
          ? command.members(data.preprocessing).filter {
            !TrainCommand.harmlessKeys.contains($0.key)
          } : nil, pauseAfterEpoch: pauseAfterEpoch),
      console: console)
    let end: TrainingRun.End
    let begun = ContinuousClock.now
    do {
      // A run that goes on may have got more epochs.
      try AtomicFile.write(
        configuration(data, classifier).pretty, toPath: folder.file(Self.configurationName))
      try start?.keep(classifier, in: folder)
      try teacher?.keep(in: folder)
      Interruption.install()
      end = try run.run(resumes: command.resume != nil) { Interruption.isRequested }
    } catch {
      // What has no epoch in it is of no use to anybody, but for looking why.
      if (error as? TrainingError)?.isDivergence == true {
        console.log("what was reached is in \(folder.path)")
      } else if !run.hasWritten, command.resume == nil {
        folder.discard([
          Self.configurationName, StartingModel.fileName, TeachingModel.fileName,
          TensorBoardLog.folderName,
        ])
      } else if CommandFailure(error).status == .inputOutput {
        // A full disk, above all: once there is room, nothing is lost.
        console.log("go on with: rowwise train --resume \(folder.path)")
      }
      throw error
    }
    return Outcome(
      run: run, data: data, folder: folder, end: end,
      seconds: (ContinuousClock.now - begun) / .seconds(1))
  }

  // MARK: Beginning

  private func loadData() throws -> TrainingData {
    do {
      var images = command.images
      images.standardize = command.standardizes
      var options = command.images.datasetOptions(command.engine, console)
      options.sizing = command.recipe.isByRules ? .reading : .native
      return try TrainingData(
        MovedData.path(command.dataArgument ?? "", resuming: command.resume),
        validation: command.validationSource, images: images,
        options: options, like: start?.classifier.preprocessing, seed: command.seedOfSplit,
        shared: shared)
    } catch let error as DatasetError {
      if case .notFound = error, let folder = command.resume {
        throw CommandFailure(
          message: "\(error); if the data were moved: rowwise train NEW-PATH --resume \(folder)",
          status: .inputNotFound)
      }
      guard case .invalidSplit = error else { throw error }
      throw CommandError.unusableInput(
        path: command.dataArgument ?? "",
        reason: "\(error); get more images, or learn from all with --validation-split 0")
    }
  }

  /// The network with its first weights; tells which are another model's.
  func makeClassifier(_ data: TrainingData) throws -> ImageClassifier {
    let classCount = data.training.classNames.count
    if let weights = command.training.loss.classWeights, weights.count != classCount {
      // The trainer would say so, too, but a batch is timed before it.
      throw TrainingError.invalidOption(
        "\(weights.count) class weights for \(classCount) classes; give one each")
    }
    let classifier = try command.makeClassifier(data, teacher: teacher?.ensemble)
    try teacher?.check(classifier)
    let frozen = command.training.frozenLayers
    let hidden = classifier.network.layers.count - 1
    guard frozen <= hidden else {
      throw ValidationError(
        "--freeze \(frozen) is more than the \(hidden) \(hidden == 1 ? "layer" : "layers") below the "
          + "output layer (\(command.layers)), which always learns")
    }
    guard frozen == 0 || classifier.network.parameters.contains(where: { $0.layer < frozen }) else {
      throw ValidationError(
        "--freeze \(frozen) would keep nothing: the first \(frozen == 1 ? "layer has" : "layers have") no "
          + "weights (\(command.layers))")
    }
    if let rows = try start?.give(to: classifier, frozen: frozen), command.resume == nil {
      rows.forEach { console.log($0) }
    }
    return classifier
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

  /// A run is resumed with its own options: with others it would be a different one. Only more epochs
  /// may be asked for.
  private func checkOptions(ofRun folder: String) throws {
    let file = try ArgumentExpansion.configuration(ofRun: folder)
    let original = try TrainCommand.parse(ArgumentExpansion.arguments(of: file))
    for (old, new) in zip(original.members(), command.members())
    // The data may lie elsewhere now: their fingerprint decides.
    where old != new && old.key != "data" && !TrainCommand.harmlessKeys.contains(old.key) {
      if old.key == "epochs", let old = original.options.epochs, let new = command.options.epochs {
        guard new > old else {
          throw ConfigurationError.fewerEpochs(path: folder, expected: old, received: new)
        }
        continue
      }
      throw ConfigurationError.changedOption(
        path: folder, key: old.key, expected: old.value.compact, received: new.value.compact)
    }
  }

  // MARK: Texts

  /// - Parameter folder: the run's; nil where there is no run.
  func describe(_ data: TrainingData, _ classifier: ImageClassifier, _ folder: RunFolder? = nil) {
    let preprocessing = data.preprocessing
    console.log(data.row)
    console.log(data.classesRow)
    // With spaces, to be folded between two layers.
    console.log("layers: \(command.layers.description.replacing(",", with: ", "))")
    console.log(
      classifier.network.row(preprocessing, threads: command.engine.threadCount))
    let frozen = command.training.frozenLayers
    if frozen > 0 {
      let kept = classifier.network.parameters.filter { $0.layer < frozen }
        .reduce(0) { $0 + $1.count }
      console.log(
        "frozen: the first \(frozen == 1 ? "layer" : "\(frozen) layers"), \(NumberText.grouped(kept)) of "
          + "the parameters")
    }
    if let teacher { console.log(teacher.row(command.training.loss)) }
    let adaptation = preprocessing.adaptation
    if !adaptation.isNone { console.log("images: \(adaptation.text)") }
    if let survey = data.sizeSurvey, survey.shareOfOthers > 0 {
      console.log(
        "sizes: \(NumberText.percent(survey.shareOfOthers, decimals: 0)) of the images are not "
          + "\(survey.width) × \(survey.height), the median")
    }
    if let folder {
      if command.resume == nil { console.log(recipeText(data, classifier)) }
      console.log("run folder: \(TerminalText.printable(folder.path))")
    }
  }

  /// What is done, and about how long it will take.
  private func recipeText(_ data: TrainingData, _ classifier: ImageClassifier) -> String {
    let training = command.training
    let name = training.optimizer.name.rawValue
    let schedule = training.schedule.name.rawValue
    let time = TimeEstimate(
      classifier, training: data.training, validationCount: data.validation?.count ?? 0,
      teacher: teacher?.ensemble, options: training)
    let mixed = [("mixup", training.mixing.mixup), ("cutmix", training.mixing.cutmix)]
      .filter { $0.1 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
    return "recipe \(command.recipe.rawValue): \(training.epochs) epochs of batch "
      + "\(training.batchSize), \(name) \(training.optimizer.learningRate) \(schedule), "
      + "\(training.augmentation.text)\(mixed), about "
      + DurationText.text(seconds: time.seconds)
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
    try console.write(folder.file(TrainingRun.modelName) + "\n")
    if case .stopped = end {
      console.log("stopped; what was reached is in \(folder.path)")
      console.log("go on with: rowwise train --resume \(folder.path)")
      throw EndedWith(status: .interrupted)
    }
    let ending = RunEnding(epochs: run.epochs, best: run.bestEpoch)
    let rows = ending.rows(
      seconds: outcome.seconds, test: testResult(folder, data), folder: folder.path,
      data: command.dataArgument ?? "", columns: command.images.list.columns)
    rows.forEach { console.log($0) }
    if data.lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  /// How the model does on the test part; nil where there is none, or none that it can be judged by.
  private func testResult(_ folder: RunFolder, _ data: TrainingData) -> RunEnding.TestResult? {
    guard let part = data.test, console.showsLog else { return nil }
    do {
      return try RunEnding.TestResult(
        model: folder.file(TrainingRun.modelName), part, command.engine)
    } catch {
      // The model is there, whatever is wrong with images that it was not trained on.
      console.warn("the test part cannot be used: \(CommandFailure(error).message)")
      return nil
    }
  }

  // MARK: Records

  private func provenance(
    _ data: TrainingData, _ classifier: ImageClassifier
  ) throws(DatasetError) -> Provenance {
    var provenance = Provenance()
    provenance.trainingPixels = try data.training.pixelSketch(threads: command.engine.threadCount)
    provenance.dataFingerprint = data.training.fingerprint.description
    provenance.trainingSamples = data.training.count
    provenance.pictureWidth = data.pictures.width
    provenance.pictureHeight = data.pictures.height
    provenance.picturesHaveColor = data.pictures.color == .rgb
    provenance.seed = command.options.seed
    provenance.splitSeed = command.splitSeed
    provenance.startedFrom = start?.fingerprint
    let training = command.training
    provenance.batchSize = training.batchSize
    provenance.optimizer = training.optimizer.name.rawValue
    provenance.learningRate = training.optimizer.learningRate
    provenance.augmentation = training.augmentation.text
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
