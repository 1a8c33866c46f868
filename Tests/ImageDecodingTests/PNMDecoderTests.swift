import RowwiseImageDecoding
import Testing

struct PNMDecoderTests {
  static let binary = Array("P5 3 2 255\n".utf8) + [0, 10, 20, 30, 40, 255]
  static let text = Array("P3\n# a comment\n2 2 # another\n255\n1 2 3 4 5 6\n7 8 9 10 11 12".utf8)

  private func gray(_ bytes: [UInt8]) throws -> [UInt8] {
    try ImageDecoder.decode(bytes: bytes, options: DecodingOptions(pixelFormat: .gray8)).pixels
  }

  @Test("P1 to P6")
  func kinds() throws {
    #expect(try gray(Array("P1 3 2 101\n0 1 0\n".utf8)) == [0, 255, 0, 255, 0, 255])
    #expect(try gray(Array("P2 2 1 255 7 9".utf8)) == [7, 9])
    #expect(try ImageDecoder.decode(bytes: Self.text).pixels == Array(1...12))
    #expect(
      try gray(Array("P4\n10 2\n".utf8) + [0b1010_1010, 0b1100_0000, 0, 0x3F])
        == [0, 255, 0, 255, 0, 255, 0, 255, 0, 0] + [UInt8](repeating: 255, count: 10))
    #expect(try gray(Self.binary) == [0, 10, 20, 30, 40, 255])
    let color = Array("P6\n1 2\n255\n".utf8) + [1, 2, 3, 4, 5, 6]
    #expect(try ImageDecoder.decode(bytes: color).pixels == [1, 2, 3, 4, 5, 6])
  }

  @Test("Samples are scaled by the greatest")
  func scaling() throws {
    #expect(try gray(Array("P2 4 1 3 0 1 2 3".utf8)) == [0, 85, 170, 255])
    let wide = Array("P5 3 1 65535\n".utf8) + [0, 0, 0x80, 0x80, 0xFF, 0xFF]
    #expect(try gray(wide) == [0, 128, 255])
    let options = DecodingOptions(pixelFormat: .gray16)
    let reader = try ImageRowReader(bytes: wide, options: options)
    var row = [UInt16](repeating: 0, count: 3)
    #expect(try reader.readRow(into: &row))
    #expect(row == [0, 0x8080, 0xFFFF])
  }

  @Test("Damage is named")
  func damage() {
    let cases: [(String, String, Int?)] = [
      ("P2 2 x 255 1 2", "byte 120 where height was expected", nil),
      ("P2 0 1 255 ", "width is 0", nil),
      ("P2 2 1 70000 1 2", "greatest sample is 70000, at most 65535 is lawful", nil),
      ("P2 2 1 9 1 12 ", "sample 12 is above the greatest, 9", 0),
      ("P2 1 2 9 1 -1 ", "byte 45 where a sample was expected", 1),
    ]
    for (text, reason, row) in cases {
      #expect(
        throws: ImageDecodingError.corrupt(source: "x", format: .pnm, reason: reason, row: row)
      ) { try ImageDecoder.decode(bytes: Array(text.utf8), named: "x") }
    }
    #expect(
      throws: ImageDecodingError.truncated(source: "x", format: .pnm, rows: 1, height: 2)
    ) { try ImageDecoder.decode(bytes: Array(Self.binary.dropLast()), named: "x") }
    #expect(
      throws: ImageDecodingError.overLimit(
        source: "x", limit: .width, value: 1 << 40, maximum: 65_535)
    ) {
      try ImageDecoder.decode(
        bytes: Array("P5 99999999999999999999 1 255\n".utf8), named: "x")
    }
  }
}
