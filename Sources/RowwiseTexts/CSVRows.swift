/// What is wrong with CSV text.
package struct CSVSyntaxError: Error, Sendable, Equatable {
  /// The line of the file, from 1.
  package let row: Int
  /// What is wrong there.
  package let reason: String

  package init(row: Int, reason: String) {
    self.row = row
    self.reason = reason
  }

  /// A line with text in another encoding.
  package static func notUTF8(row: Int) -> CSVSyntaxError {
    CSVSyntaxError(row: row, reason: "not UTF-8 text; save it as UTF-8")
  }
}

/// Takes CSV text apart row by row (RFC 4180): commas, quoted fields, `""` for a quote in them.
///
/// Rows end with LF or CRLF; empty ones are skipped; a byte order mark in front is, too.
package struct CSVRows {
  package struct Row: Equatable {
    /// The line of the file, from 1, in which the row begins.
    package let number: Int
    package fileprivate(set) var fields: [String]
    /// Which of them are no UTF-8, and are as `PathText` has names that are none.
    package fileprivate(set) var otherBytes: [Int] = []
  }

  private let bytes: [UInt8]
  private let separator: UInt8
  private let keepsBytes: Bool
  private var position = 0
  private var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let feed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// Begins at the first byte.
  ///
  /// - Parameters:
  ///   - separator: what stands between fields.
  ///   - keepsBytes: whether fields that are no UTF-8 are taken as the names of files that they may be;
  ///     else they are an error.
  package init(
    bytes: [UInt8], separator: UInt8 = UInt8(ascii: ","), keepsBytes: Bool = false
  ) {
    self.bytes = bytes
    self.separator = separator
    self.keepsBytes = keepsBytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next row; nil at the end.
  package mutating func next() throws(CSVSyntaxError) -> Row? {
    while position < bytes.count {
      let number = line
      var row = Row(number: number, fields: [])
      repeat { try appendField(to: &row) } while consume(separator)
      _ = consume(CSVRows.carriageReturn)
      if position < bytes.count {
        guard consume(CSVRows.feed) else {
          throw CSVSyntaxError(row: line, reason: "text after a closing quote")
        }
        line += 1
      }
      if row.fields != [""] { return row }
    }
    return nil
  }

  private mutating func consume(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func appendField(to row: inout Row) throws(CSVSyntaxError) {
    var field: [UInt8] = []
    if consume(CSVRows.quote) {
      let start = line
      while true {
        guard position < bytes.count else {
          throw CSVSyntaxError(row: start, reason: "a quote is not closed")
        }
        let byte = bytes[position]
        position += 1
        if byte == CSVRows.quote, !consume(CSVRows.quote) { break }
        if byte == CSVRows.feed { line += 1 }
        field.append(byte)
      }
    } else {
      let start = position
      while position < bytes.count, bytes[position] != separator,
        bytes[position] != CSVRows.feed, !endsRow(at: position)
      {
        position += 1
      }
      field += bytes[start..<position]
    }
    if let text = String(validating: field, as: UTF8.self) {
      row.fields.append(text)
    } else if keepsBytes {
      row.otherBytes.append(row.fields.count)
      row.fields.append(PathText.text(field))
    } else {
      throw .notUTF8(row: row.number)
    }
  }

  /// Whether CR LF, or a CR at the very end, begins here.
  private func endsRow(at index: Int) -> Bool {
    bytes[index] == CSVRows.carriageReturn
      && (index + 1 == bytes.count || bytes[index + 1] == CSVRows.feed)
  }
}
