import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseTexts
import RowwiseTraining

/// What a person needs to know once a run is over: how good the model is, whether training had come
/// to its end, and what to type next.
struct RunEnding: Sendable, Equatable {
  /// The epochs, in order.
  let epochs: [EpochRecord]
  /// The epoch whose weights the model has.
  let best: EpochRecord?

  /// Share of the test images that the model gets right, and how many there are.
  struct TestResult: Sendable, Equatable {
    let accuracy: Double
    let count: Int

    /// Asks a model about all test images.
    ///
    /// - Throws: `DatasetError`, `FileError`, `ModelFileError`.
    init(model: String, _ part: TestPart, _ engine: EngineOptions) throws {
      let dataset = try part.load()
      let classifier = try engine.load(model).classifier
      var hits = 0
      try classifier.forEachPrediction(of: dataset) { _, label, probabilities in
        if ProbabilityRow.prediction(probabilities.span) == label { hits += 1 }
      }
      (accuracy, count) = (Double(hits) / Double(max(dataset.count, 1)), dataset.count)
    }
  }

  /// What the history says about the length of training.
  enum Convergence: Sendable, Equatable {
    /// The validation loss was still falling: the last quarter of the epochs brought it down by more
    /// than a tenth, and the training images are not known by heart.
    case stillLearning
    /// The training images are known far better than the others: by ten points or more.
    case overfitted(training: Double, validation: Double)
    /// Neither.
    case settled
  }

  /// What the history says; nil without validation or with fewer than two epochs.
  var convergence: Convergence? {
    guard let best, let validation = best.validationAccuracy, let last = epochs.last,
      last.validationLoss != nil, epochs.count >= 2
    else { return nil }
    if last.accuracy - validation >= 0.1 {
      return .overfitted(training: last.accuracy, validation: validation)
    }
    let trend = LossTrend(validationLosses: epochs.compactMap(\.validationLoss))
    return trend.isStillFalling == true ? .stillLearning : .settled
  }

  /// The last rows of a run's log.
  ///
  /// - Parameters:
  ///   - seconds: that this process has trained.
  ///   - test: nil where there is no test part.
  ///   - folder: the run.
  ///   - data: what it was trained on, as it was typed.
  ///   - columns: of a list, as they were typed.
  func rows(
    seconds: Double, test: TestResult?, folder: String, data: String, columns: ListColumns? = nil
  ) -> [String] {
    var rows: [String] = []
    if let best, let accuracy = best.validationAccuracy {
      rows.append(
        "best: epoch \(best.epoch), validation accuracy \(NumberText.percent(accuracy))")
    }
    if let test {
      let count = NumberText.grouped(test.count)
      rows.append("test accuracy: \(NumberText.percent(test.accuracy)) of \(count) images")
    }
    rows.append("time: \(DurationText.text(seconds: seconds))")
    let folder = TerminalText.printable(folder)
    switch convergence {
    case .stillLearning:
      rows.append("not converged: the validation loss was still falling; more epochs will help:")
      rows.append("  rowwise train --resume \(folder) --epochs \(2 * epochs.count)")
    case .overfitted(let training, let validation):
      rows.append(
        "overfitted: \(NumberText.percent(training)) of the training images are right, "
          + "\(NumberText.percent(validation))")
      rows.append("  of the others; more images, or --augment strong, may help")
    case .settled, nil: break
    }
    rows.append(
      test == nil
        ? "next: rowwise classify \(folder) PICTURES"
        : "next: rowwise evaluate \(folder) \(TerminalText.printable(data)) "
          + (columns.map { "--columns '\(TerminalText.printable($0.description))' " } ?? "")
          + "--report report")
    return rows
  }
}
