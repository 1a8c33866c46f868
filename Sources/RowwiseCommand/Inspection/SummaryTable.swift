import Evaluation

/// Rows of a name and a value, the values below each other.
enum SummaryTable {
  /// The text, a line break behind each row.
  static func text(_ rows: [(name: String, value: String)]) -> String {
    let columns = rows.map { TerminalText.width($0.name) }.max() ?? 0
    return rows.map { "\(TerminalText.left($0.name, columns))  \($0.value)\n" }.joined()
  }
}
