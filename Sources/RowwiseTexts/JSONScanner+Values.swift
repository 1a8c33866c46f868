extension JSONScanner {
  /// Arrays and objects in one another that are followed.
  private static let deepest = 64

  /// Goes back, or forward, to a place that was passed.
  package mutating func seek(to place: Int) {
    precondition(bytes.indices.contains(place) || place == bytes.count, "byte \(place)")
    position = place
  }

  /// Skips white space and a word such as `true`; tells whether it stood there.
  package mutating func accept(word: String) -> Bool {
    skipSpace()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  /// Reads `true` or `false`.
  ///
  /// - Throws: `JSONSyntaxError` where neither stands there.
  package mutating func bool() throws(JSONSyntaxError) -> Bool {
    if accept(word: "true") { return true }
    if accept(word: "false") { return false }
    throw malformed("true or false")
  }

  /// Reads a number.
  ///
  /// - Throws: `JSONSyntaxError` where there is none, or one beyond `Double`'s range.
  package mutating func number() throws(JSONSyntaxError) -> Double {
    skipSpace()
    let start = position
    let digits: ClosedRange<UInt8> = UInt8(ascii: "0")...UInt8(ascii: "9")
    func digitCount(from start: Int) -> Int {
      bytes[start...].prefix { digits ~= $0 }.count
    }
    var end = start
    if end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
    let whole = digitCount(from: end)
    guard whole > 0, whole == 1 || bytes[end] != UInt8(ascii: "0") else {
      throw malformed("a number")
    }
    // Most numbers of pictures are small and whole.
    if whole <= 15, end == start,
      end + whole == bytes.count || Self.endsNumber(bytes[end + whole])
    {
      position = end + whole
      return Double(bytes[start..<position].reduce(0) { 10 * $0 + Int($1 - digits.lowerBound) })
    }
    end += whole
    if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
      let fraction = digitCount(from: end + 1)
      guard fraction > 0 else { throw malformed("a number") }
      end += 1 + fraction
    }
    if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
      end += 1
      if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") {
        end += 1
      }
      let exponent = digitCount(from: end)
      guard exponent > 0 else { throw malformed("a number") }
      end += exponent
    }
    guard let value = Double(String(decoding: bytes[start..<end], as: UTF8.self)), value.isFinite
    else { throw malformed("a number that Double can hold") }
    position = end
    return value
  }

  private static func endsNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): false
    default: true
    }
  }

  /// Reads an object member by member.
  ///
  /// - Parameter member: gets a key, and reads or skips its value.
  package mutating func object(
    _ expected: String, _ member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try expect("{", expected)
    if accept("}") { return }
    repeat {
      let key = try string("a key")
      try expect(":", "\":\"")
      try member(&self, key)
    } while accept(",")
    try expect("}", "\",\" or \"}\"")
  }

  /// Reads an array element by element.
  ///
  /// - Parameter element: reads or skips one.
  package mutating func array(
    _ expected: String, _ element: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try expect("[", expected)
    if accept("]") { return }
    repeat { try element(&self) } while accept(",")
    try expect("]", "\",\" or \"]\"")
  }

  /// Skips any value.
  ///
  /// - Throws: `JSONSyntaxError` where there is none, or too many arrays and objects in one another.
  package mutating func skipValue() throws(JSONSyntaxError) { try skipValue(depth: 0) }

  private mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
    guard depth < Self.deepest else {
      throw malformed("at most \(Self.deepest) arrays and objects in one another")
    }
    skipSpace()
    guard position < bytes.count else { throw malformed("a value") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      try object("an object") { scanner, _ throws(JSONSyntaxError) in
        try scanner.skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["):
      try array("an array") { scanner throws(JSONSyntaxError) in
        try scanner.skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "\""): _ = try string("a string")
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
    case UInt8(ascii: "n"):
      guard accept(word: "null") else { throw malformed("null") }
    default: _ = try number()
    }
  }

  /// Calls `number` with each number of an array, whatever arrays in it they stand in, in their order.
  ///
  /// - Throws: `JSONSyntaxError` where anything else stands there; what `number` throws.
  package mutating func numbers(
    _ number: (Double) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    var depth = 0
    repeat {
      while accept("[") {
        depth += 1
        guard depth <= Self.deepest else {
          throw malformed("at most \(Self.deepest) arrays in one another")
        }
      }
      guard depth > 0 else { throw malformed("an array of numbers") }
      if !accept("]") {
        try number(try self.number())
      } else {
        depth -= 1
      }
      while depth > 0, accept("]") { depth -= 1 }
    } while depth > 0 && accept(",")
    guard depth == 0 else { throw malformed("\",\" or \"]\"") }
  }
}
