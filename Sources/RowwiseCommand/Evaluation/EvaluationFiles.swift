import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseTexts

/// The files of a report folder.
struct EvaluationFiles {
  private let report: ClassificationReport
  private let predictions: String
  private let suspects: String?
  private let page: String

  static let metricsName = "metrics.json"
  static let confusionName = "confusion.csv"
  static let pictureName = "confusion.png"
  static let predictionsName = "predictions.csv"
  static let suspectsName = "suspected_labels.csv"
  static let pageName = "report.html"

  /// What an evaluation writes and may replace.
  static let names: Set<String> = [
    metricsName, confusionName, pictureName, predictionsName, suspectsName, pageName,
  ]

  /// Makes page and tables.
  ///
  /// - Throws: as `ReportPage.render`.
  init(
    _ report: ClassificationReport, _ run: EvaluationRun, of data: DataForEnsemble, model: String,
    showsEvidence: Bool
  ) throws {
    self.report = report
    predictions = run.predictions
    let isOutOfSample = Self.isOutOfSample(report, data)
    suspects = isOutOfSample ? SuspectedLabels.table(run.accumulator, of: data.first) : nil
    page = try ReportPage(
      report: report, accumulator: run.accumulator, dataset: data.first, ensemble: data.ensemble,
      model: model, isOutOfSample: isOutOfSample, showsEvidence: showsEvidence
    ).render()
  }

  /// Whether the labels can be suspected: a model repeats those that it has learnt.
  private static func isOutOfSample(
    _ report: ClassificationReport, _ data: DataForEnsemble
  ) -> Bool {
    report.options.folds != nil
      || (data.first.part != .train
        && zip(data.ensemble.members, data.datasets).allSatisfy { member, dataset in
          dataset.fingerprint.description != member.provenance.dataFingerprint
        })
  }

  /// Writes every file.
  ///
  /// - Throws: `FileError`; `ImageDecodingError` where the picture cannot be encoded.
  func write(to folder: RunFolder, _ style: CSVStyle = .plain) throws {
    let picture = try PNGWriter.encode(report.confusion.picture())
    try AtomicFile.write(report.json, toPath: folder.file(Self.metricsName))
    try AtomicFile.write(style.file(report.confusion.csv), toPath: folder.file(Self.confusionName))
    try AtomicFile.write(picture, toPath: folder.file(Self.pictureName))
    try AtomicFile.write(style.file(predictions), toPath: folder.file(Self.predictionsName))
    if let suspects {
      try AtomicFile.write(style.file(suspects), toPath: folder.file(Self.suspectsName))
    } else {
      folder.remove(Self.suspectsName)
    }
    try AtomicFile.write(page, toPath: folder.file(Self.pageName))
  }
}
