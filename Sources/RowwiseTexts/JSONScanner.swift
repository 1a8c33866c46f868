/// What stands in JSON text where something else was expected.
package struct JSONSyntaxError: Error, Sendable, Equatable {
  /// Bytes before it.
  package let offset: Int
  /// What was expected there.
  package let expected: String

  package init(offset: Int, expected: String) {
    (self.offset, self.expected) = (offset, expected)
  }
}

/// Steps through JSON text (RFC 8259) that has a known form, token by token.
package struct JSONScanner {
  let bytes: [UInt8]
  /// The byte that is read next.
  package internal(set) var position = 0

  /// Begins at the first byte.
  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The error that says that here `expected` was expected.
  package func malformed(_ expected: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: position, expected: expected)
  }

  /// Skips white space, then `character` if it stands there; tells whether it did.
  package mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Skips white space and `character`.
  ///
  /// - Throws: `JSONSyntaxError` with `expected` where it does not stand there.
  package mutating func expect(
    _ character: Unicode.Scalar, _ expected: String
  ) throws(JSONSyntaxError) {
    guard accept(character) else { throw malformed(expected) }
  }

  /// Skips white space.
  ///
  /// - Throws: `JSONSyntaxError` where anything else follows.
  package mutating func expectEnd() throws(JSONSyntaxError) {
    skipSpace()
    guard position == bytes.count else { throw malformed("the end of the header") }
  }

  /// Reads a list of integers from 0 to `Int.max`.
  ///
  /// - Throws: `JSONSyntaxError`, also where there are more than `limit`.
  package mutating func integers(atMost limit: Int) throws(JSONSyntaxError) -> [Int] {
    var result: [Int] = []
    try expect("[", "\"[\"")
    if accept("]") { return result }
    repeat {
      guard result.count < limit else { throw malformed("at most \(limit) numbers") }
      result.append(try integer())
    } while accept(",")
    try expect("]", "\",\" or \"]\"")
    return result
  }

  private mutating func integer() throws(JSONSyntaxError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= bytes[position] {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw malformed("a number below 2^63") }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0, digits == 1 || bytes[start] != UInt8(ascii: "0") else {
      position = start
      throw malformed("a whole number")
    }
    return value
  }

  /// Reads a string and takes its escapes back.
  ///
  /// - Parameter expected: what the error calls it where there is none.
  /// - Throws: `JSONSyntaxError`, also for invalid UTF-8, raw control characters
  ///   and halves of surrogate pairs.
  package mutating func string(_ expected: String) throws(JSONSyntaxError) -> String {
    guard accept("\"") else { throw malformed(expected) }
    let start = position
    var text: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      let byte = bytes[position]
      guard byte >= 0x20 else { throw malformed("an escaped control character") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: UTF8.encode(try escape()) ?? .init())
      } else {
        text.append(byte)
      }
    }
    guard position < bytes.count else { throw malformed("the string's closing quote") }
    position += 1
    guard let result = String(validating: text, as: UTF8.self) else {
      position = start
      throw malformed("UTF-8 text")
    }
    return result
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard position < bytes.count else { throw malformed("an escape") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard UTF16.isLeadSurrogate(first), bytes[position...].starts(with: Array("\\u".utf8)) else {
        throw malformed("the other half of a surrogate pair")
      }
      position += 2
      let second = try hexadecimal()
      guard UTF16.isTrailSurrogate(second) else {
        throw malformed("the other half of a surrogate pair")
      }
      return UTF16.decode(UTF16.EncodedScalar([first, second]))
    default:
      position -= 1
      throw malformed("an escape")
    }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    // Not left to `UInt16(_:radix:)` alone: it would take a sign.
    guard digits.count == 4,
      digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw malformed("four hexadecimal digits") }
    position += 4
    return value
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }
}
