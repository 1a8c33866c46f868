/// Names of files as text. To the system they are bytes, most of them UTF-8; a byte that is no part of
/// UTF-8, as "é" in a name of ISO 8859-1, becomes the scalar U+10FF00 + byte, from the end of what Unicode
/// leaves for private use, and is that byte again in every call that takes the name.
package enum PathText {
  private static let base: UInt32 = 0x10_FF00

  /// The byte that a scalar stands for; nil where it stands for itself.
  package static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    scalar.value >= base + 0x80 ? UInt8(scalar.value - base) : nil
  }

  /// A name's text.
  ///
  /// - Parameter bytes: without a zero at the end.
  package static func text(_ bytes: some Collection<UInt8>) -> String {
    // Scalars with a meaning here begin with this byte; names that have them are read byte by byte.
    if !bytes.contains(0xF4), let text = String(validating: bytes, as: UTF8.self) { return text }
    let bytes = Array(bytes)
    var text = String.UnicodeScalarView()
    var position = 0
    while position < bytes.count {
      let known = (1...4).lazy.compactMap { count -> Unicode.Scalar? in
        guard position + count <= bytes.count else { return nil }
        let scalars = String(
          validating: bytes[position..<position + count], as: UTF8.self)?.unicodeScalars
        return scalars?.count == 1 ? scalars?.first : nil
      }.first
      if let known, byte(of: known) == nil {
        text.append(known)
        position += UTF8.width(known)
      } else {
        if let scalar = Unicode.Scalar(base + UInt32(bytes[position])) { text.append(scalar) }
        position += 1
      }
    }
    return String(text)
  }

  /// A name's bytes.
  package static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      byte(of: scalar).map { [$0] } ?? Array(UTF8.encode(scalar) ?? .init())
    }
  }

  /// A name in which bytes are written as they are shown, `\xE9`, with these bytes; others stay as they are.
  package static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(0x5C) else { return text }
    let scalars = Array(text.unicodeScalars)
    var name = String.UnicodeScalarView()
    var position = 0
    while position < scalars.count {
      if position + 3 < scalars.count, scalars[position] == "\\", scalars[position + 1] == "x",
        let byte = UInt8(
          String(String.UnicodeScalarView(scalars[position + 2...position + 3])), radix: 16),
        byte >= 0x80, let scalar = Unicode.Scalar(base + UInt32(byte))
      {
        name.append(scalar)
        position += 4
      } else {
        name.append(scalars[position])
        position += 1
      }
    }
    // Bytes beside each other may be UTF-8.
    return self.text(bytes(String(name)))
  }

  /// What else may be meant by a name in a list: with bytes as they are shown, or as JSON has them.
  package static func otherForms(of text: String) -> [String] {
    var forms: [String] = []
    if hasOtherBytes(text), let name = String(validating: bytes(text), as: UTF8.self) {
      forms.append(name)
    }
    let unescaped = unescaped(text)
    if unescaped != text { forms.append(unescaped) }
    return forms
  }

  /// Whether a name has bytes that are no UTF-8.
  package static func hasOtherBytes(_ text: String) -> Bool {
    text.utf8.contains(0xF4) && text.unicodeScalars.contains { byte(of: $0) != nil }
  }
}
