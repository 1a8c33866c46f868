import Rowwise
import RowwiseTexts

/// What `inspect` says about a file of one model or of several.
struct EnsembleSummary {
  private let path: String
  private let ensemble: ImageEnsemble
  private let models: [ModelSummary]

  /// - Throws: `ModelFileError`, `FileError`, `EnsembleError`.
  init(path: String) throws {
    self.path = path
    ensemble = try ImageEnsemble.load(path: path, threads: 1, pictureMemory: nil)
    models = ensemble.members.map { ModelSummary($0, path: path) }
  }

  /// Rows of name and value, then those of each model.
  ///
  /// - Parameter columns: how wide a row may be.
  func table(columns: Int) -> String {
    guard models.count > 1 else { return models[0].table(columns: columns) }
    let rows = [
      ("models", TerminalText.printable(path)),
      ("answer together", "\(models.count), by the mean of their probabilities"),
      (
        "classes",
        "\(ensemble.classNames.count): "
          + ensemble.classNames.map { TerminalText.printable($0) }.joined(separator: ", ")
      ),
      ("parameters", NumberText.grouped(ensemble.parameterCount)),
    ]
    return SummaryTable.text(rows, columns: columns)
      + models.enumerated().map { index, model in
        "\n" + model.table(columns: columns, title: "\(index + 1) of \(models.count)")
      }.joined()
  }

  /// One object.
  var json: JSONValue {
    guard models.count > 1 else { return models[0].json }
    return .object([
      .init("kind", .string("models")), .init("path", .string(path)),
      .init("classes", .array(ensemble.classNames.map { .string($0) })),
      .init("parameters", .int(ensemble.parameterCount)),
      .init("members", .array(models.map(\.json))),
    ])
  }
}
