import Evaluation

/// How `classify` writes its rows.
enum ClassificationFormat: String, Sendable, CaseIterable {
  /// Columns for people.
  case table
  /// Comma-separated values with a head.
  case csv
  /// One JSON object a row.
  case jsonl
}

/// Writes one row per image, each complete by itself, so that rows can go out as they come.
struct ClassificationWriter: Sendable {
  /// The format.
  let format: ClassificationFormat
  /// How many classes a row shows.
  let top: Int
  private let pathColumns: Int
  private let nameColumns: Int

  /// No path takes more columns of a table than this, so that the classes stay in sight.
  static let maximumPathColumns = 60

  /// Makes a writer.
  ///
  /// - Parameters:
  ///   - paths: all that will be written, for the width of a table's first column.
  ///   - classNames: all of the model's, at least one.
  ///   - top: at least 1; more than there are classes counts as all of them.
  init(format: ClassificationFormat, paths: [String], classNames: [String], top: Int) {
    precondition(top > 0 && !classNames.isEmpty, "\(top) of \(classNames.count) classes")
    func columns(of names: [String]) -> Int {
      names.map { TerminalText.width(TerminalText.printable($0)) }.max() ?? 0
    }
    self.format = format
    self.top = min(top, classNames.count)
    pathColumns = format == .table ? min(columns(of: paths), Self.maximumPathColumns) : 0
    nameColumns = format == .table ? columns(of: classNames) : 0
  }

  /// What comes before the first row.
  var head: String {
    guard format == .csv else { return "" }
    var fields = ["path", "prediction", "probability"]
    for rank in 1..<top { fields += ["class_\(rank + 1)", "probability_\(rank + 1)"] }
    return CSVText.row(fields + ["error"])
  }

  /// One image's row, with its line break.
  func row(_ image: ClassifiedImage) -> String {
    switch format {
    case .table: tableRow(image)
    case .csv: csvRow(image)
    case .jsonl: json(image).compact + "\n"
    }
  }

  private func tableRow(_ image: ClassifiedImage) -> String {
    let path = TerminalText.left(TerminalText.printable(image.path), pathColumns)
    switch image.outcome {
    case .failed(let reason):
      return "\(path)  error: \(TerminalText.printable(reason))\n"
    case .classified(let candidates):
      let parts = candidates.prefix(top).map { candidate in
        let name = TerminalText.left(TerminalText.printable(candidate.name), nameColumns)
        let share = NumberText.percent(Double(candidate.probability))
        return "\(name) \(TerminalText.right(share, 8))"
      }
      return "\(path)  \(parts.joined(separator: "  "))\n"
    }
  }

  private func csvRow(_ image: ClassifiedImage) -> String {
    var fields = [image.path]
    switch image.outcome {
    case .classified(let candidates):
      for candidate in candidates.prefix(top) {
        fields += [candidate.name, CSVText.number(candidate.probability)]
      }
      fields.append("")
    case .failed(let reason):
      fields += [String](repeating: "", count: 2 * top) + [reason]
    }
    return CSVText.row(fields)
  }

  private func json(_ image: ClassifiedImage) -> JSONValue {
    var members: [JSONValue.Member] = [.init("path", .string(image.path))]
    switch image.outcome {
    case .classified(let candidates):
      members += [
        .init("prediction", candidates.first.map { .string($0.name) } ?? .null),
        .init("probability", candidates.first.map { .float($0.probability) } ?? .null),
        .init("top", .array(candidates.prefix(top).map(json))),
      ]
    case .failed(let reason):
      members += [
        .init("prediction", .null), .init("probability", .null), .init("top", .array([])),
        .init("error", .string(reason)),
      ]
    }
    return .object(members)
  }

  private func json(_ candidate: ClassifiedImage.Candidate) -> JSONValue {
    .object([
      .init("class", .string(candidate.name)), .init("probability", .float(candidate.probability)),
    ])
  }
}
