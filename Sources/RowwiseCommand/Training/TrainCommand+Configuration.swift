import ArgumentParser
import Rowwise
import RowwiseEvaluation
import RowwiseFiles
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTexts

extension TrainCommand {
  /// Every option with its value in this run, for `config.json`.
  ///
  /// - Parameter preprocessing: what size and colour have come to; nil before that is known.
  func members(_ preprocessing: Preprocessing? = nil) -> [JSONValue.Member] {
    let size = preprocessing.map { "\($0.width)x\($0.height)" } ?? images.size?.description
    let color = preprocessing?.color ?? images.color
    let order = preprocessing?.readingOrder ?? images.readingOrder
    let own: [JSONValue.Member] = [
      .init("recipe", .string(recipe.rawValue)),
      .init("budget", budget.map { .string($0.description) } ?? .null),
      .init("data", dataArgument.map { .string($0) } ?? .null),
      .init("from", from.map { .string($0) } ?? .null),
      .init("freeze", freeze.map { .int($0) } ?? .null),
      .init("validation", validation.map { .string($0) } ?? .null),
      .init("validation_split", validationSplit.map { .double($0) } ?? .null),
      // As text: a JSON number need not keep 64 bits.
      .init("split_seed", splitSeed.map { .string(String($0)) } ?? .null),
      .init("folds", folds.map { .int($0) } ?? .null),
      .init("fold", fold.map { .int($0) } ?? .null),
      .init("size", size.map { .string($0) } ?? .null),
      .init("color", color.map { .string($0.rawValue) } ?? .null),
      .init("reading_order", order.map { .string($0.description) } ?? .null),
      .init("standardize", images.standardize.map { .bool($0) } ?? .null),
    ]
    let files: [JSONValue.Member] = [
      .init("lenient", .bool(images.reading.lenient)),
      .init("columns", images.list.columns.map { .string("\($0)") } ?? .null),
      .init("picture_memory", .int(images.reading.pictureMemory)),
    ]
    return own + images.pictures.members + files + options.members + optimization.members
      + loss.members + teaching.members + augmentation.members
      + runs.members
      + [
        .init("precision", .string(engine.precision.rawValue)),
        .init("threads", .int(engine.threadCount)),
        .init("memory", engine.memory.map { .int($0) } ?? .null),
      ]
  }

  /// Keys of options that change no result: a run may be resumed with others.
  static let harmlessKeys: Set<String> = [
    "threads", "checkpoint_every", "tensorboard", "memory", "picture_memory",
  ]

  /// The same with what is not said taken from a recipe.
  func completed(by recipe: RecipeSettings) -> TrainCommand {
    var command = self
    if options.layers == nil {
      command.images.readingOrder = images.readingOrder ?? recipe.readingOrder
    }
    command.options.complete(by: recipe)
    command.optimization.complete(by: recipe)
    command.loss.complete(by: recipe)
    command.augmentation.complete(by: recipe)
    command.images.standardize = standardizes
    return command
  }

  /// The same with what is not said taken from the model that weights come from.
  ///
  /// - Throws: `CommandError.unusableInput` where options cannot say its layers; `ValidationError`
  ///   where options do not go with them.
  func completed(by start: StartingModel) throws -> TrainCommand {
    let preprocessing = start.classifier.preprocessing
    var command = self
    command.images.size = images.size ?? ImageSize(preprocessing)
    command.images.color = images.color ?? preprocessing.color
    command.images.readingOrder = images.readingOrder ?? preprocessing.readingOrder
    command.images.standardize = images.standardize ?? (preprocessing.mean != nil)
    command.images.pictures.complete(by: preprocessing.adaptation)
    guard options.layers == nil else { return command }
    command.options.layers = LayersText(
      hidden: start.hiddenLayers, keepsPeepholes: options.peephole == nil)
    command.options.peephole = options.peephole ?? start.peephole
    try command.checkLayers(called: "the model's")
    return command
  }

  /// Whether everything is said that a recipe would say, as in a run that goes on or a configuration: looking at
  /// the images for it would be for nothing.
  var isComplete: Bool {
    zip(members(), completed(by: .example(recipe)).members()).allSatisfy { $0 == $1 }
  }

  /// What the recipe says for data.
  ///
  /// - Throws: `DatasetError` where an image can no longer be read.
  func settings(for data: TrainingData) throws -> RecipeSettings {
    guard recipe.isByRules, !isComplete else { return .example(recipe) }
    return RecipeSettings(
      recipe,
      for: try DatasetFacts(
        of: data.training, preprocessing: data.preprocessing, threads: engine.threadCount),
      readsRows: readsRows)
  }

  /// Whether what was said is for a network that reads rows, or what else makes a timestep.
  var readsRows: Bool {
    if let layers = options.layers { return !layers.readPatches }
    if images.readingOrder != nil { return true }
    // Sweeps have no peepholes; two rows at once may have some.
    return recipe != .fast && options.peephole ?? Peephole.none != Peephole.none
  }

  /// The network's layers below the output layer.
  var layers: LayersText { options.layers ?? RecipeSettings.keras.layers }

  /// Whether channels get mean 0 and standard deviation 1.
  var standardizes: Bool { images.standardize ?? recipe.isByRules }

  /// The command line that goes on with a run, or begins it where it is not begun.
  ///
  /// - Throws: `ConfigurationError`, `FileError` where the run's options cannot be read.
  func goingOn(in folder: String) throws -> TrainCommand {
    guard FileKind(path: "\(folder)/\(TrainingJob.configurationName)") != nil else {
      var command = self
      (command.resume, command.output) = (nil, folder)
      return command
    }
    // What depends on the data, such as the size, stands only in the run's own options.
    let file = try ArgumentExpansion.configuration(ofRun: folder)
    let arguments = try ArgumentExpansion.arguments(of: file) + ["--resume=\(folder)"]
    var command = try TrainCommand.parse(arguments)
    if let epochs = options.epochs, epochs > command.options.epochs ?? .max {
      command.options.epochs = epochs
    }
    command.engine.workers.threads = engine.workers.threads ?? command.engine.workers.threads
    command.engine.instructionSet = engine.instructionSet
    command.engine.memory = engine.memory ?? command.engine.memory
    command.consoleOptions = consoleOptions
    return command
  }

  /// The network with random weights.
  ///
  /// - Parameter teacher: whose answers are learned from; nil for labels alone.
  /// - Throws: where training would take more memory than there is, or layers do not fit together.
  func makeClassifier(
    _ data: TrainingData, teacher: ImageEnsemble? = nil
  ) throws -> ImageClassifier {
    try checkMemory(data, teacher)
    return try ImageClassifier(
      hiddenLayers: layers.stack(peephole: options.peephole ?? .none),
      preprocessing: data.preprocessing, classNames: data.training.classNames,
      seed: options.seed, threads: engine.threadCount, instructionSet: engine.instructionSet,
      precision: engine.precision, activationBudget: options.activationMemory << 20)
  }

  private func checkMemory(_ data: TrainingData, _ teacher: ImageEnsemble?) throws {
    let space = try ImageClassifier.workSpace(
      hiddenLayers: layers.stack(peephole: options.peephole ?? .none),
      preprocessing: data.preprocessing, classCount: data.training.classNames.count,
      everyTimestep: training.loss.early != nil)
    try MemoryPlan(
      training: space, options: training, count: data.training.count,
      activationBudget: options.activationMemory << 20, teacher: teacher
    ).check(allowed: engine.memory)
  }

  /// Keys that a configuration file may have.
  static let configurationKeys: [String] =
    sample.members().map(\.key) + ["output", "quiet", "no_progress"]

  /// Keys whose values are true or false.
  static let flagKeys: Set<String> =
    Set(sample.members().filter { if case .bool = $0.value { true } else { false } }.map(\.key))
    .union(["quiet", "no_progress"]).union(invertibleFlagKeys)

  /// Those of which false says something too.
  static let invertibleFlagKeys: Set<String> = ["standardize", "trim"]

  /// A command line without options.
  private static var sample: TrainCommand {
    (try? TrainCommand.parse(["data"])) ?? TrainCommand()
  }
}
