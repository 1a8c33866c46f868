import RowwiseImageDecoding

/// Pictures that tests make for themselves.
enum TestPictures {
  /// A picture whose every sample differs from its neighbours'.
  static func pattern(width: Int, height: Int, channels: Int) -> DecodedImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          pixels.append(UInt8(truncatingIfNeeded: x * 7 + y * 31 + channel * 85 + x * y))
        }
      }
    }
    return DecodedImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// A PNG chunk: length, type, data, checksum.
  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(checksum(body))
  }

  /// The IHDR chunk of a PNG, with the signature before it.
  static func header(
    width: UInt32, height: UInt32, bitDepth: UInt8 = 8, colorType: UInt8 = 0,
    interlaced: Bool = false
  ) -> [UInt8] {
    let fields = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", fields + [interlaced ? 1 : 0])
  }

  /// `png` with a chunk put in before its first chunk of type `next`.
  static func inserting(_ chunk: [UInt8], before next: String, in png: [UInt8]) -> [UInt8] {
    var position = 8
    while position + 8 <= png.count {
      let type = String(decoding: png[position + 4..<position + 8], as: UTF8.self)
      if type == next { return Array(png[..<position]) + chunk + Array(png[position...]) }
      let length = png[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      position += length + 12
    }
    return png
  }

  /// A TIFF block with one IFD that holds nothing but an orientation.
  static func exif(orientation: UInt8, bigEndian: Bool = true) -> [UInt8] {
    bigEndian
      ? [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]
        + [0, 0, 0, 0, 0, 0]
      : [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0]
        + [0, 0, 0, 0, 0, 0]
  }

  /// A baseline gray JPEG of 16 × 16 pixels, level 128 throughout, and its parts: written by hand
  /// from T.81, with one DC code (difference 0) and one AC code (end of block).
  static let grayJPEG: [UInt8] = {
    var bytes: [UInt8] = [0xFF, 0xD8]
    bytes += [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    bytes += [0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]
    bytes += [0xFF, 0xC4, 0, 20, 0x00, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
    // Four blocks of two zero bits each.
    bytes += [0x00, 0xFF, 0xD9]
    return bytes
  }()

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// CRC-32 as PNG uses it (PNG specification, annex D).
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value: UInt32 = .max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
