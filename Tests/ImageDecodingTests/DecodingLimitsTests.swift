import RowwiseImageDecoding
import TestSupport
import Testing

struct DecodingLimitsTests {
  private func expectOverLimit(
    _ name: DecodingLimits.Name, value: Int, maximum: Int, bytes: [UInt8],
    _ change: (inout DecodingLimits) -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var options = DecodingOptions()
    change(&options.limits)
    #expect(
      throws: ImageDecodingError.overLimit(
        source: "x", limit: name, value: value, maximum: maximum),
      sourceLocation: sourceLocation
    ) { try ImageDecoder.decode(bytes: bytes, named: "x", options: options) }
  }

  @Test("Each limit holds exactly")
  func exact() throws {
    let png = try PNGWriter.encode(TestPictures.pattern(width: 30, height: 20, channels: 3))
    let jpeg = TestPictures.grayJPEG
    expectOverLimit(.width, value: 30, maximum: 29, bytes: png) { $0.maximumWidth = 29 }
    expectOverLimit(.height, value: 20, maximum: 19, bytes: png) { $0.maximumHeight = 19 }
    expectOverLimit(.pixels, value: 600, maximum: 599, bytes: png) { $0.maximumPixels = 599 }
    expectOverLimit(.memory, value: 1_800, maximum: 1_799, bytes: png) {
      $0.maximumMemory = 1_799
    }
    expectOverLimit(.width, value: 16, maximum: 15, bytes: jpeg) { $0.maximumWidth = 15 }
    expectOverLimit(.pixels, value: 256, maximum: 255, bytes: jpeg) { $0.maximumPixels = 255 }
    expectOverLimit(.memory, value: 768, maximum: 767, bytes: jpeg) { $0.maximumMemory = 767 }
    var options = DecodingOptions()
    options.limits = DecodingLimits(
      maximumWidth: 30, maximumHeight: 20, maximumPixels: 600, maximumMemory: 1_800)
    #expect(try ImageDecoder.decode(bytes: png, options: options).pixels.count == 1_800)
  }

  @Test("A skipped chunk's declared length is limited; within the limit it costs nothing")
  func metadata() throws {
    let image = TestPictures.pattern(width: 3, height: 3, channels: 3)
    let text = TestPictures.chunk("tEXt", [UInt8](repeating: 0x41, count: 5_000))
    let png = TestPictures.inserting(text, before: "IDAT", in: try PNGWriter.encode(image))
    expectOverLimit(.metadata, value: 5_000, maximum: 4_999, bytes: png) {
      $0.maximumMetadata = 4_999
    }
    #expect(try ImageDecoder.decode(bytes: png) == image)
  }

  @Test("A small file that declares a huge picture is refused")
  func bomb() {
    for interlaced in [false, true] {
      let png =
        TestPictures.header(width: 60_000, height: 60_000, interlaced: interlaced)
        + TestPictures.chunk("IDAT", [0x78, 0x9C])
      expectOverLimit(.pixels, value: 3_600_000_000, maximum: 1 << 29, bytes: png) { _ in }
    }
  }

  @Test("Bombs are refused within 50 ms")
  func time() {
    let huge =
      TestPictures.header(width: 100_000, height: 100_000)
      + TestPictures.chunk("IDAT", [0x78, 0x9C])
    // 4,000 × 4,000 pixels: decoding each scan would take a pass over 250,000 blocks.
    for (bytes, limit) in [
      (huge, DecodingLimits.Name.width), (scanBomb(side: 4_000, scans: 2_000), .scans),
    ] {
      let times = (0..<5).map { _ in
        let start = ContinuousClock.now
        do throws(ImageDecodingError) {
          _ = try ImageDecoder.decode(bytes: bytes)
          Issue.record("decoded")
        } catch {
          guard case .overLimit(_, limit, _, _) = error else {
            Issue.record("\(error)")
            return Duration.zero
          }
        }
        return ContinuousClock.now - start
      }
      // The best of five: other tests run beside this one.
      #expect(times.min() ?? .seconds(2) < .milliseconds(Sanitizing.isOn ? 1000 : 50))
    }
  }

  /// A progressive frame, one scan of all DC coefficients, then scans of one end-of-band run each.
  private func scanBomb(side: Int, scans: Int) -> [UInt8] {
    let size = [UInt8(side >> 8), UInt8(side & 255)]
    var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    bytes += [0xFF, 0xC2, 0, 11, 8] + size + size + [1, 1, 0x11, 0]
    bytes += [0xFF, 0xC4, 0, 20, 0x00, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0x0F]
    let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, 0x0F]
    return bytes + Array(repeatElement(scan, count: scans - 1).joined()) + [0xFF, 0xD9]
  }

  @Test("A JPEG of too many scans is refused before they are decoded")
  func scanBomb() throws {
    let lawful = scanBomb(side: 16, scans: 100)
    let bomb = scanBomb(side: 16, scans: 101)
    let image = try ImageDecoder.decode(bytes: lawful)
    #expect(image.pixels == [UInt8](repeating: 128, count: 768))
    #expect(
      throws: ImageDecodingError.overLimit(source: "x", limit: .scans, value: 101, maximum: 100)
    ) { try ImageDecoder.decode(bytes: bomb, named: "x") }
  }
}
