import RowwiseImageDecoding
import Testing

struct ImageFormatTests {
  @Test(
    "Formats are told by their first bytes",
    arguments: [
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], FormatGuess.readable(.png)),
      ([0xFF, 0xD8, 0xFF, 0xE0], .readable(.jpeg)),
      (Array("GIF89a".utf8), .foreign(.gif)),
      (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), .foreign(.webp)),
      (Array("RIFF\0\0\0\0WAVEfmt ".utf8), .unknown),
      ([0x49, 0x49, 0x2A, 0x00, 8, 0, 0, 0], .foreign(.tiff)),
      ([0x4D, 0x4D, 0x00, 0x2A, 0, 0, 0, 8], .foreign(.tiff)),
      ([0, 0, 0, 24] + Array("ftypheic".utf8), .foreign(.heic)),
      ([0, 0, 0, 24] + Array("ftypavif".utf8), .foreign(.avif)),
      ([0, 0, 0, 24] + Array("ftypisom".utf8), .unknown),
      ([0xFF, 0x0A], .foreign(.jpegXL)),
      ([0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A, 0x00], .damagedPNG),
      ([0x09, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .damagedPNG),
      (Array("plain text, longer than any magic".utf8), .unknown),
      ([], .unknown),
    ] as [([UInt8], FormatGuess)])
  func guess(bytes: [UInt8], expected: FormatGuess) {
    #expect(FormatGuess(firstBytes: bytes) == expected)
  }

  @Test("A foreign format is named and its remedy told")
  func foreign() {
    #expect(
      throws: ImageDecodingError.foreignFormat(source: "a.webp", format: .webp)
    ) {
      try ImageDecoder.decode(bytes: Array("RIFF\0\0\0\0WEBPVP8 ".utf8), named: "a.webp")
    }
    #expect(
      ImageDecodingError.foreignFormat(source: "a.webp", format: .webp).description
        == "a.webp: a WebP file, which is not read; convert it to PNG or JPEG")
  }
}
