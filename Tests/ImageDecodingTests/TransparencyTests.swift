import TestSupport
import Testing

@testable import RowwiseImageDecoding

/// What `ImageDecoder` chooses by the whole picture: a background, and what is white in 16 bits.
@Suite struct TransparencyTests {
  /// A PNG of 16 × 16 pixels with alpha, a disc of ink on nothing; stored without compression.
  static func disc(ink: UInt8) -> [UInt8] {
    var raw: [UInt8] = []
    for y in 0..<16 {
      raw.append(0)
      for x in 0..<16 {
        let isInside = (x - 8) * (x - 8) + (y - 8) * (y - 8) < 25
        raw += [ink, isInside ? 255 : 0]
      }
    }
    return TestPictures.header(width: 16, height: 16, colorType: 4)
      + TestPictures.chunk("IDAT", PNGBytes.stored(raw)) + TestPictures.chunk("IEND", [])
  }

  @Test(arguments: [PixelFormat.gray8, .rgb8])
  func theBackgroundLeavesContrast(_ format: PixelFormat) throws {
    var options = DecodingOptions(pixelFormat: format)
    for (ink, background) in [(255, BackgroundColor.black), (0, .white), (30, .white)] {
      let png = Self.disc(ink: UInt8(ink))
      options.choosesBackground = true
      let (image, facts) = try ImageDecoder.withDecoded(
        bytes: png, named: "disc", options: options
      ) { ($0, $1) }
      #expect(facts.background == background && facts.hasAlpha)
      // The same bytes as over that colour.
      options.choosesBackground = false
      options.background = background
      #expect(try ImageDecoder.decode(bytes: png, options: options) == image)
      #expect(Set(image.pixels).count > 1)
    }
    // What is opaque is decoded as ever.
    let opaque = try PNGWriter.encode(TestPictures.pattern(width: 9, height: 7, channels: 3))
    let plain = try ImageDecoder.decode(bytes: opaque, options: options)
    options.choosesBackground = true
    let (image, facts) = try ImageDecoder.withDecoded(
      bytes: opaque, named: "opaque", options: options
    ) { ($0, $1) }
    #expect(image == plain && facts.background == nil && !facts.hasAlpha)
  }

  /// A PGM of 16-bit samples up to `greatest`.
  private static func wide(_ greatest: Int, channels: Int = 1) -> [UInt8] {
    let values = (0..<60 * channels).map { $0 * greatest / (60 * channels - 1) }
    return Array("P\(channels == 1 ? 5 : 6)\n10 6\n65535\n".utf8)
      + values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
  }

  @Test func usedBitsAreWidened() throws {
    var options = DecodingOptions(pixelFormat: .gray8)
    options.widensRange = true
    for (greatest, white) in [(4095, 4095), (3000, 4095), (1023, 1023), (200, 255), (9000, 16_383)]
    {
      let (image, facts) = try ImageDecoder.withDecoded(
        bytes: Self.wide(greatest), named: "wide", options: options
      ) { ($0, $1) }
      #expect(facts.greatestValue == white)
      let expected = (0..<60).map { UInt8(($0 * greatest / 59 * 255 + white / 2) / white) }
      #expect(image.pixels == expected)
    }
    // All 16 bits, 8 bits and colours.
    for bytes in [Self.wide(65_535), Self.wide(20_000), Array("P5\n2 1\n255\nab".utf8)] {
      let (image, facts) = try ImageDecoder.withDecoded(
        bytes: bytes, named: "other", options: options
      ) { ($0, $1) }
      #expect(facts.greatestValue == nil)
      let plain = DecodingOptions(pixelFormat: .gray8)
      #expect(try ImageDecoder.decode(bytes: bytes, options: plain) == image)
    }
    options.pixelFormat = .rgb8
    let (image, facts) = try ImageDecoder.withDecoded(
      bytes: Self.wide(4095, channels: 3), named: "colours", options: options
    ) { ($0, $1) }
    #expect(facts.greatestValue == 4095 && image.channels == 3 && image.pixels.last == 255)
  }

  /// Limits hold, and damage is an error or a warning, as for every picture.
  @Test func limitsAndDamage() throws {
    var options = DecodingOptions(
      pixelFormat: .gray8, limits: DecodingLimits(maximumMemory: 50))
    options.widensRange = true
    #expect(throws: ImageDecodingError.self) {
      try ImageDecoder.decode(bytes: Self.wide(4095), options: options)
    }
    options.limits = DecodingLimits()
    let cut = Array(Self.wide(4095).dropLast(30))
    #expect(throws: ImageDecodingError.self) {
      try ImageDecoder.decode(bytes: cut, options: options)
    }
    options.strictness = .lenient
    let (image, warnings) = try ImageDecoder.decodeWithWarnings(bytes: cut, options: options)
    #expect(image.pixels.count == 60 && !warnings.isEmpty)
    // Missing rows are background.
    #expect(image.pixels.suffix(10) == [UInt8](repeating: 255, count: 10)[...])
  }
}
