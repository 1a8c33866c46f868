import RowwiseImageDecoding
import Testing

struct BMPDecoderTests {
  private static func little(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A bitmap with the 40-byte header; `height` is negative for top row first.
  static func bitmap(
    width: Int, height: Int, bits: Int, compression: Int = 0, extra: [UInt8] = [],
    pixels: [UInt8]
  ) -> [UInt8] {
    let offset = 54 + extra.count
    var bytes = Array("BM".utf8) + little(offset + pixels.count, bytes: 4) + little(0, bytes: 4)
    bytes += little(offset, bytes: 4) + little(40, bytes: 4)
    bytes += little(width, bytes: 4) + little(height, bytes: 4) + little(1, bytes: 2)
    bytes += little(bits, bytes: 2) + little(compression, bytes: 4)
    bytes += [UInt8](repeating: 0, count: 20)
    return bytes + extra + pixels
  }

  /// Black, red, green, blue.
  private static let palette: [UInt8] = [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]
  private static let colors: [[UInt8]] = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]

  /// 6 × 3: a run, a jump over the rest of a row, literal pixels.
  static let runLengths = bitmap(
    width: 6, height: 3, bits: 8, compression: 1, extra: palette,
    pixels: [
      4, 1, 0, 0,  // Bottom row: four red, the rest black; then the middle row starts.
      0, 2, 2, 1,  // Jump two right and one up.
      0, 3, 3, 2, 1, 0,  // Three literal pixels, padded to even.
      0, 1,
    ])

  private func decode(_ bytes: [UInt8]) throws -> [UInt8] {
    try ImageDecoder.decode(bytes: bytes, named: "x").pixels
  }

  @Test("24 bits, bottom and top row first")
  func plain() throws {
    let rows: [UInt8] = [3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0]
    let bottomUp = Self.bitmap(width: 2, height: 2, bits: 24, pixels: rows)
    #expect(try decode(bottomUp) == [7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6])
    let topDown = Self.bitmap(width: 2, height: -2, bits: 24, pixels: rows)
    #expect(try decode(topDown) == Array(1...12))
    #expect(try ImageRowReader(bytes: topDown).wholeImageReasons.isEmpty)
    #expect(try ImageRowReader(bytes: bottomUp).wholeImageReasons == [.orientation])
  }

  @Test("Palettes of 1, 2, 4 and 8 bits", arguments: [1, 2, 4, 8])
  func palettes(bits: Int) throws {
    let indices = bits == 1 ? [0, 1, 1, 0, 1] : [0, 1, 2, 3, 1]
    var packed = [UInt8](repeating: 0, count: (5 * bits + 31) / 32 * 4)
    for (x, index) in indices.enumerated() {
      packed[x * bits / 8] |= UInt8(index << (8 - bits - x * bits % 8))
    }
    let extra = Array(Self.palette.prefix(bits == 1 ? 8 : 16))
    let bytes = Self.bitmap(width: 5, height: 1, bits: bits, extra: extra, pixels: packed)
    #expect(try decode(bytes) == indices.flatMap { Self.colors[$0] })
  }

  @Test("16 and 32 bits with bit fields")
  func fields() throws {
    let pixel555 = 31 << 10 | 16 << 5 | 1
    let plain = Self.bitmap(width: 1, height: 1, bits: 16, pixels: Self.little(pixel555, bytes: 4))
    #expect(try decode(plain) == [255, 132, 8])
    let masks = [0xF800, 0x07E0, 0x001F].flatMap { Self.little($0, bytes: 4) }
    let pixel565 = 31 << 11 | 32 << 5 | 31
    let wide = Self.bitmap(
      width: 1, height: 1, bits: 16, compression: 3, extra: masks,
      pixels: Self.little(pixel565, bytes: 4))
    #expect(try decode(wide) == [255, 130, 255])
    let full = Self.bitmap(width: 1, height: 1, bits: 32, pixels: [3, 2, 1, 99])
    #expect(try decode(full) == [1, 2, 3])
  }

  @Test("Run lengths of 8 and 4 bits")
  func runs() throws {
    let rows = [[0, 0, 3, 2, 1, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0]]
    #expect(try decode(Self.runLengths) == rows.joined().flatMap { Self.colors[$0] })
    let four = Self.bitmap(
      width: 5, height: 1, bits: 4, compression: 2, extra: Self.palette,
      pixels: [3, 0x12, 0, 2, 1, 0, 1, 0x30, 0, 1])
    #expect(try decode(four) == [1, 2, 1, 0, 3].flatMap { Self.colors[$0] })
  }

  @Test("Damage is named")
  func damage() throws {
    func expect(_ reason: String, row: Int?, _ bytes: [UInt8]) {
      #expect(
        throws: ImageDecodingError.corrupt(source: "x", format: .bmp, reason: reason, row: row)
      ) { try decode(bytes) }
    }
    let one = Self.bitmap(
      width: 2, height: 1, bits: 8, extra: Self.palette, pixels: [0, 9, 0, 0])
    expect("index 9 in a palette of 4", row: 0, one)
    let run = Self.bitmap(
      width: 2, height: 1, bits: 8, compression: 1, extra: Self.palette, pixels: [3, 0, 0, 1])
    expect("a run beyond the row's end", row: 0, run)
    expect("a size of 0 × 1", row: nil, Self.bitmap(width: 0, height: 1, bits: 24, pixels: []))
    for count in 2..<Self.runLengths.count - 2 {
      #expect(
        throws: ImageDecodingError.self, "\(count) bytes"
      ) { try decode(Array(Self.runLengths.prefix(count))) }
    }
    #expect(
      throws: ImageDecodingError.unsupportedVariant(
        source: "x", format: .bmp, reason: "compression 4 with 24 bits a pixel")
    ) {
      try decode(Self.bitmap(width: 1, height: 1, bits: 24, compression: 4, pixels: [0, 0, 0, 0]))
    }
  }
}
