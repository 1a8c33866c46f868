import Rowwise
import RowwiseTexts

/// What `inspect` says about a model, or about several that answer together.
struct EnsembleSummary {
  private let path: String
  private let ensemble: ImageEnsemble
  private let models: [ModelSummary]

  /// - Parameter paths: of the files, of one or of several models each.
  /// - Throws: `ModelFileError`, `FileError`; `CommandError.unusableInput` where one has other classes.
  init(paths: [String]) throws {
    path = paths.joined(separator: ",")
    let loading = ModelLoading(threads: 1, pictureMemory: nil)
    let loaded = try paths.flatMap { path in
      try ImageEnsemble.members(ofFile: path, loading).map { (path: path, model: $0) }
    }
    do throws(EnsembleError) {
      ensemble = try ImageEnsemble(loaded.map(\.model))
    } catch {
      throw CommandError.differentClasses(error, of: loaded.map(\.path))
    }
    models = zip(ensemble.members, loaded).map { ModelSummary($0, path: $1.path) }
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
        let file = model.path == path ? "" : ": \(TerminalText.printable(model.path))"
        return "\n" + model.table(columns: columns, title: "\(index + 1) of \(models.count)\(file)")
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
