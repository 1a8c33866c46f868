import RowwiseEvaluation
import RowwiseTexts

extension ExplainedPicture {
  /// Bands of rows that a table has at most.
  private static let mostBands = 16
  private static let blocks = Array("▁▂▃▄▅▆▇█")

  /// The evidence for a terminal of so many columns; ends with a line break.
  package func text(columns: Int) -> String {
    var rows = [TerminalText.printable(name)]
    rows.append("class \(verdict)")
    let mean = evidence.baseline == .mean ? "the mean" : evidence.baseline.rawValue
    rows.append(
      "log-odds \(Self.nats(evidence.logOdds)) nats, \(Self.nats(evidence.baselineLogOdds)) of a "
        + "picture of \(mean) only: \(Self.nats(evidence.change)) by this picture")
    rows.append("pixels give \(completeness)")
    rows.append(counterfactual)
    if let correlation = evidence.occlusion.rankCorrelation {
      let (down, across) = (evidence.occlusion.gridRows, evidence.occlusion.gridColumns)
      rows.append(
        "covering \(down) × \(across) cells agrees with the pixels: rank correlation "
          + NumberText.fixed(correlation, decimals: 2))
    }
    if let reading = evidence.reading, let last = reading.logOdds.last {
      rows.append(
        "while reading, \(Self.nats(reading.logOdds[0])) before the first row, \(Self.nats(last)) "
          + "after the last"
          + (reading.exitRow.map { "; the early exit is after row \($0)" } ?? "")
          + "; row by row:")
    } else if let absence = evidence.readingAbsence {
      rows.append("no evidence while reading: \(absence)")
      rows.append("lost where a row is covered, row by row:")
    }
    let text = rows.flatMap { TerminalText.folded($0, to: columns) }.joined(separator: "\n") + "\n"
    return text + sparkline(columns: columns) + table(columns: columns)
  }

  /// Two rows of blocks: what speaks for the class, and below it what speaks against.
  private func sparkline(columns: Int) -> String {
    let bands = Self.bands(of: evidence.height, atMost: max(1, min(64, columns - 4)))
    let sums = bands.map { bars[$0].reduce(0, +) }
    let most = sums.reduce(0) { max($0, $1.magnitude) }
    func row(_ sign: String, _ values: [Double]) -> String {
      let line = values.map { value -> Character in
        guard most > 0, value > 0 else { return " " }
        // The lowest block is for all that is not nothing.
        return Self.blocks[min(7, Int(value / most * 8))]
      }
      return "  \(sign) \(String(line))".trimmedEnd + "\n"
    }
    return row("+", sums) + row("-", sums.map { -$0 })
  }

  private func table(columns: Int) -> String {
    let bands = Self.bands(of: evidence.height, atMost: Self.mostBands)
    func column(_ title: String, short: String, rank: Int, _ values: [Double]) -> ColumnTable.Column
    {
      ColumnTable.Column(
        title, short: short, isNumber: true, rank: rank,
        cells: bands.map { Self.nats(values[$0].reduce(0, +)) })
    }
    var table = [
      ColumnTable.Column(
        "rows", isNumber: true, rank: 0,
        cells: bands.map { band in
          band.count == 1 ? "\(band.upperBound)" : "\(band.lowerBound + 1)–\(band.upperBound)"
        })
    ]
    if let reading = evidence.reading {
      table.append(column("while reading", short: "reading", rank: 0, reading.evidence))
    }
    table.append(column("by pixels", short: "pixels", rank: 1, evidence.rows))
    table.append(column("lost if covered", short: "covered", rank: 2, evidence.occlusion.rows))
    return ColumnTable(table).text(columns: columns).rows
  }
}

extension String {
  /// Without the spaces at its end.
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
