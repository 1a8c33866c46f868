/// A field's value with parameters behind it, such as `form-data; name="a"; filename="b.png"`.
struct HeaderParameters: Sendable, Equatable {
  /// What stands before the parameters, in small letters.
  let value: String
  private let parameters: [(name: String, value: String)]

  init(_ text: String) {
    var rest = Substring(text).utf8
    value = Self.trimmed(Self.take(from: &rest, until: [Self.semicolon])).lowercased()
    var parameters: [(name: String, value: String)] = []
    while rest.popFirst() != nil {
      let name = Self.trimmed(
        Self.take(from: &rest, until: [Self.semicolon, UInt8(ascii: "=")])
      ).lowercased()
      guard rest.first == UInt8(ascii: "=") else { continue }
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "\"") {
        rest = rest.dropFirst()
        parameters.append((name, Self.quoted(from: &rest)))
        _ = Self.take(from: &rest, until: [Self.semicolon])
      } else {
        parameters.append((name, Self.trimmed(Self.take(from: &rest, until: [Self.semicolon]))))
      }
    }
    self.parameters = parameters
  }

  static func == (left: Self, right: Self) -> Bool {
    left.value == right.value && left.parameters.elementsEqual(right.parameters) { $0 == $1 }
  }

  /// The first parameter of that name.
  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  private static let semicolon = UInt8(ascii: ";")

  /// Takes what stands before the first of some separators.
  private static func take(
    from text: inout Substring.UTF8View, until separators: [UInt8]
  ) -> Substring.UTF8View {
    let end = text.firstIndex { separators.contains($0) } ?? text.endIndex
    defer { text = text[end...] }
    return text[..<end]
  }

  /// Takes a quoted text and the quote behind it. Only quotes are escaped: browsers send backslashes
  /// as they are.
  private static func quoted(from text: inout Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    while let byte = text.first {
      text = text.dropFirst()
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\"), text.first == UInt8(ascii: "\"") {
        bytes.append(UInt8(ascii: "\""))
        text = text.dropFirst()
      } else {
        bytes.append(byte)
      }
    }
    // A part of UTF-8 text between bytes of ASCII is UTF-8.
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let start = text.drop(while: isSpace)
    let count = start.reversed().drop(while: isSpace).count
    return String(decoding: start.prefix(count), as: UTF8.self)
  }
}
