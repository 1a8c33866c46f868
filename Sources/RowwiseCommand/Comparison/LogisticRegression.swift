import Rowwise
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// Multinomial logistic regression: the pixels of an image and nothing below the softmax layer.
///
/// What it gets right needs no network. It learns from the images as they are, by Adam with weight
/// decay on the weights but not the biases, as an L2 penalty (Loshchilov & Hutter 2019).
struct LogisticRegression {
  /// What a verdict calls it.
  static let title = "logistic regression"
  /// The file of its model.
  static let fileName = "logistic.safetensors"

  /// Weight decays to choose from, by validation accuracy.
  static let decays = [0.01, 0.1, 0.9]
  private static let batchSize = 64
  /// Steps of the shortest training, which chooses the decay.
  private static let firstSteps = 300
  /// How often the number of epochs is doubled at most.
  private static let mostDoublings = 6
  /// By what share twice as many epochs have to lower the validation loss to count, and of what loss
  /// at least: below it there is nothing left to learn.
  private static let gain = (share: 0.02, loss: 0.1)

  let data: BaselineData
  let seed: UInt64
  let engine: EngineOptions
  let console: Console

  /// Trains with each decay, and then for twice as many epochs again and again until that no longer
  /// lowers the validation loss.
  ///
  /// - Throws: `TrainingError`, `DatasetError`; `EndedWith` where it was interrupted.
  func train() throws -> BaselineCandidate {
    let start = ContinuousClock.Instant.now
    let stepsPerEpoch = (data.training.count + Self.batchSize - 1) / Self.batchSize
    var epochs = max(2, (Self.firstSteps + stepsPerEpoch - 1) / stepsPerEpoch)
    var best: BaselineCandidate.Training?
    for decay in Self.decays {
      let training = try train(decay: decay, epochs: epochs)
      if best.map({ training.isBetter(than: $0) }) ?? true { best = training }
    }
    guard var best, case .adamw(_, _, _, _, let decay) = best.options.optimizer else {
      throw TrainingError.noSamples
    }
    var lowest = best.lowestLoss
    for _ in 0..<Self.mostDoublings {
      epochs *= 2
      let longer = try train(decay: decay, epochs: epochs)
      let isSettled = lowest - longer.lowestLoss < Self.gain.share * max(lowest, Self.gain.loss)
      lowest = min(lowest, longer.lowestLoss)
      if longer.isBetter(than: best) { best = longer }
      if isSettled { break }
    }
    console.clearProgress()
    console.log(
      "\(Self.title): weight decay \(decay), validation "
        + "\(NumberText.percent(best.best?.accuracy ?? .nan)) in epoch \(best.history.bestEpoch)")
    return BaselineCandidate(
      title: Self.title, name: Self.title, model: best.classifier, isNetwork: false,
      seconds: (ContinuousClock.Instant.now - start) / .seconds(1), training: best)
  }

  private func train(decay: Double, epochs: Int) throws -> BaselineCandidate.Training {
    let classifier = try ImageClassifier(
      hiddenLayers: [Flatten()], preprocessing: data.preprocessing,
      classNames: data.training.classNames, seed: seed, threads: engine.threadCount,
      instructionSet: engine.instructionSet)
    var options = TrainingOptions()
    options.epochs = epochs
    options.batchSize = Self.batchSize
    // A step moves the sum of n standardised pixels by about rate · √n.
    let rate = 0.1 / Double(data.preprocessing.byteCount).squareRoot()
    options.optimizer = .adamw(learningRate: rate, weightDecay: decay)
    options.schedule = .cosine
    options.seed = seed
    options.restoresBestWeights = true
    let start = ContinuousClock.Instant.now
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { [console, count = data.training.count] step in
      console.showProgress {
        ProgressRow.counting(
          Self.title, (step.epoch - 1) * count + step.samples, of: epochs * count, since: start)
      }
    }
    callbacks.shouldStop = { Interruption.isRequested }
    let history = try classifier.fit(
      data.training, validation: data.validation, options: options, callbacks: callbacks)
    if history.wasStopped { throw EndedWith(status: .interrupted) }
    return BaselineCandidate.Training(
      classifier: classifier, options: options, history: history, fileName: Self.fileName)
  }
}

extension BaselineCandidate.Training {
  /// The lowest validation loss of all epochs.
  fileprivate var lowestLoss: Double {
    history.epochs.compactMap { $0.validation?.loss }.min() ?? .infinity
  }
}
