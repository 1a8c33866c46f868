import Evaluation
import ModelExchange

/// The files of a report folder.
struct EvaluationFiles {
  /// All figures.
  let report: ClassificationReport
  /// The table of predictions, as CSV.
  let predictions: String
  /// The page, as HTML.
  let page: String

  private static let metricsName = "metrics.json"
  private static let confusionName = "confusion.csv"
  private static let predictionsName = "predictions.csv"
  private static let pageName = "report.html"

  /// What an evaluation writes and may replace.
  static let names: Set<String> = [
    metricsName, confusionName, predictionsName, pageName,
  ]

  /// Writes every file.
  ///
  /// - Throws: `FileError`.
  func write(to folder: RunFolder) throws(FileError) {
    try AtomicFile.write(report.json, toPath: folder.file(Self.metricsName))
    try AtomicFile.write(report.confusion.csv, toPath: folder.file(Self.confusionName))
    try AtomicFile.write(predictions, toPath: folder.file(Self.predictionsName))
    try AtomicFile.write(page, toPath: folder.file(Self.pageName))
  }
}
