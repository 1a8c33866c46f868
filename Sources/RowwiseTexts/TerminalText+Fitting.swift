extension TerminalText {
  /// The end of a text in at most `limit` columns, with "…" as the first where something was cut.
  package static func end(of text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    guard limit > 0 else { return "" }
    return "…" + String(truncated(String(text.reversed()), to: limit).dropLast().reversed())
  }

  /// A text in rows of at most `columns` columns, broken at spaces.
  ///
  /// What has no space in it, such as a path, keeps a row of its own whatever its length: half a path
  /// is of use to nobody.
  ///
  /// - Parameter indent: spaces before every row but the first.
  package static func folded(_ text: String, to columns: Int, indent: Int = 2) -> [String] {
    guard width(text) > columns else { return [text] }
    let margin = String(repeating: " ", count: indent)
    // Spaces at the beginning are an indentation.
    var row = String(text.prefix { $0 == " " })
    var rows: [String] = []
    var isEmpty = true
    for word in text.dropFirst(row.count).split(separator: " ") {
      if isEmpty {
        row += word
      } else if width(row) + 1 + width(String(word)) <= columns {
        row += " " + word
      } else {
        rows.append(row)
        row = margin + word
      }
      isEmpty = false
    }
    return rows + [row]
  }
}
