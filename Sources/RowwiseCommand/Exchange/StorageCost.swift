import DatasetLoading
import Evaluation
import Rowwise
import ModelExchange
import WeightExchange

/// What storing weights with fewer bits does to a model's results.
struct StorageCost {
  private let storage: WeightStorage
  private let before: EvaluationAccumulator
  private let after: EvaluationAccumulator

  /// Classifies data with the weights as they are and as they will be stored.
  ///
  /// - Throws: `DatasetError` when a picture can no longer be read.
  init(
    _ classifier: ImageClassifier, storage: WeightStorage, on dataset: ImageDataset,
    _ console: Console
  ) throws {
    self.storage = storage
    let start = ContinuousClock.Instant.now
    func scores(_ classifier: ImageClassifier, from first: Int) throws -> EvaluationAccumulator {
      var scores = EvaluationAccumulator(classNames: classifier.classNames)
      try classifier.forEachPrediction(of: dataset) { index, label, probabilities in
        try scores.add(label: label, probabilities: probabilities)
        console.showProgress {
          ProgressRow.counting("measuring", first + index + 1, of: 2 * dataset.count, since: start)
        }
      }
      return scores
    }
    before = try scores(classifier, from: 0)
    let rounded = try ImageClassifier(
      weights: NetworkWeights(of: classifier.network).rounded(to: storage),
      preprocessing: classifier.preprocessing, classNames: classifier.classNames,
      threads: classifier.network.pool.threads,
      instructionSet: classifier.network.kernels.instructionSet,
      precision: classifier.network.precision)
    after = try scores(rounded, from: dataset.count)
  }

  /// One row before and one after.
  var table: String {
    func row(_ cells: [String]) -> String {
      let widths = [10, 10, 18, 19]
      return TerminalText.left(cells[0], 9)
        + zip(cells.dropFirst(), widths).map { TerminalText.right($0, $1) }.joined() + "\n"
    }
    func figures(_ scores: EvaluationAccumulator) -> [String] {
      [
        NumberText.percent(scores.topKAccuracy(1)),
        NumberText.fixed(scores.meanLoss, decimals: 4),
      ]
    }
    let changed = zip(before.predictions, after.predictions).count { $0 != $1 }
    let largest = zip(before.probabilities, after.probabilities).map { abs($0 - $1) }.max() ?? 0
    return row(["weights", "accuracy", "loss", "other predictions", "largest difference"])
      + row([WeightStorage.float32.rawValue] + figures(before) + ["", ""])
      + row(
        [storage.rawValue] + figures(after) + [
          "\(NumberText.grouped(changed)) of \(NumberText.grouped(before.count))",
          NumberText.fixed(Double(largest), decimals: 6),
        ])
  }
}
