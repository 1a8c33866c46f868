/// Bytes as text for data URLs (RFC 4648, section 4).
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let rest = bytes.count - start
      let first = bytes[start]
      let second = rest > 1 ? bytes[start + 1] : 0
      let third = rest > 2 ? bytes[start + 2] : 0
      text.append(letters[Int(first >> 2)])
      text.append(letters[Int((first & 3) << 4 | second >> 4)])
      text.append(rest > 1 ? letters[Int((second & 15) << 2 | third >> 6)] : 0x3D)
      text.append(rest > 2 ? letters[Int(third & 63)] : 0x3D)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
