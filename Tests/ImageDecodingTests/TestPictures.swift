import RowwiseImageDecoding
import TestSupport

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
    PNGBytes.chunk(type, data)
  }

  /// The IHDR chunk of a PNG, with the signature before it.
  static func header(
    width: UInt32, height: UInt32, bitDepth: UInt8 = 8, colorType: UInt8 = 0,
    interlaced: Bool = false
  ) -> [UInt8] {
    PNGBytes.header(
      width: Int(width), height: Int(height), bitDepth: bitDepth, colorType: colorType,
      interlaced: interlaced)
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

  /// A baseline gray JPEG of 16 × 16 pixels, level 128 throughout.
  static let grayJPEG = SeveralPictures.grayJPEG

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
