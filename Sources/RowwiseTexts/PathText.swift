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

  /// Whether a name has bytes that are no UTF-8.
  package static func hasOtherBytes(_ text: String) -> Bool {
    text.utf8.contains(0xF4) && text.unicodeScalars.contains { byte(of: $0) != nil }
  }
}
