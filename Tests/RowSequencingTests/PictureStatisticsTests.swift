import Foundation
import RowwiseImageDecoding
import RowwiseRandomness
import Testing

@testable import RowwiseRowSequencing

/// What training pictures were like, and what is unlike them.
@Suite struct PictureStatisticsTests {
  /// Light strokes on black, as digits are: a box of some size somewhere, of some brightness.
  private static func strokes(_ random: inout SplitMix64, side: Int = 16) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: side * side)
    let (width, height) = (3 + random.next(below: 5), 4 + random.next(below: 6))
    let (x, y) = (2 + random.next(below: 4), 2 + random.next(below: 3))
    let light = UInt8(180 + random.next(below: 70))
    for row in y..<min(y + height, side - 2) {
      for column in x..<min(x + width, side - 2) { pixels[row * side + column] = light }
    }
    return pixels
  }

  private static func measure(
    _ pixels: [UInt8], _ change: (inout PictureMeasure.Source) -> Void = { _ in }
  ) -> PictureMeasure {
    let side = Int(Double(pixels.count).squareRoot())
    var source = PictureMeasure.Source(width: side, height: side)
    change(&source)
    return PictureMeasure(
      of: pixels.span, width: side, height: side, channels: 1, source: source)
  }

  private static func trained(_ count: Int = 400) throws -> PictureStatistics {
    var random = SplitMix64(seed: 1)
    return try #require(
      PictureStatistics((0..<count).map { _ in measure(strokes(&random)) }))
  }

  @Test func measuresAreWhatTheySay() {
    let pixels: [UInt8] = [0, 51, 0, 51, 255, 51, 0, 51, 0]
    let measure = PictureMeasure(
      of: pixels.span, width: 3, height: 3, channels: 1, source: .init(width: 30, height: 10))
    #expect(abs(measure.brightness - 459 / 9 / 255) < 1e-6)
    #expect(abs(measure.border - 0.1) < 1e-6 && measure.spread == 255)
    #expect(abs(measure.polarity + 0.1) < 1e-6 && measure.shape == 3 && !measure.isConstant)
    let mean = 51.0
    let squares = pixels.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    #expect(abs(Double(measure.contrast) - (squares / 9).squareRoot() / 255) < 1e-6)
    let turned = pixels.map { 255 - $0 }
    let inverse = PictureMeasure(
      of: turned.span, width: 3, height: 3, channels: 1,
      source: .init(width: 30, height: 10))
    #expect(abs(measure.inverted.brightness - inverse.brightness) < 1e-6)
    #expect(measure.inverted.greatest == inverse.greatest)
    #expect(abs(measure.inverted.border - inverse.border) < 1e-6)
    // Three channels, each its own mean.
    let colors: [UInt8] = [255, 0, 51, 255, 0, 51]
    let color = PictureMeasure(
      of: colors.span, width: 2, height: 1, channels: 3, source: .init(width: 2, height: 1))
    #expect(abs(color.mean[0] - 1) < 1e-6 && color.mean[1] == 0 && color.contrast == 0)
    #expect(color.isConstant && Self.measure([7, 7, 8, 7]).isConstant)
    #expect(color.spread == 255 && color.inverted.greatest == 255)
    let two: [UInt8] = [255, 0, 51, 255, 2, 51]
    let other = PictureMeasure(
      of: two.span, width: 2, height: 1, channels: 3, source: .init(width: 2, height: 1))
    #expect(!other.isConstant && other.channelSpread == 2)
    #expect(!Self.measure([7, 7, 9, 7]).isConstant)
  }

  @Test func othersOfTheKindAreOrdinary() throws {
    let trained = try Self.trained()
    var random = SplitMix64(seed: 99)
    let odd = (0..<2000).count { _ in
      !trained.oddities(of: Self.measure(Self.strokes(&random))).isEmpty
    }
    #expect(odd <= 10, "\(odd) of 2000")
  }

  @Test func eachOddityHasItsName() throws {
    let trained = try Self.trained()
    var random = SplitMix64(seed: 5)
    let pixels = Self.strokes(&random)
    func oddities(
      _ pixels: [UInt8], _ change: (inout PictureMeasure.Source) -> Void = { _ in }
    ) -> String {
      trained.oddities(of: Self.measure(pixels, change)).map(\.description).joined(separator: "; ")
    }
    #expect(oddities(pixels) == "")
    #expect(oddities(pixels.map { 255 - $0 }) == "inverted?")
    // A sheet that is gray and unevenly lit.
    let photo = pixels.indices.map { i in UInt8(170 - i % 16 - Int(pixels[i]) / 2) }
    #expect(oddities(photo) == "inverted?")
    #expect(oddities([UInt8](repeating: 255, count: 256)) == "constant")
    #expect(
      oddities([UInt8](repeating: 255, count: 256)) { $0.hasAlpha = true }
        == "constant over the background")
    #expect(
      oddities(pixels.map { $0 / 16 }) { $0.hasWideSamples = true }
        == "range? no 16-bit value above 1/16 of the range")
    #expect(oddities(pixels.map { $0 / 16 }).hasPrefix("contrast 0."))
    #expect(oddities(pixels) { $0.width = 80 } == "shape 5:1, trained on 1:1")
    #expect(oddities(pixels) { $0.height = 40 } == "shape 1:2.5, trained on 1:1")
    #expect(oddities(pixels) { $0.height = 20 } == "")
    let framed = pixels.indices.map { i in
      i % 16 == 0 || i / 16 == 0 || i % 16 == 15 || i / 16 == 15 ? 200 : pixels[i]
    }
    #expect(oddities(framed).contains("border 0.78, trained on 0.00 to 0.05"))
  }

  /// Pictures that are as often one way as the other are never said to be inverted.
  @Test func whatHasNoSideIsNotInverted() throws {
    var random = SplitMix64(seed: 3)
    let measures = (0..<400).map { number in
      let pixels = Self.strokes(&random)
      return Self.measure(number % 3 == 0 ? pixels : pixels.map { 255 - $0 })
    }
    let trained = try #require(PictureStatistics(measures))
    for measure in measures { #expect(!trained.looksInverted(measure.inverted)) }
    // Only very dark pictures of any content: the inverse of one that is darker still is not ordinary.
    #expect(!trained.looksInverted(Self.measure([UInt8](repeating: 0, count: 255) + [9])))
  }

  @Test func fewPicturesTellNothing() {
    var random = SplitMix64(seed: 3)
    let measures = (0..<49).map { _ in Self.measure(Self.strokes(&random)) }
    #expect(PictureStatistics(measures) == nil && PictureStatistics([]) == nil)
    #expect(PictureStatistics(measures + measures.prefix(1)) != nil)
    #expect(PictureStatistics.sample(of: 100) == Array(0..<100))
    let chosen = PictureStatistics.sample(of: 60_000)
    #expect(chosen.count == 4096 && Set(chosen).count == 4096 && chosen.last! < 60_000)
  }

  @Test func numbersReadBack() throws {
    let trained = try Self.trained()
    let json = try JSONEncoder().encode(trained)
    #expect(try JSONDecoder().decode(PictureStatistics.self, from: json) == trained)
    var object = try #require(
      try JSONSerialization.jsonObject(with: json) as? [String: Any])
    for (key, value) in [
      ("contrast", [1]), ("shape", [2, 1]), ("mean", []), ("mean", [0.1, 0.2]), ("width", 0),
      ("width", Int.max),
      ("height", 65_536),
    ] as [(String, Any)] {
      let kept = object[key]
      object[key] = value
      let data = try JSONSerialization.data(withJSONObject: object)
      #expect(throws: PreprocessingError.self, "\(key)") {
        try JSONDecoder().decode(PictureStatistics.self, from: data)
      }
      object[key] = kept
    }
    // Of another number of channels than the model's.
    var preprocessing = try Preprocessing(width: 4, height: 4, color: .rgb)
    preprocessing.pictures = trained
    let data = try JSONEncoder().encode(preprocessing)
    #expect(throws: PreprocessingError.self) {
      try JSONDecoder().decode(Preprocessing.self, from: data)
    }
  }
}
