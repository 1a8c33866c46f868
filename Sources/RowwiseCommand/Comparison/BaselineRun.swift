import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseTexts
import RowwiseTraining

/// Trains the kinds of networks under one budget, makes what needs no network, and compares them.
struct BaselineRun {
  private let budget: BaselineOptions
  private let list: ListOptions
  private let reading: ReadingOptions
  private let engine: EngineOptions
  private let folder: RunFolder?
  private let console: Console
  private let argument: String

  init(
    _ argument: String, _ budget: BaselineOptions, _ list: ListOptions,
    _ reading: ReadingOptions, _ engine: EngineOptions, folder: RunFolder?, _ console: Console
  ) {
    self.argument = argument
    self.budget = budget
    self.list = list
    self.reading = reading
    self.engine = engine
    self.folder = folder
    self.console = console
  }

  /// Trains, asks everything about the test images, and says which kind fits.
  ///
  /// - Returns: the comparison, and whether images had to be left out.
  /// - Throws: `DatasetError`, `TrainingError`, `LayerError`; `EndedWith` where it was interrupted.
  func run() throws -> (comparison: ModelComparison, hasBadImages: Bool) {
    let data = try BaselineData(
      argument, seed: budget.seed ?? 0, list, reading, engine, console)
    console.log(
      "data: \(NumberText.grouped(data.training.count)) images to train on, "
        + "\(NumberText.grouped(data.validation.count)) to choose by, "
        + "\(NumberText.grouped(data.test.count)) to judge by")
    let networks = try BaselineFamily.allCases.map {
      try NetworkBaseline($0, budget, data, engine, console)
    }
    try describe(networks, data)
    Interruption.install()
    var candidates = try networks.map { try $0.train() }
    candidates.append(
      try LogisticRegression(data: data, seed: budget.seed ?? 0, engine: engine, console: console)
        .train())
    candidates.append(try nearestNeighbors(data))
    var models: [ComparedModel] = []
    for candidate in candidates {
      var model = try ModelTrial(name: candidate.name, model: candidate.model, dataset: data.test)
        .run(trainingSeconds: candidate.seconds, console)
      model.history = candidate.curve
      models.append(model)
      if let folder, let training = candidate.training {
        try training.classifier.save(
          toPath: folder.file(training.fileName), provenance: try training.provenance(data))
      }
    }
    var comparison = try ModelComparison(models, data: data.path)
    comparison.dataFingerprint = data.test.fingerprint.description
    comparison.namesArePaths = false
    comparison.verdict = try verdict(
      candidates, models, data.validation, epochs: networks[0].trainings[0].epochs,
      recipeEpochs: data.recipe.training.epochs)
    return (comparison, data.lacksImages)
  }

  /// Says what every network is trained with, and about how long that will take in all.
  private func describe(_ networks: [NetworkBaseline], _ data: BaselineData) throws {
    let training = networks[0].trainings[0]
    let augmentation = training.augmentation
    let seconds = try networks.reduce(0) { try $0 + $1.expectedSeconds() }
    let epochs = "\(training.epochs) \(training.epochs == 1 ? "epoch" : "epochs")"
    let optimizer = training.optimizer.name.rawValue
    let schedule = training.schedule.name.rawValue
    console.log(
      LogRow(
        label: "networks",
        parts: [
          .init("\(epochs) of batch \(training.batchSize)", epochs, rank: 0),
          .init("\(optimizer) \(schedule)", rank: 2),
          .init(augmentation.isNone ? "images unchanged" : augmentation.text, rank: 3),
          .init("about \(DurationText.text(seconds: seconds))", rank: 1),
        ]))
  }

  private func nearestNeighbors(_ data: BaselineData) throws -> BaselineCandidate {
    let start = ContinuousClock.Instant.now
    let model = try NearestNeighbors(
      training: data.training, validation: data.validation, preprocessing: data.preprocessing,
      threads: engine.threadCount)
    let title = "nearest neighbours"
    var name = "\(title) (k = \(model.neighbors)"
    if model.referenceCount < data.training.count {
      name += ", \(NumberText.grouped(model.referenceCount)) images"
      console.log(
        "\(title): \(NumberText.grouped(model.referenceCount)) of "
          + "\(NumberText.grouped(data.training.count)) images to compare with")
    }
    return BaselineCandidate(
      title: title, name: name + ")", model: model, isNetwork: false,
      seconds: (ContinuousClock.Instant.now - start) / .seconds(1), training: nil)
  }

  /// Which fits, by the validation images: the best, and what they cannot tell from it.
  private func verdict(
    _ candidates: [BaselineCandidate], _ models: [ComparedModel], _ validation: ImageDataset,
    epochs: Int, recipeEpochs: Int
  ) throws -> String {
    let correct = try candidates.map { candidate in
      var correct: [Bool] = []
      try candidate.model.forEachPrediction(of: validation) { _, label, probabilities in
        correct.append(ProbabilityRow.prediction(probabilities.span) == label)
      }
      return correct
    }
    let accounts = zip(candidates, models).map { candidate, model in
      BaselineVerdict.Account(
        name: candidate.title, latency: model.cost.latency, isNetwork: candidate.isNetwork,
        isUnfinished: candidate.isUnfinished)
    }
    let weights = zip(candidates, models).filter(\.0.isNetwork).map(\.1.cost.parameters).max() ?? 0
    return BaselineVerdict(
      accounts, correct: correct, epochs: epochs, recipeEpochs: recipeEpochs, weights: weights
    ).text
  }
}
