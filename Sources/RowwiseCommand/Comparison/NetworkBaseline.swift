import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// One kind of network under the budget that all kinds have.
struct NetworkBaseline {
  let family: BaselineFamily
  /// Its layers below the output layer, as `--layers` spells them.
  let layers: String
  /// How to train: once for each learning rate.
  let trainings: [TrainingOptions]
  private let data: BaselineData
  private let engine: EngineOptions
  private let console: Console

  /// Chooses the number of units, and of channels.
  ///
  /// - Throws: `LayerError`, `LayersTextError`.
  init(
    _ family: BaselineFamily, _ budget: BaselineOptions, _ data: BaselineData,
    _ engine: EngineOptions, _ console: Console
  ) throws {
    func weights(_ layers: String) throws -> Int {
      try ImageClassifier.parameterCount(
        hiddenLayers: LayersText(layers).stack(peephole: .none),
        preprocessing: data.preprocessing, classCount: data.training.classNames.count)
    }
    self.family = family
    layers = try family.layers(
      nearest: budget.parameters ?? weights(BaselineFamily.standard), for: data.preprocessing,
      weights: weights)
    trainings = budget.trainings(data.recipe.training)
    let space = try ImageClassifier.workSpace(
      hiddenLayers: LayersText(layers).stack(peephole: .none),
      preprocessing: data.preprocessing, classCount: data.training.classNames.count)
    try MemoryPlan(
      training: space, options: trainings[0], count: data.training.count, activationBudget: 1 << 30
    ).check(allowed: engine.memory)
    self.data = data
    self.engine = engine
    self.console = console
  }

  /// The network with its first weights.
  private func makeClassifier() throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: try LayersText(layers).stack(peephole: .none),
      preprocessing: data.preprocessing, classNames: data.training.classNames,
      seed: trainings[0].seed, threads: engine.threadCount, instructionSet: engine.instructionSet,
      precision: engine.precision)
  }

  /// About how long all its trainings will take, seconds.
  func expectedSeconds() throws -> Double {
    let classifier = try makeClassifier()
    return trainings.reduce(0) { seconds, options in
      seconds
        + TimeEstimate(
          classifier, training: data.training, validationCount: data.validation.count,
          options: options
        ).seconds
    }
  }

  /// Trains with each learning rate and keeps the best by validation accuracy.
  ///
  /// - Throws: `TrainingError`, `DatasetError`; `EndedWith` where it was interrupted.
  func train() throws -> BaselineCandidate {
    let start = ContinuousClock.Instant.now
    var best: BaselineCandidate.Training?
    for options in trainings {
      let training = try train(options)
      tell(training)
      if best.map({ training.isBetter(than: $0) }) ?? true { best = training }
    }
    guard let best else { throw TrainingError.noSamples }
    return BaselineCandidate(
      title: family.title, name: "\(family.title) (\(layers))", model: best.classifier,
      isNetwork: true, seconds: (ContinuousClock.Instant.now - start) / .seconds(1), training: best)
  }

  private func train(_ options: TrainingOptions) throws -> BaselineCandidate.Training {
    let classifier = try makeClassifier()
    let (start, count) = (ContinuousClock.Instant.now, data.training.count)
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { [console] step in
      console.showProgress {
        ProgressRow.counting(
          family.title, (step.epoch - 1) * count + step.samples, of: options.epochs * count,
          since: start)
      }
    }
    callbacks.shouldStop = { Interruption.isRequested }
    let history = try classifier.fit(
      data.training, validation: data.validation, options: options, callbacks: callbacks)
    if history.wasStopped { throw EndedWith(status: .interrupted) }
    return BaselineCandidate.Training(
      classifier: classifier, options: options, history: history, fileName: family.fileName,
      isShortened: options.epochs < data.recipe.training.epochs)
  }

  private func tell(_ training: BaselineCandidate.Training) {
    console.clearProgress()
    let rate = training.options.optimizer.learningRate
    let found =
      "\(NumberText.percent(training.best?.accuracy ?? .nan)) in epoch \(training.history.bestEpoch)"
      + (training.hasConverged ? "" : ", not converged")
    console.log(
      LogRow(
        label: family.title,
        parts: [
          .init(layers, rank: 2), .init("learning rate \(rate)", "rate \(rate)", rank: 1),
          .init("validation accuracy \(found)", "val. \(found)", rank: 0),
        ]))
  }
}
