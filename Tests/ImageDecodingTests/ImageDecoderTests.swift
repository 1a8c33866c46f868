import Foundation
import RowwiseImageDecoding
import Testing

@Suite(
  .enabled(if: ConformanceSet.isPresent, "needs ../shared/data/decoder"))
struct ConformanceTests {
  private func options(
    _ format: PixelFormat, _ orientation: DecodingOptions.OrientationPolicy = .asStored
  ) -> DecodingOptions {
    DecodingOptions(pixelFormat: format, orientation: orientation)
  }

  @Test("SHA-256 of the test helper equals the published values")
  func digest() {
    #expect(
      SHA256.hex(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test("Every valid PNG has the expected pixels")
  func validPNG() throws {
    var count = 0
    for (file, expected) in try ConformanceSet.expectations() where expected.format == "PNG" {
      let path = ConformanceSet.path(file)
      let image = try ImageDecoder.decode(path: path, options: options(.rgba8))
      #expect(image.width == expected.width && image.height == expected.height, "\(file)")
      #expect(SHA256.hex(image.pixels) == expected.rgba8_sha256, "rgba8 of \(file)")
      try checkBlending(of: image, path: path, expected: expected)
      count += 1
    }
    #expect(count == 282)
  }

  /// Compares RGB and gray with the reference where the picture is opaque, and else with the
  /// reference's RGBA blended in floating point.
  private func checkBlending(
    of image: DecodedImage, path: String, expected: ConformanceSet.Expectation
  ) throws {
    let background = BackgroundColor(red: 10, green: 200, blue: 90)
    var rgbOptions = options(.rgb8)
    rgbOptions.background = background
    var grayOptions = options(.gray8)
    grayOptions.background = background
    let rgb = try ImageDecoder.decode(path: path, options: rgbOptions)
    let gray = try ImageDecoder.decode(path: path, options: grayOptions)
    let pixels = image.pixels
    let isOpaque = stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 }
    if isOpaque {
      #expect(SHA256.hex(rgb.pixels) == expected.rgb8_sha256, "rgb8 of \(path)")
      #expect(SHA256.hex(gray.pixels) == expected.gray8_sha256, "gray8 of \(path)")
      return
    }
    let under = [Double(background.red), Double(background.green), Double(background.blue)]
    var blended: [UInt8] = []
    var luma: [UInt8] = []
    for start in stride(from: 0, to: pixels.count, by: 4) {
      let alpha = Double(pixels[start + 3]) / 255
      let color = (0..<3).map { channel in
        Int((Double(pixels[start + channel]) * alpha + under[channel] * (1 - alpha)).rounded())
      }
      blended += color.map { UInt8($0) }
      luma.append(
        UInt8((color[0] * 19_595 + color[1] * 38_470 + color[2] * 7_471 + 32_768) >> 16))
    }
    #expect(rgb.pixels == blended, "rgb8 over a background of \(path)")
    #expect(gray.pixels == luma, "gray8 over a background of \(path)")
  }

  @Test("Every valid JPEG has the expected pixels")
  func validJPEG() throws {
    var counts = (exact: 0, near: 0)
    for (file, expected) in try ConformanceSet.expectations() where expected.format == "JPEG" {
      let path = ConformanceSet.path(file)
      let rgb = try ImageDecoder.decode(path: path, options: options(.rgb8))
      #expect(rgb.width == expected.width && rgb.height == expected.height, "\(file)")
      if SHA256.hex(rgb.pixels) == expected.rgb8_sha256 {
        counts.exact += 1
      } else if let raw = expected.raw {
        let reference = try PortableMap(bytes: ConformanceSet.bytes(raw))
        #expect(reference.greatestDifference(from: rgb) <= 2, "\(file)")
        counts.near += 1
      } else {
        Issue.record("rgb8 of \(file) is not the expected one")
      }
      let gray = try ImageDecoder.decode(path: path, options: options(.gray8))
      #expect(SHA256.hex(gray.pixels) == expected.gray8_sha256, "gray8 of \(file)")
    }
    print("JPEG: \(counts.exact) equal byte for byte, \(counts.near) within 2 levels")
    #expect(counts.exact + counts.near == 98)
  }

  @Test("Pictures stored turned come upright")
  func upright() throws {
    var count = 0
    for (file, expected) in try ConformanceSet.expectations() {
      guard let size = expected.upright_size, let digest = expected.upright_rgb8_sha256 else {
        continue
      }
      let path = ConformanceSet.path(file)
      // The reference drops alpha.
      let rgba = DecodingOptions(pixelFormat: .rgba8)
      let image = try ImageDecoder.decode(path: path, options: rgba)
      #expect([image.width, image.height] == size, "\(file)")
      #expect(SHA256.hex(dropAlpha(image.pixels)) == digest, "\(file)")
      let reader = try ImageRowReader(path: path, options: rgba)
      #expect(reader.info.orientation.rawValue == expected.exif_orientation, "\(file)")
      var rows: [UInt8] = []
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      while try reader.readRow(into: &row) { rows += row }
      #expect(SHA256.hex(dropAlpha(rows)) == digest, "rows of \(file)")
      count += 1
    }
    #expect(count == 15)
  }

  private func dropAlpha(_ rgba: [UInt8]) -> [UInt8] {
    var rgb: [UInt8] = []
    rgb.reserveCapacity(rgba.count / 4 * 3)
    for start in stride(from: 0, to: rgba.count, by: 4) { rgb += rgba[start..<start + 3] }
    return rgb
  }

  @Test("Every corrupt, damaged and unsupported file is refused, with the reason")
  func refused() throws {
    var count = 0
    for file in try ConformanceSet.refused() {
      let path = ConformanceSet.path(file)
      #expect(throws: ImageDecodingError.self, "\(file)") {
        try ImageDecoder.decode(path: path)
      }
      do {
        _ = try ImageDecoder.decode(path: path)
      } catch {
        #expect(error.description.hasPrefix(path + ": "), "\(error)")
        // The its_ files of that folder are damaged before their unsupported part.
        if file.hasPrefix("jpeg-unsupported/"), !file.contains("/its_") {
          #expect(error.isUnsupportedVariant, "\(error)")
        }
      }
      count += 1
    }
    #expect(count == 130)
  }

  @Test("Bombs are refused from their headers")
  func bombs() throws {
    for file in [
      "bomb/made_gray1_30000x30000.png", "bomb/made_header_2147483647.png",
      "bomb/made_wide_1000000x1.png",
    ] {
      var times: [Duration] = []
      for _ in 0..<5 {
        let start = ContinuousClock.now
        do {
          _ = try ImageDecoder.decode(path: ConformanceSet.path(file))
          Issue.record("\(file) was decoded")
        } catch {
          guard case .overLimit = error else {
            Issue.record("\(file): \(error)")
            continue
          }
        }
        times.append(ContinuousClock.now - start)
      }
      // The best of five: other tests run beside this one.
      #expect(times.min() ?? .seconds(1) < .milliseconds(50), "\(file)")
    }
  }

  @Test("A PNG under a JPEG name is read as a PNG")
  func misnamed() throws {
    let reader = try ImageRowReader(path: ConformanceSet.path("misnamed/moz_jpg-size-6x6.jpg"))
    #expect(reader.info.format == .png)
  }

  @Test("Fuzz corpora: what the reference refuses is refused, nothing crashes")
  func fuzz() throws {
    var counts = (refused: 0, decoded: 0)
    for verdict in try ConformanceSet.verdicts() {
      let bytes = try ConformanceSet.bytes(verdict.file)
      var lenient = DecodingOptions()
      lenient.strictness = .lenient
      lenient.limits.maximumMemory = 1 << 26
      _ = try? ImageDecoder.decode(bytes: bytes, options: lenient)
      do {
        _ = try ImageDecoder.decode(bytes: bytes, named: verdict.file)
        counts.decoded += 1
        #expect(verdict.reference == "ok", "\(verdict)")
      } catch {
        counts.refused += 1
        #expect(verdict.reference != "ok", "\(error)")
        #expect(error.description.hasPrefix(verdict.file), "\(error)")
      }
    }
    print("fuzz corpora: \(counts.refused) refused, \(counts.decoded) decoded")
    #expect(counts.refused + counts.decoded == 1_996)
  }
}

extension ImageDecodingError {
  var isCorrupt: Bool { if case .corrupt = self { true } else { false } }
  var isTruncated: Bool { if case .truncated = self { true } else { false } }
  var isUnsupportedVariant: Bool { if case .unsupportedVariant = self { true } else { false } }
}
