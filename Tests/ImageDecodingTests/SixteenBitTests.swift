import RowwiseImageDecoding
import Testing

@Suite(.enabled(if: ConformanceSet.isPresent, "needs ../shared/data/decoder"))
struct SixteenBitTests {
  private func rows(_ file: String, _ format: PixelFormat) throws -> [UInt16] {
    let reader = try ImageRowReader(
      path: ConformanceSet.path(file), options: DecodingOptions(pixelFormat: format))
    var rows: [UInt16] = []
    var row = [UInt16](repeating: 0, count: reader.bytesPerRow / 2)
    while try reader.readRow(into: &row) { rows += row }
    return rows
  }

  @Test("The high bytes of 16-bit samples are the 8-bit samples")
  func highBytes() throws {
    for (file, format, narrow) in [
      ("png-16bit/ps_basn0g16.png", PixelFormat.gray16, PixelFormat.gray8),
      ("png-16bit/ps_basn2c16.png", .rgb16, .rgb8),
      ("png-interlaced/ps_basi2c16.png", .rgb16, .rgb8),
    ] {
      let wide = try rows(file, format)
      let image = try ImageDecoder.decode(
        path: ConformanceSet.path(file), options: DecodingOptions(pixelFormat: narrow))
      #expect(wide.map { UInt8($0 >> 8) } == image.pixels, "\(file)")
      #expect(wide.contains { $0 & 0xFF != $0 >> 8 }, "\(file) has low bytes of its own")
    }
  }

  @Test("8-bit samples are widened so that 255 becomes 65,535")
  func widened() throws {
    let file = "png-valid/ps_basn2c08.png"
    let image = try ImageDecoder.decode(path: ConformanceSet.path(file))
    #expect(try rows(file, .rgb16) == image.pixels.map { UInt16($0) * 257 })
  }
}
