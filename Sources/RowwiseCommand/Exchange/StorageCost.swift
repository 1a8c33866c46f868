import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseSafetensors
import RowwiseTexts
import RowwiseWeightExchange
import RowwiseWorkers

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
  ///
  /// - Parameter columns: how wide a row may be.
  func table(columns: Int) -> String {
    let changed = zip(before.predictions, after.predictions).count { $0 != $1 }
    let largest = zip(before.probabilities, after.probabilities).map { abs($0 - $1) }.max() ?? 0
    func numbers(
      _ title: String, _ shortTitle: String? = nil, rank: Int, _ cells: [String]
    ) -> ColumnTable.Column {
      ColumnTable.Column(title, short: shortTitle, isNumber: true, rank: rank, cells: cells)
    }
    let scores = [before, after]
    return ColumnTable([
      ColumnTable.Column(
        "weights", rank: 0, cells: [WeightStorage.float32.rawValue, storage.rawValue]),
      numbers("accuracy", rank: 0, scores.map { NumberText.percent($0.topKAccuracy(1)) }),
      numbers("loss", rank: 2, scores.map { NumberText.fixed($0.meanLoss, decimals: 4) }),
      numbers(
        "other predictions", "changed", rank: 1,
        ["", "\(NumberText.grouped(changed)) of \(NumberText.grouped(before.count))"]),
      numbers(
        "largest difference", "difference", rank: 3,
        ["", NumberText.fixed(Double(largest), decimals: 6)]),
    ]).text(columns: columns).rows
  }
}
