import Rowwise
import RowwiseAnswers
import RowwiseTexts

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
  /// The early exit that is kept to, for rows of images that are read by their rows.
  let earlyExit: EarlyExit?
  /// Whether rows tell in what images are unlike the training images.
  let tellsOfPictures: Bool
  /// For which program CSV is written.
  let style: CSVStyle
  private let layout: Layout

  /// Makes a writer.
  ///
  /// - Parameters:
  ///   - paths: all that will be written, for the width of a table's first column.
  ///   - classNames: all of the model's, at least one.
  ///   - top: at least 1; more than there are classes counts as all of them.
  ///   - columns: how wide a table may be.
  init(
    format: ClassificationFormat, paths: [String], classNames: [String], top: Int,
    columns: Int = Console.defaultColumns, earlyExit: EarlyExit? = nil,
    tellsOfPictures: Bool = false, style: CSVStyle = .plain
  ) {
    self.style = style
    precondition(top > 0 && !classNames.isEmpty, "\(top) of \(classNames.count) classes")
    func width(of names: [String]) -> Int {
      names.map { TerminalText.width(TerminalText.printable($0)) }.max() ?? 0
    }
    self.format = format
    self.earlyExit = earlyExit
    self.tellsOfPictures = tellsOfPictures
    self.top = min(top, classNames.count)
    let isTable = format == .table
    layout = Layout(
      path: isTable ? width(of: paths) : 0, name: isTable ? width(of: classNames) : 0,
      top: self.top, columns: columns)
  }

  /// What comes before the first row.
  var head: String {
    guard format == .csv else { return "" }
    var fields = ["path", "prediction", "probability"]
    for rank in 1..<top { fields += ["class_\(rank + 1)", "probability_\(rank + 1)"] }
    return style.start
      + CSVText.row(
        fields + ["error"] + (tellsOfPictures ? ["unusual", "inverted"] : [])
          + (earlyExit == nil ? [] : ["row", "rows", "early"]))
  }

  /// One image's row, with its line break.
  func row(_ image: ClassifiedImage) -> String {
    switch format {
    case .table: tableRow(image)
    case .csv: csvRow(image)
    case .jsonl: json(image).compact + "\n"
    }
  }

  /// What of a row has room in a table.
  private struct Layout {
    /// Columns of the paths, and of the names of classes.
    private(set) var path: Int
    private(set) var name: Int
    /// How many classes are shown.
    private(set) var top: Int
    /// Columns of the whole row.
    let columns: Int

    /// Paths and names are made no shorter than this to keep a class.
    private static let least = (path: 24, name: 10)
    /// Columns of a probability with the spaces before it and before the name.
    private static let share = 11

    /// - Parameters:
    ///   - path: columns of the longest path.
    ///   - name: columns of the longest name.
    ///   - top: how many classes are asked for.
    init(path: Int, name: Int, top: Int, columns: Int) {
      (self.path, self.name, self.top, self.columns) = (path, name, top, columns)
      while width > columns {
        let canCut = (path: self.path > Self.least.path, name: self.name > Self.least.name)
        if canCut.path, self.path >= self.name || !canCut.name {
          self.path -= 1
        } else if canCut.name {
          self.name -= 1
        } else if self.top > 1 {
          // With a class less there may be room for longer names again.
          (self.path, self.name, self.top) = (path, name, self.top - 1)
        } else {
          break
        }
      }
    }

    private var width: Int { path + top * (name + Self.share) }

    /// Columns that a path may take which is longer than those known at the start.
    var pathRoom: Int { max(path, columns - top * (name + Self.share)) }
  }

  private func tableRow(_ image: ClassifiedImage) -> String {
    let whole = TerminalText.printable(image.path)
    let path = TerminalText.left(TerminalText.end(of: whole, to: layout.pathRoom), layout.path)
    switch image.outcome {
    case .failed(let reason):
      // A row of its own where it has no room beside the path.
      let text = "error: \(TerminalText.printable(reason))"
      let start = TerminalText.width(path) + 2
      guard start + TerminalText.width(text) > layout.columns else { return "\(path)  \(text)\n" }
      let rows = TerminalText.folded("    \(text)", to: layout.columns, indent: 4)
      return "\(whole)\n\(rows.joined(separator: "\n"))\n"
    case .classified(let candidates):
      let parts = candidates.prefix(layout.top).map { candidate in
        let name = TerminalText.truncated(TerminalText.printable(candidate.name), to: layout.name)
        let share = NumberText.percent(Double(candidate.probability))
        return "\(TerminalText.left(name, layout.name)) \(TerminalText.right(share, 8))"
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
    if tellsOfPictures {
      fields += [image.finding.unusual ?? "", image.isFailed ? "" : "\(image.finding.isInverted)"]
    }
    if earlyExit != nil {
      let reading = image.reading?.prediction
      fields += [
        reading.map { "\($0.row)" } ?? "", reading.map { "\($0.rows)" } ?? "",
        reading.map { "\($0.isEarly)" } ?? "",
      ]
    }
    return CSVText.row(fields.map(style.field))
  }

  /// The row as `jsonl` has it.
  func json(_ image: ClassifiedImage) -> JSONValue { image.json(top: top, earlyExit: earlyExit) }
}
