import RowwiseEvaluation
import RowwiseTexts

extension ModelComparison {
  /// The comparison as tables for a terminal: the models, every two of them, and what changed most.
  ///
  /// - Parameter width: terminal columns; names are cut to stay within, numbers are not.
  public func table(width: Int = 80) -> String {
    var text = modelTable.text(columns: width).rows
    text += "\n"
    text += Self.aligned(
      [["", "points", "95 % interval", "only 1st", "only 2nd", "McNemar p"]]
        + pairs.map { pair in
          [
            "\(pair.second + 1) − \(pair.first + 1)",
            Self.points(pair.accuracy.difference),
            "\(Self.points(pair.accuracy.interval.lower)) to "
              + Self.points(pair.accuracy.interval.upper),
            NumberText.grouped(pair.accuracy.onlySecond),
            NumberText.grouped(pair.accuracy.onlyFirst), Self.pValue(pair),
          ]
        })
    var notes = [
      "only 1st, only 2nd: samples that only the subtracted, or only the other, got right"
    ]
    if pairs.count > 1 { notes.append("p is corrected for \(pairs.count) pairs (Holm)") }
    notes.append("* differs significantly (p < 0.05)")
    text += Self.rows(notes, width)
    let changes = changes
    if !changes.isEmpty { text += "\n" + Self.rows(changes, width) }
    if !verdict.isEmpty {
      text += "\n" + Self.rows([TerminalText.printable(verdict)], width, indent: 0)
    }
    return text
  }

  /// The models side by side; numbers stand for their names where two are put side by side.
  private var modelTable: ColumnTable {
    func numbers(
      _ title: String, _ shortTitle: String? = nil, rank: Int, _ cell: (ComparedModel) -> String
    ) -> ColumnTable.Column {
      ColumnTable.Column(
        title, short: shortTitle, isNumber: true, rank: rank, cells: models.map(cell))
    }
    return ColumnTable([
      ColumnTable.Column("", isNumber: true, rank: 0, cells: models.indices.map { "\($0 + 1)" }),
      ColumnTable.Column(
        "model", rank: 0, cut: namesArePaths ? .keepsEnd(least: 12) : .keepsStart(least: 12),
        cells: models.map { TerminalText.printable($0.name) }),
      numbers("accuracy", rank: 0) { NumberText.percent($0.report.accuracy) },
      numbers("95 % interval", "95 % int.", rank: 3) { Self.percents($0.report.accuracyInterval) },
      numbers("macro F1", "F1", rank: 4) { NumberText.fixed($0.report.macro.f1, decimals: 4) },
      numbers("loss", rank: 5) { NumberText.fixed($0.report.loss, decimals: 4) },
      numbers("parameters", "weights", rank: 2) { NumberText.grouped($0.cost.parameters) },
      numbers("images/s", rank: 6) {
        NumberText.grouped(Int(min($0.cost.imagesPerSecond, 1e12)))
      },
      numbers("latency", rank: 1) { Self.microseconds($0.cost.latency) },
    ])
  }

  private static func rows(_ texts: [String], _ width: Int, indent: Int = 2) -> String {
    texts.flatMap { TerminalText.folded($0, to: width, indent: indent) }.map { $0 + "\n" }.joined()
  }

  /// The errors that changed most, of each other model against the first; a row for each.
  private var changes: [String] {
    let classes = models[0].report.confusion.classNames.map(TerminalText.printable)
    return pairs.filter { $0.first == 0 }.compactMap { pair in
      let changes = pair.changedErrors(5).map { cell in
        "\(classes[cell.label]) → \(classes[cell.prediction]) "
          + "\(cell.change > 0 ? "+" : "")\(cell.change)"
      }
      guard !changes.isEmpty else { return nil }
      return "\(pair.second + 1) against 1, errors: \(changes.joined(separator: ", "))"
    }
  }

  /// A short time with three digits or so.
  static func microseconds(_ seconds: Double) -> String {
    let value = seconds * 1e6
    return NumberText.fixed(value, decimals: value < 10 ? 1 : 0) + " µs"
  }

  static func points(_ share: Double) -> String {
    let text = NumberText.fixed(share * 100, decimals: 2)
    return share > 0 && text.contains(where: { "123456789".contains($0) }) ? "+" + text : text
  }

  static func percents(_ interval: ConfidenceInterval) -> String {
    "\(NumberText.fixed(interval.lower * 100, decimals: 2))–"
      + NumberText.fixed(interval.upper * 100, decimals: 2)
  }

  static func pValue(_ pair: Pair) -> String {
    let p = pair.correctedPValue
    return (p < 0.0001 ? "< 0.0001" : NumberText.fixed(p, decimals: 4))
      + (pair.isSignificant ? " *" : "  ")
  }

  /// Rows of cells, the first column to the left, the others to the right.
  private static func aligned(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { TerminalText.width($0[column]) }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == 0
          ? TerminalText.left(cell, widths[0]) : TerminalText.right(cell, widths[column])
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
