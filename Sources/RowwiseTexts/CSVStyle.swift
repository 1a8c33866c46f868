/// For which program CSV text is written.
package enum CSVStyle: String, CaseIterable, Sendable {
  /// As RFC 4180 has it.
  case plain
  /// As Excel opens it rightly: a byte order mark tells that it is UTF-8, and an apostrophe stands before
  /// what would else be computed as a formula.
  case excel

  /// What stands before the first row.
  package var start: String { self == .excel ? "\u{FEFF}" : "" }

  /// A field as it is written, before it is quoted.
  package func field(_ text: String) -> String {
    guard self == .excel, let first = text.unicodeScalars.first,
      "=+-@\t\r".unicodeScalars.contains(first),
      !text.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) || ".eE+-".utf8.contains($0) })
        || Double(text) == nil
    else { return text }
    return "'" + text
  }

  /// A whole file that was written plainly.
  package func file(_ plain: String) -> String {
    guard self == .excel else { return plain }
    var rows = CSVRows(bytes: Array(plain.utf8))
    var text = start
    // What was written here is no bad CSV.
    while let row = try? rows.next() { text += CSVText.row(row.fields.map(field)) }
    return text
  }
}
