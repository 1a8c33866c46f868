/// A JSON value that is written the same way every time: keys in the order given, numbers in
/// their shortest form that reads back the same, numbers that are not finite as `null`.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case float(Float)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One key with its value.
  package struct Member: Sendable, Equatable {
    package let key: String
    package let value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The text without any white space.
  package var compact: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// The text with two spaces per level; arrays and objects that hold only plain values take one
  /// row each, so that a matrix reads as a matrix. Ends with a line break.
  package var pretty: String {
    var text = ""
    write(to: &text, indentation: 0)
    text += "\n"
    return text
  }

  /// Whether the value fits in the row of the object or array that holds it: no array or object,
  /// or a short array of plain values, such as an interval.
  private var isPlain: Bool {
    switch self {
    case .object: false
    case .array(let values):
      values.count <= 2
        && values.allSatisfy { value in
          switch value {
          case .array, .object: false
          default: true
          }
        }
    default: true
    }
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.isFinite ? value.description : "null"
    case .float(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): Self.writeString(value, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.writeString(member.key, to: &text)
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private func write(to text: inout String, indentation: Int) {
    let inner = indentation + 2
    let isFlat: Bool
    let parts: [(key: String?, value: JSONValue)]
    let brackets: (open: String, close: String)
    switch self {
    case .array(let values):
      parts = values.map { (nil, $0) }
      brackets = ("[", "]")
    case .object(let members):
      parts = members.map { ($0.key, $0.value) }
      brackets = ("{", "}")
    default:
      write(to: &text)
      return
    }
    let isRows = parts.contains { part in
      if case .array = part.value { return part.key == nil }
      return false
    }
    isFlat = (indentation > 0 && !isRows && parts.allSatisfy(\.value.isPlain)) || parts.isEmpty
    text += brackets.open
    for (index, part) in parts.enumerated() {
      if index > 0 { text += isFlat ? ", " : "," }
      if !isFlat { text += "\n" + String(repeating: " ", count: inner) }
      if let key = part.key {
        Self.writeString(key, to: &text)
        text += ": "
      }
      part.value.write(to: &text, indentation: inner)
    }
    if !isFlat { text += "\n" + String(repeating: " ", count: indentation) }
    text += brackets.close
  }

  /// RFC 8259, section 7. Beyond what it asks for, DEL, the C1 controls and U+2028/2029 are
  /// escaped too (terminals and scripts act on them), `<`, so that JSON inside a page's script cannot
  /// end it, and what stands for bytes that are no UTF-8 (`PathText`).
  private static func writeString(_ value: String, to text: inout String) {
    text += "\""
    defer { text += "\"" }
    // Most texts are plain and are taken over as they are.
    if value.utf8.allSatisfy({ 0x20..<0x7F ~= $0 && $0 != 0x22 && $0 != 0x5C && $0 != 0x3C }) {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar.value {
      case 0x22: text += "\\\""
      case 0x5C: text += "\\\\"
      case 0x0A: text += "\\n"
      case 0x0D: text += "\\r"
      case 0x09: text += "\\t"
      case 0..<0x20, 0x3C, 0x7F...0x9F, 0x2028, 0x2029:
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default:
        guard PathText.byte(of: scalar) != nil else {
          text.unicodeScalars.append(scalar)
          continue
        }
        // Two halves, so that it stays a scalar where text is written as bytes.
        for unit in UTF16.encode(scalar) ?? .init() { text += "\\u" + String(unit, radix: 16) }
      }
    }
  }
}
