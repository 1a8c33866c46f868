import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseTexts
import RowwiseTraining

/// Asks a classifier, or the networks of folds, about every image of a data set.
struct EvaluationRun {
  /// The classes asked for in the table of predictions.
  private static let top = 3

  /// The samples, in the data set's order.
  private(set) var accumulator: EvaluationAccumulator
  /// `predictions.csv`; empty where it was not asked for.
  private(set) var predictions: String

  private let dataset: ImageDataset
  private let table: PredictionTable
  private let writesPredictions: Bool

  /// - Parameters:
  ///   - keepsProbabilities: for ROC-AUC, curves and suspected label errors.
  ///   - writesPredictions: whether to make the table.
  ///   - tellsOfPictures: whether it tells in what images are unlike the training images.
  init(
    _ dataset: ImageDataset, keepsProbabilities: Bool, writesPredictions: Bool,
    tellsOfPictures: Bool = false
  ) {
    self.dataset = dataset
    self.writesPredictions = writesPredictions
    table = PredictionTable(
      classNames: dataset.classNames, top: Self.top, tellsOfPictures: tellsOfPictures)
    predictions = writesPredictions ? table.header : ""
    accumulator = EvaluationAccumulator(
      classNames: dataset.classNames, keepsProbabilities: keepsProbabilities)
  }

  /// Asks one model, or several that answer together.
  mutating func ask(_ data: DataForEnsemble, _ console: Console) throws {
    let start = ContinuousClock.Instant.now
    try data.forEachPrediction { index, label, probabilities in
      try add(index, label, probabilities)
      console.showProgress {
        ProgressRow.counting("evaluating", index + 1, of: dataset.count, since: start)
      }
    }
  }

  /// Asks, about each fold, a new network like the classifier that was trained on the others.
  ///
  /// - Returns: whether it went to its end and was not interrupted.
  mutating func askFolds(
    _ count: Int, like classifier: ImageClassifier, options: TrainingOptions, _ console: Console
  ) throws -> Bool {
    let folds = try dataset.stratifiedFolds(count, seed: options.seed)
    Interruption.install()
    let probabilities = try classifier.outOfSampleProbabilities(folds, options: options) { fold in
      callbacks(fold, of: count, epochs: options.epochs, console)
    }
    console.clearProgress()
    guard let probabilities else { return false }
    let classes = dataset.classNames.count
    for (index, label) in dataset.labels.enumerated() {
      try add(index, Int(label), Array(probabilities[index * classes..<(index + 1) * classes]))
    }
    return true
  }

  private mutating func add(_ index: Int, _ label: Int, _ probabilities: [Float]) throws {
    try accumulator.add(label: label, probabilities: probabilities)
    guard writesPredictions else { return }
    var prediction = Prediction(
      sample: dataset.sampleName(at: index), label: label, probabilities: probabilities.span,
      top: Self.top)
    if let finding = dataset.finding(at: index) {
      (prediction.unusual, prediction.isInverted) = (finding.unusual, finding.isInverted)
    }
    predictions += table.row(prediction)
  }

  private func callbacks(
    _ fold: DatasetFold, of count: Int, epochs: Int, _ console: Console
  ) -> TrainingCallbacks {
    let name = "fold \(fold.number + 1)/\(count)"
    let start = ContinuousClock.Instant.now
    let total = epochs * fold.training.count
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { step in
      console.showProgress {
        let done = (step.epoch - 1) * fold.training.count + step.samples
        return ProgressRow.counting(name, done, of: total, since: start)
      }
    }
    callbacks.onEpochEnd = { result in
      guard result.epoch == epochs else { return }
      let seconds = (ContinuousClock.Instant.now - start) / .seconds(1)
      console.log(
        "\(name): \(NumberText.grouped(fold.training.count)) images trained on for \(epochs) "
          + "\(epochs == 1 ? "epoch" : "epochs"), loss "
          + "\(NumberText.fixed(result.training.loss, decimals: 4)), "
          + DurationText.text(seconds: seconds))
    }
    callbacks.shouldStop = { Interruption.isRequested }
    return callbacks
  }
}

extension EvaluationRun {
  /// The samples as a baseline knows them.
  var samples: [BaselineFile.Sample] {
    accumulator.correct.enumerated().map { index, isCorrect in
      BaselineFile.Sample(
        name: dataset.sampleName(at: index),
        label: dataset.classNames[Int(accumulator.labels[index])], isCorrect: isCorrect)
    }
  }
}
