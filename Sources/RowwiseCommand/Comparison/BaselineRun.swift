import DatasetLoading
import Evaluation
import Layers
import RowSequencing
import Rowwise
import Training

/// Trains the kinds of networks under one budget and compares them.
struct BaselineRun {
  /// One trained network.
  private struct Candidate {
    let family: BaselineFamily
    let layers: String
    let rate: Double
    let classifier: ImageClassifier
    let history: History
    /// Of all its rates together.
    var seconds: Double

    /// Of the epoch whose weights it has.
    var best: EpochMetrics? {
      history.epochs.first { $0.epoch == history.bestEpoch }?.validation
    }
  }

  /// Where no test part is, this share of all images is kept for the end.
  private static let testShare = 0.2

  private let budget: BaselineOptions
  private let reading: ReadingOptions
  private let engine: EngineOptions
  private let folder: RunFolder?
  private let console: Console
  private let argument: String

  init(
    _ argument: String, _ budget: BaselineOptions, _ reading: ReadingOptions,
    _ engine: EngineOptions, folder: RunFolder?, _ console: Console
  ) {
    self.argument = argument
    self.budget = budget
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
    let (data, test) = try load()
    guard let validation = data.validation else {
      throw DatasetError.invalidSplit(
        fraction: TrainingData.standardShare, samples: data.training.count)
    }
    console.log(
      "data: \(NumberText.grouped(data.training.count)) images to train on, "
        + "\(NumberText.grouped(validation.count)) to choose by, "
        + "\(NumberText.grouped(test.count)) to judge by")
    Interruption.install()
    let candidates = try BaselineFamily.allCases.map {
      try train($0, data.training, validation, data.preprocessing)
    }
    var models: [ComparedModel] = []
    for candidate in candidates {
      var model = try ModelTrial(
        name: "\(candidate.family.title) (\(candidate.layers))", classifier: candidate.classifier,
        dataset: test
      ).run(trainingSeconds: candidate.seconds, console)
      model.history = candidate.history.epochs.compactMap { epoch in
        epoch.validation.map { CurvePoint(x: Double(epoch.epoch), y: $0.accuracy) }
      }
      models.append(model)
      try save(candidate, data)
    }
    var comparison = try ModelComparison(models, data: data.training.path)
    comparison.dataFingerprint = test.fingerprint.description
    comparison.verdict = try verdict(candidates, models, validation)
    return (comparison, data.lacksImages || !test.report.badImages.isEmpty)
  }

  /// Images to learn from, to choose by and to judge by.
  private func load() throws -> (data: TrainingData, test: ImageDataset) {
    let seed = budget.seed ?? 0
    var options = DatasetOptions()
    options.decoding.strictness = reading.strictness
    options.threads = engine.threadCount
    options.progress = console.readingProgress()
    let images = try ImageOptions.parse([])
    let layout = try DatasetLoader.locate(argument, searching: DatasetFolders.ofProcess)
    let warnings = DataWarnings(console)
    let shape = try layout.preprocessing(options)
    (options.width, options.height, options.color) = (shape.width, shape.height, shape.color)
    guard layout.parts.contains(.test) else {
      let data = try TrainingData(
        argument, validation: .share(Self.testShare), images: images, options: options, seed: seed,
        warnings: warnings)
      guard let test = data.validation else {
        throw DatasetError.invalidSplit(fraction: Self.testShare, samples: data.training.count)
      }
      return (try data.holdingBack(TrainingData.standardShare, seed: seed), test)
    }
    let data = try TrainingData(
      argument, validation: .standard, images: images, options: options, seed: seed,
      warnings: warnings)
    options.classNames = data.training.classNames
    let test = try layout.load(.test, options: options)
    warnings.tell(test.report)
    return (data, test)
  }

  /// Trains one kind, once with each learning rate, and keeps the best by validation accuracy.
  private func train(
    _ family: BaselineFamily, _ training: ImageDataset, _ validation: ImageDataset,
    _ preprocessing: Preprocessing
  ) throws -> Candidate {
    let layers = family.layers(units: try units(family, preprocessing, training.classNames.count))
    var best: Candidate?
    var seconds = 0.0
    for rate in budget.rates {
      let classifier = try ImageClassifier(
        hiddenLayers: try LayersArgument(layers).stack(peephole: .none),
        preprocessing: preprocessing, classNames: training.classNames, seed: budget.seed ?? 0,
        threads: engine.threadCount, instructionSet: engine.instructionSet,
        precision: engine.precision)
      let start = ContinuousClock.Instant.now
      let history = try classifier.fit(
        training, validation: validation, options: budget.training(rate),
        callbacks: callbacks(family, training.count, start))
      if history.wasStopped { throw EndedWith(status: .interrupted) }
      seconds += (ContinuousClock.Instant.now - start) / .seconds(1)
      let candidate = Candidate(
        family: family, layers: layers, rate: rate, classifier: classifier, history: history,
        seconds: 0)
      console.clearProgress()
      let found =
        "\(NumberText.percent(candidate.best?.accuracy ?? .nan)) in epoch \(history.bestEpoch)"
      console.log(
        LogRow(
          label: family.title,
          parts: [
            .init(layers, rank: 2), .init("learning rate \(rate)", "rate \(rate)", rank: 1),
            .init("validation accuracy \(found)", "val. \(found)", rank: 0),
          ]))
      if best.map({ Self.isBetter(candidate, $0) }) ?? true { best = candidate }
    }
    guard var best else { throw TrainingError.noSamples }
    best.seconds = seconds
    return best
  }

  private static func isBetter(_ first: Candidate, _ second: Candidate) -> Bool {
    guard let new = first.best, let old = second.best else { return false }
    return (new.accuracy, -new.loss) > (old.accuracy, -old.loss)
  }

  /// Units that give the kind about as many weights as the budget says.
  private func units(
    _ family: BaselineFamily, _ preprocessing: Preprocessing, _ classes: Int
  ) throws -> Int {
    func weights(_ family: BaselineFamily, _ units: Int) throws -> Int {
      let hidden = try LayersArgument(family.layers(units: units)).stack(peephole: .none)
      return try ImageClassifier.parameterCount(
        hiddenLayers: hidden, preprocessing: preprocessing, classCount: classes)
    }
    let target = try budget.parameters ?? weights(.lstm, 128)
    return try BaselineFamily.units(nearest: target) { try weights(family, $0) }
  }

  private func callbacks(
    _ family: BaselineFamily, _ count: Int, _ start: ContinuousClock.Instant
  ) -> TrainingCallbacks {
    let total = budget.training(budget.rates[0]).epochs * count
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { [console] step in
      console.showProgress {
        ProgressRow.counting(
          family.title, (step.epoch - 1) * count + step.samples, of: total, since: start)
      }
    }
    callbacks.shouldStop = { Interruption.isRequested }
    return callbacks
  }

  private func save(_ candidate: Candidate, _ data: TrainingData) throws {
    guard let folder else { return }
    var provenance = Provenance()
    provenance.dataFingerprint = data.training.fingerprint.description
    provenance.trainingSamples = data.training.count
    provenance.seed = budget.seed ?? 0
    provenance.epochs = candidate.history.bestEpoch
    provenance.batchSize = budget.training(candidate.rate).batchSize
    provenance.optimizer = OptimizerOptions.Name.adam.rawValue
    provenance.learningRate = candidate.rate
    provenance.instructionSet = candidate.classifier.network.kernels.instructionSet.rawValue
    provenance.validationAccuracy = candidate.best?.accuracy
    provenance.validationLoss = candidate.best?.loss
    try candidate.classifier.save(
      toPath: folder.file(candidate.family.fileName), provenance: provenance)
  }

  /// Which kind fits, by the validation images: the best, and what they cannot tell from it.
  private func verdict(
    _ candidates: [Candidate], _ models: [ComparedModel], _ validation: ImageDataset
  ) throws -> String {
    let correct = try candidates.map { candidate in
      var correct: [Bool] = []
      try candidate.classifier.forEachPrediction(of: validation) { _, label, probabilities in
        correct.append(ProbabilityRow.prediction(probabilities.span) == label)
      }
      return correct
    }
    let accounts = zip(candidates, models).map { candidate, model in
      BaselineVerdict.Account(
        name: candidate.family.title, latency: model.cost.latency)
    }
    let epochs = budget.training(budget.rates[0]).epochs
    let weights = models.map(\.cost.parameters).max() ?? 0
    return BaselineVerdict(
      accounts, correct: correct,
      budget: "\(epochs) \(epochs == 1 ? "epoch" : "epochs") and at most "
        + "\(NumberText.grouped(weights)) weights"
    ).text
  }
}
