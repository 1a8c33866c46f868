/// Parts of PNG files, for pictures that `PNGWriter` does not write.
package enum PNGBytes {
  /// A chunk: length, type, data, checksum.
  package static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return number(data.count) + body + number(ArchiveBytes.crc(body))
  }

  /// The signature and the IHDR chunk.
  package static func header(
    width: Int, height: Int, bitDepth: UInt8 = 8, colorType: UInt8 = 0, interlaced: Bool = false
  ) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk(
        "IHDR",
        number(width) + number(height) + [bitDepth, colorType, 0, 0, interlaced ? 1 : 0])
  }

  /// A zlib stream of one stored block of at most 65,535 bytes.
  package static func stored(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return [0x78, 0x01, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255)]
      + [UInt8(~count >> 8)] + bytes + number(b << 16 | a)
  }

  /// A whole file of rows that each begin with their filter's byte.
  package static func file(header: [UInt8], between: [UInt8] = [], rows: [UInt8]) -> [UInt8] {
    header + between + chunk("IDAT", stored(rows)) + chunk("IEND", [])
  }

  /// Four bytes, the highest first.
  static func number(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
