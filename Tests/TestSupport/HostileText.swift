/// Names that break careless writers.
package let hostileNames = [
  "comma, inside", "quote \" inside", "row\nbreak", "carriage\r\nreturn", "tab\t", "\u{1B}[31mred",
  "nul\0", "猫と犬", "e\u{301}\u{302}", "</script><b>&amp;", "\u{2028}\u{202E}abc", "back\\slash",
  "'single'", "=1+1", "👩‍🔬", " spaces ",
]

/// Rows of fields of RFC 4180 text.
package func parseCSV(_ text: String) -> [[String]] {
  var rows: [[String]] = []
  var row: [String] = []
  var field = String.UnicodeScalarView()
  var isQuoted = false
  var iterator = Array(text.unicodeScalars)[...]
  while let scalar = iterator.popFirst() {
    switch (scalar, isQuoted) {
    case ("\"", true):
      if iterator.first == "\"" {
        field.append("\"")
        iterator.removeFirst()
      } else {
        isQuoted = false
      }
    case ("\"", false): isQuoted = true
    case (",", false):
      row.append(String(field))
      field = String.UnicodeScalarView()
    case ("\n", false):
      rows.append(row + [String(field)])
      row = []
      field = String.UnicodeScalarView()
    default: field.append(scalar)
    }
  }
  return rows
}
