extension ModelComparison {
  /// The comparison as tables for a terminal: the models, every two of them, and what changed most.
  ///
  /// - Parameter width: terminal columns; names are cut to stay within, numbers are not.
  public func table(width: Int = 80) -> String {
    let name = { (index: Int) in TerminalText.printable(models[index].name) }
    let room = max(12, width - 74)
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
            TerminalText.truncated(name(index), to: room),
            NumberText.percent(report.accuracy), Self.percents(report.accuracyInterval),
            NumberText.fixed(report.macro.f1, decimals: 4),
            NumberText.fixed(report.loss, decimals: 4), NumberText.grouped(cost.parameters),
            NumberText.grouped(Int(min(cost.imagesPerSecond, 1e12))),
            NumberText.fixed(cost.latency * 1000, decimals: 2) + " ms",
          ]
        })
    text += "\n"
    text += Self.aligned(
      [["second − first", "points", "95 % interval", "only 1st", "only 2nd", "McNemar p"]]
        + pairs.map { pair in
          let title = "\(name(pair.second)) − \(name(pair.first))"
          return [
            TerminalText.truncated(title, to: max(20, width - 54)),
            Self.points(pair.accuracy.difference),
            "\(Self.points(pair.accuracy.interval.lower)) to "
              + Self.points(pair.accuracy.interval.upper),
            NumberText.grouped(pair.accuracy.onlySecond),
            NumberText.grouped(pair.accuracy.onlyFirst), Self.pValue(pair),
          ]
        })
    if pairs.count > 1 { text += "p is corrected for \(pairs.count) pairs (Holm). " }
    text += "* differs significantly (p < 0.05)\n"
    text += changes(name)
    if !verdict.isEmpty { text += "\n" + TerminalText.printable(verdict) + "\n" }
    return text
  }

  /// The errors that changed most, of each other model against the first.
  private func changes(_ name: (Int) -> String) -> String {
    let classes = models[0].report.confusion.classNames.map(TerminalText.printable)
    var text = ""
    for pair in pairs where pair.first == 0 {
      let changes = pair.changedErrors(5).map { cell in
        "\(classes[cell.label]) → \(classes[cell.prediction]) "
          + "\(cell.change > 0 ? "+" : "")\(cell.change)"
      }
      guard !changes.isEmpty else { continue }
      text += "\(name(pair.second)), errors against \(name(0)): "
      text += changes.joined(separator: ", ") + "\n"
    }
    return text.isEmpty ? "" : "\n" + text
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
