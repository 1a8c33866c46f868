import RowwiseImageDecoding
import RowwiseRowSequencing
import Testing

@Suite struct LumaTests {
  @Test func equalsPillowInEveryBit() throws {
    let golden = try Golden.load().luma
    let source = picture(
      width: golden.width, height: golden.height, channels: 3, seed: golden.seed)
    let gray = Luma.convert(source, to: .gray)
    #expect(gray.channels == 1 && gray.width == 64 && gray.height == 64)
    #expect(gray.pixels == bytes(hex: golden.pixels))
  }

  @Test func grayColorsKeepTheirValue() {
    for value in UInt8.min...UInt8.max {
      #expect(Luma.luma(red: value, green: value, blue: value) == value)
    }
  }

  @Test func grayToRGBAndBackIsTheSame() {
    let gray = picture(width: 5, height: 4, channels: 1, seed: 1)
    let rgb = Luma.convert(gray, to: .rgb)
    #expect(rgb.pixels.count == 60)
    #expect(Luma.convert(rgb, to: .gray) == gray)
    #expect(Luma.convert(gray, to: .gray) == gray)
  }
}
