import Foundation
import RowwiseImageDecoding
import Testing

@testable import RowwiseRowSequencing

/// What is done to pictures that are not as the training pictures, and what is kept of it.
@Suite struct PictureAdaptationTests {
  private static func gray(_ width: Int, _ height: Int, _ byte: (Int, Int) -> UInt8) -> DecodedImage
  {
    DecodedImage(
      width: width, height: height, channels: 1,
      pixels: (0..<height).flatMap { y in (0..<width).map { x in byte(x, y) } })
  }

  private static func preprocessing(
    _ width: Int, _ height: Int, color: ColorMode = .gray,
    _ change: (inout PictureAdaptation) -> Void
  ) throws -> Preprocessing {
    var preprocessing = try Preprocessing(width: width, height: height, color: color)
    change(&preprocessing.adaptation)
    return preprocessing
  }

  @Test func backgroundsHaveNames() {
    typealias Background = PictureAdaptation.Background
    #expect(Background("auto") == .auto && Background("white") == .color(.white))
    #expect(Background("#000000") == .color(.black))
    let cream = BackgroundColor(red: 255, green: 254, blue: 9)
    #expect(Background("#fffe09") == .color(cream) && Background("#FFFE09") == .color(cream))
    #expect(Background.color(cream).description == "#fffe09")
    for text in ["", "#", "#12345", "#1234567", "#+12345", "#gg0000", "red", "fffe09", "#é1234"] {
      #expect(Background(text) == nil, "\(text)")
    }
  }

  /// What changes nothing is not written, and what is written is read.
  @Test func onlyChangesAreWritten() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var preprocessing = try Preprocessing(width: 2, height: 3)
    #expect(!String(decoding: try encoder.encode(preprocessing), as: UTF8.self).contains("adap"))
    var adaptation = PictureAdaptation()
    adaptation.inversion = .auto
    adaptation.background = .color(.black)
    adaptation.fit = .crop
    adaptation.trims = true
    adaptation.range = .auto
    preprocessing.adaptation = adaptation
    let json = try encoder.encode(preprocessing)
    #expect(
      String(decoding: json, as: UTF8.self).contains(
        """
        "adaptation":{"background":"black","fit":"crop","invert":"auto","range":"auto","trim":true}
        """))
    #expect(try JSONDecoder().decode(Preprocessing.self, from: json) == preprocessing)
    for (key, value) in [
      ("invert", "maybe"), ("background", "pink"), ("fit", "zoom"), ("range", "12"),
    ] {
      #expect(throws: PreprocessingError.self, "\(key)") {
        try JSONDecoder().decode(
          PictureAdaptation.self, from: Data("{\"\(key)\": \"\(value)\"}".utf8))
      }
    }
  }

  @Test func lightAndDarkChangePlaces() throws {
    let image = Self.gray(3, 2) { x, y in UInt8(x * 50 + y) }
    let plain = try Self.preprocessing(3, 2) { _ in }
    let inverted = try Self.preprocessing(3, 2) { $0.inversion = .yes }
    #expect(inverted.modelPixels(of: image) == plain.modelPixels(of: image).map { 255 - $0 })
  }

  /// All of a wide picture between bars; of a tall one likewise.
  @Test func letterboxHasBars() throws {
    let boxed = try Self.preprocessing(4, 4) {
      ($0.fit, $0.background) = (.letterbox, .color(.black))
    }
    let wide = Self.gray(8, 4) { _, _ in 200 }
    #expect(
      boxed.modelPixels(of: wide)
        == [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 200, count: 8)
        + [UInt8](repeating: 0, count: 4))
    let tall = Self.gray(1, 2) { _, _ in 7 }
    #expect(boxed.modelPixels(of: tall) == (0..<4).flatMap { _ in [0, 7, 7, 0] as [UInt8] })
    // Without a colour bars are as the border, of which 90 is the median.
    let own = try Self.preprocessing(4, 4) { $0.fit = .letterbox }
    let framed = Self.gray(8, 4) { x, y in (2..<6).contains(x) && (1..<3).contains(y) ? 255 : 90 }
    #expect(own.modelPixels(of: framed).prefix(4) == [90, 90, 90, 90])
    // The same proportions have none.
    let same = Self.gray(2, 2) { x, y in UInt8(x + y) }
    #expect(
      own.modelPixels(of: same) == (try Preprocessing(width: 4, height: 4)).modelPixels(of: same))
    // A degenerate one keeps a row.
    #expect(boxed.modelPixels(of: Self.gray(500, 1) { _, _ in 9 }).count { $0 == 9 } == 4)
  }

  @Test func cropTakesTheMiddle() throws {
    let crop = try Self.preprocessing(2, 2) { $0.fit = .crop }
    let wide = Self.gray(10, 2) { x, _ in UInt8(x) }
    #expect(crop.modelPixels(of: wide) == [4, 5, 4, 5])
    let tall = Self.gray(2, 7) { _, y in UInt8(y) }
    #expect(crop.modelPixels(of: tall) == [2, 2, 3, 3])
  }

  /// What is on a picture fills 5/7 and lies with its mass in the middle, wherever it was, light on dark or
  /// dark on light.
  @Test(arguments: [(0, 255), (255, 0), (200, 40)] as [(UInt8, UInt8)])
  func trimCentresWhatThereIs(paper: UInt8, ink: UInt8) throws {
    let trim = try Self.preprocessing(14, 14) { $0.trims = true }
    for (left, top) in [(3, 2), (40, 20), (0, 0)] {
      let image = Self.gray(60, 40) { x, y in
        (left..<left + 10).contains(x) && (top..<top + 20).contains(y) ? ink : paper
      }
      let pixels = trim.modelPixels(of: image)
      #expect(pixels.count == 196)
      // 20 rows become 10, 10 columns 5.
      let rows = (0..<14).filter { y in pixels[y * 14..<y * 14 + 14].contains(ink) }
      let columns = (0..<14).filter { x in (0..<14).contains { pixels[$0 * 14 + x] == ink } }
      #expect(rows == Array(2..<12), "\(left), \(top): \(rows)")
      #expect(columns.count == 5 && [4, 5].contains(columns[0]), "\(columns)")
      #expect(pixels.allSatisfy { $0 == ink || $0 == paper })
    }
    // Where nothing is, nothing is cut.
    let empty = Self.gray(30, 30) { _, _ in paper }
    #expect(trim.modelPixels(of: empty) == [UInt8](repeating: paper, count: 196))
  }

  /// A shadow over the paper is not on it.
  @Test func trimSeesInkUnderUnevenLight() throws {
    let trim = try Self.preprocessing(28, 28) { $0.trims = true }
    let image = Self.gray(120, 90) { x, y in
      (50..<60).contains(x) && (30..<60).contains(y) ? 20 : UInt8(150 + x / 2)
    }
    let pixels = trim.modelPixels(of: image)
    let dark = (0..<28).filter { y in pixels[y * 28..<y * 28 + 28].contains { $0 < 60 } }
    #expect(dark.count == 20, "\(dark)")
  }

  /// Rows one by one give the same timesteps as the whole picture, where that can be.
  @Test func rowsGiveTheSame() throws {
    let changes: [(inout PictureAdaptation) -> Void] = [
      { $0.inversion = .yes }, { $0.fit = .crop },
      { ($0.fit, $0.background) = (.letterbox, .color(.white)) },
      {
        ($0.fit, $0.background) = (.letterbox, .color(BackgroundColor(red: 9, green: 200, blue: 3)))
        $0.inversion = .yes
      },
    ]
    for change in changes {
      for color in ColorMode.allCases {
        let preprocessing = try Self.preprocessing(6, 5, color: color, change)
        let writer = SequenceWriter(preprocessing)
        for (width, height) in [(6, 5), (30, 5), (5, 31), (1, 1), (12, 10), (3, 50)] {
          let image = DecodedImage(
            width: width, height: height, channels: color.channels,
            pixels: (0..<width * height * color.channels).map {
              UInt8(truncatingIfNeeded: $0 * 37)
            })
          let reader = try TimestepReader(writer, sourceWidth: width, sourceHeight: height)
          var found: [Float] = []
          let rowBytes = width * color.channels
          for y in 0..<height {
            reader.append(image.pixels.span.extracting(y * rowBytes..<(y + 1) * rowBytes)) {
              for i in $0.indices { found.append($0[i]) }
            }
          }
          #expect(found == writer.sequence(of: preprocessing.modelPixels(of: image)))
        }
      }
    }
  }

  /// What needs the whole picture is named and refused.
  @Test func wholePicturesAreNamed() throws {
    let reasons: [(ImageInfo.WholeImageReason, (inout PictureAdaptation) -> Void)] = [
      (.inversion, { $0.inversion = .auto }), (.background, { $0.background = .auto }),
      (.trimming, { $0.trims = true }), (.letterbox, { $0.fit = .letterbox }),
      (.range, { $0.range = .auto }),
    ]
    for (reason, change) in reasons {
      let preprocessing = try Self.preprocessing(4, 4, change)
      #expect(preprocessing.adaptation.wholeImageReasons == [reason])
      #expect(throws: PreprocessingError.adaptationNeedsWholePicture([reason])) {
        try TimestepReader(SequenceWriter(preprocessing), sourceWidth: 4, sourceHeight: 4)
      }
    }
  }
}
