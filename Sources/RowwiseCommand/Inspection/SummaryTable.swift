import RowwiseTexts

/// Rows of a name and a value, the values below each other.
enum SummaryTable {
  /// The text, a line break behind each row.
  ///
  /// - Parameter limit: how wide a row may be; longer values are folded at spaces.
  static func text(_ rows: [(name: String, value: String)], columns limit: Int) -> String {
    let columns = rows.map { TerminalText.width($0.name) }.max() ?? 0
    let margin = String(repeating: " ", count: columns + 2)
    return rows.map { row in
      let values = TerminalText.folded(row.value, to: limit - columns - 2, indent: 0)
      return "\(TerminalText.left(row.name, columns))  "
        + values.joined(separator: "\n\(margin)") + "\n"
    }.joined()
  }
}
