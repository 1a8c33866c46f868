import RowwiseTexts

/// The text of a manifest as programs write it: UTF-8, or UTF-16 with a byte order mark; lines that end
/// with LF, CR LF, or CR alone.
enum ManifestText {
  private static let (feed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  /// UTF-8 with LF at least where there was CR alone.
  static func normalized(_ bytes: [UInt8]) -> [UInt8] {
    var text = bytes
    if let isBig = [[0xFE, 0xFF]: true, [0xFF, 0xFE]: false][Array(bytes.prefix(2))] {
      let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
        let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
        return isBig ? first << 8 | second : second << 8 | first
      }
      text = Array(String(decoding: units, as: UTF16.self).utf8)
    }
    if !text.contains(feed), text.contains(carriageReturn) {
      text = text.map { $0 == carriageReturn ? feed : $0 }
    }
    return text
  }

  /// What stands between columns: of comma, semicolon and tab that which the first row has most of.
  static func separator(_ bytes: [UInt8]) -> UInt8 {
    let first = bytes.prefix { $0 != feed }
    let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    let counts = separators.map { separator in first.count { $0 == separator } }
    // Of several the comma goes first.
    let most = counts.max() ?? 0
    return separators[counts.firstIndex(of: most) ?? 0]
  }
}
