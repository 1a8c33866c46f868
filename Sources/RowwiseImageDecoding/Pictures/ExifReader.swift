/// Finds the orientation in EXIF blocks (EXIF 2.32, 4.6.4).
enum ExifReader {
  private static let orientationTag = 0x0112
  private static let longType = 4

  /// The orientation in IFD0 of a TIFF block; upright where it is absent, out of range or where the
  /// block is damaged: a picture is not refused for its metadata.
  static func orientation(inTIFF bytes: UnsafeBufferPointer<UInt8>) -> ImageOrientation {
    guard let block = TIFFBlock(bytes), let entry = block.entry(orientationTag) else {
      return .topLeft
    }
    let size = entry.type == TIFFBlock.shortType ? 2 : entry.type == longType ? 4 : 1
    return block.number(at: entry.place, bytes: size).flatMap(ImageOrientation.init(rawValue:))
      ?? .topLeft
  }

  /// The orientation in a PNG text "Raw profile type exif", as ImageMagick writes it: a line feed,
  /// a name, the count of bytes, then the bytes in hexadecimal, from "Exif\0\0" on.
  static func orientation(inRawProfile text: UnsafeBufferPointer<UInt8>) -> ImageOrientation {
    let lines = text.split(separator: UInt8(ascii: "\n"))
    guard lines.count > 2 else { return .topLeft }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in lines.dropFirst(2).joined() {
      guard let value = Self.hexadecimalValue(digit) else { continue }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    let identifier = Array("Exif\0\0".utf8)
    let block = bytes.starts(with: identifier) ? bytes[identifier.count...] : bytes[...]
    return block.withUnsafeBufferPointer { orientation(inTIFF: $0) }
  }

  private static func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
