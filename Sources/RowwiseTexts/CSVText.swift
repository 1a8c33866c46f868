/// Comma-separated values as RFC 4180 writes them, with `\n` between rows.
package enum CSVText {
  /// One row, with its line break.
  package static func row(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\n"
  }

  /// One field: quoted where it holds a comma, a quote, a control character such as a line break,
  /// or spaces at its ends; quotes inside are doubled. What a terminal would act on or hide, such as
  /// an escape or a change of the direction of writing, becomes `\u{1B}`; nothing else is changed.
  package static func field(_ text: String) -> String {
    let text = TerminalText.visible(text)
    let bytes = text.utf8
    let needsQuotes =
      bytes.contains { $0 == 0x2C || $0 == 0x22 || $0 < 0x20 || $0 == 0x7F }
      || bytes.first == 0x20 || bytes.last == 0x20
    guard needsQuotes else { return text }
    var quoted = "\""
    // By scalars: "\r\n" is one Character, and a mark after a quote joins it to another.
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append("\"") }
      quoted.unicodeScalars.append(scalar)
    }
    quoted.unicodeScalars.append("\"")
    return quoted
  }

  /// A number in its shortest form that reads back the same; empty where it is not finite.
  package static func number(_ value: Double) -> String {
    value.isFinite ? value.description : ""
  }

  /// A number in its shortest form that reads back the same; empty where it is not finite.
  package static func number(_ value: Float) -> String {
    value.isFinite ? value.description : ""
  }
}
