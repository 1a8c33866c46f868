extension ModelComparison {
  /// The comparison as tables for a terminal: the models, every two of them, and what changed most.
  ///
  /// - Parameter width: terminal columns; names are cut to stay within, numbers are not.
  public func table(width: Int = 80) -> String {
    // Numbers stand for names where two are put side by side.
    let names = models.enumerated().map {
      "\($0.offset + 1) \(TerminalText.printable($0.element.name))"
    }
    let room = max(16, width - 76)
    var text = Self.aligned(
      [
        [
          "model", "accuracy", "95 % interval", "macro F1", "loss", "parameters", "images/s",
          "latency",
        ]
      ]
        + models.indices.map { index in
          let (report, cost) = (models[index].report, models[index].cost)
          return [
            TerminalText.truncated(names[index], to: room),
            NumberText.percent(report.accuracy), Self.percents(report.accuracyInterval),
            NumberText.fixed(report.macro.f1, decimals: 4),
            NumberText.fixed(report.loss, decimals: 4), NumberText.grouped(cost.parameters),
            NumberText.grouped(Int(min(cost.imagesPerSecond, 1e12))),
            Self.microseconds(cost.latency),
          ]
        })
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
    text += "only 1st, only 2nd: samples that only the subtracted, or only the other, got right"
    text += pairs.count > 1 ? "\np is corrected for \(pairs.count) pairs (Holm); " : "; "
    text += "* differs significantly (p < 0.05)\n"
    text += changes
    if !verdict.isEmpty {
      text += "\n"
      for row in Self.wrapped(TerminalText.printable(verdict), width: width) { text += row + "\n" }
    }
    return text
  }

  /// The errors that changed most, of each other model against the first.
  private var changes: String {
    let classes = models[0].report.confusion.classNames.map(TerminalText.printable)
    var text = ""
    for pair in pairs where pair.first == 0 {
      let changes = pair.changedErrors(5).map { cell in
        "\(classes[cell.label]) → \(classes[cell.prediction]) "
          + "\(cell.change > 0 ? "+" : "")\(cell.change)"
      }
      guard !changes.isEmpty else { continue }
      text += "\(pair.second + 1) against 1, errors: \(changes.joined(separator: ", "))\n"
    }
    return text.isEmpty ? "" : "\n" + text
  }

  /// A sentence in rows of at most `width` columns where its words allow.
  private static func wrapped(_ text: String, width: Int) -> [String] {
    var rows: [String] = [""]
    for word in text.split(separator: " ").map(String.init) {
      let last = rows[rows.count - 1]
      if last.isEmpty {
        rows[rows.count - 1] = word
      } else if TerminalText.width(last) + 1 + TerminalText.width(word) <= width {
        rows[rows.count - 1] = last + " " + word
      } else {
        rows.append(word)
      }
    }
    return rows
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
