import RowwiseImageDecoding
import RowwiseRowSequencing
import Testing

@Suite struct RowResamplerTests {
  @Test func resizesAsPillowWithinOneLevel() throws {
    let golden = try Golden.load()
    #expect(golden.resizes.count == 21)
    var differing = 0
    var total = 0
    for resize in golden.resizes {
      let source = picture(
        width: resize.source_width, height: resize.source_height, channels: resize.channels,
        seed: resize.seed)
      let result = RowResampler.resize(source, width: resize.width, height: resize.height)
      let expected = bytes(hex: resize.pixels)
      #expect(result.pixels.count == expected.count)
      let distances = zip(result.pixels, expected).map { abs(Int($0) - Int($1)) }
      #expect(
        distances.max() ?? 0 <= 1,
        """
        \(resize.source_width)×\(resize.source_height)×\(resize.channels) to \
        \(resize.width)×\(resize.height)
        """)
      differing += distances.count { $0 != 0 }
      total += distances.count
    }
    // The bound is one level; nearly all bytes are the same (8 of 45,240 differ).
    #expect(differing * 1000 <= total, "\(differing) of \(total) bytes differ")
  }

  @Test(arguments: [(1, 1), (3, 2), (7, 30), (30, 7), (64, 64), (200, 1)])
  func flatPicturesStayFlat(width: Int, height: Int) {
    for value in [UInt8](arrayLiteral: 0, 1, 127, 254, 255) {
      let source = DecodedImage(
        width: 23, height: 29, channels: 3,
        pixels: [UInt8](repeating: value, count: 23 * 29 * 3))
      let result = RowResampler.resize(source, width: width, height: height)
      #expect(result.width == width && result.height == height && result.channels == 3)
      #expect(result.pixels == [UInt8](repeating: value, count: width * height * 3))
    }
  }

  @Test func everySourceRowCountsEvenAtExtremeScale() {
    // 65,535 rows to one: weights of 64 units each must still add up.
    let pixels = (0..<65_535).map { UInt8($0 < 32_768 ? 0 : 200) }
    let source = DecodedImage(width: 1, height: 65_535, channels: 1, pixels: pixels)
    #expect(RowResampler.resize(source, width: 1, height: 1).pixels == [100])
  }

  @Test func handsRowsOverAsSoonAsTheyAreDone() {
    var resampler = RowResampler(
      sourceWidth: 4, sourceHeight: 6, width: 2, height: 3, channels: 1)
    var rows: [[UInt8]] = []
    for y in 0..<6 {
      let row = [UInt8](repeating: UInt8(10 * y), count: 4)
      resampler.append(row.span) { finished in
        rows.append(finished.indices.map { finished[$0] })
      }
      #expect(rows.count == (y + 1) / 2)
    }
    #expect(rows == [[5, 5], [25, 25], [45, 45]])
  }

  @Test func sameSizeChangesNothing() {
    let source = picture(width: 9, height: 7, channels: 3, seed: 5)
    #expect(RowResampler.resize(source, width: 9, height: 7) == source)
  }

  @Test func channelsDoNotMix() {
    let source = picture(width: 21, height: 13, channels: 3, seed: 6)
    let result = RowResampler.resize(source, width: 8, height: 20)
    for channel in 0..<3 {
      let plane = DecodedImage(
        width: 21, height: 13, channels: 1,
        pixels: (0..<21 * 13).map { source.pixels[3 * $0 + channel] })
      let expected = RowResampler.resize(plane, width: 8, height: 20)
      #expect((0..<160).map { result.pixels[3 * $0 + channel] } == expected.pixels)
    }
  }
}
