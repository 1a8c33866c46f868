import Foundation
import RowwiseImageDecoding
import TestSupport

extension TemporaryFolder {
  /// A PNG of one value.
  @discardableResult
  func picture(
    _ name: String, value: UInt8 = 100, width: Int = 4, height: Int = 3, channels: Int = 1
  ) throws -> String {
    let pixels = [UInt8](repeating: value, count: width * height * channels)
    let image = DecodedImage(width: width, height: height, channels: channels, pixels: pixels)
    return try write(PNGWriter.encode(image), to: name)
  }

  /// A gray PNG.
  func pixels(_ name: String, _ pixels: [UInt8], width: Int) throws {
    let image = DecodedImage(
      width: width, height: pixels.count / width, channels: 1, pixels: pixels)
    try write(PNGWriter.encode(image), to: name)
  }
}

/// The bytes of an IDX file.
func idx(_ dimensions: [Int], _ values: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0, 0, 8, UInt8(dimensions.count)]
  for size in dimensions {
    bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
  }
  return bytes + values
}

/// A gzip member that holds bytes without compressing them (RFC 1951, 1952).
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var member: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  var start = 0
  repeat {
    let count = min(65_535, bytes.count - start)
    let isLast = start + count == bytes.count
    let low = UInt8(count & 255)
    let high = UInt8(count >> 8)
    member += [isLast ? 1 : 0, low, high, ~low, ~high]
    member += bytes[start..<start + count]
    start += count
  } while start < bytes.count
  var check: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    check ^= UInt32(byte)
    for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
  }
  for number in [~check, UInt32(bytes.count)] {
    member += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
  return member
}
