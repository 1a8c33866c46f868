import Foundation
import RowwiseImageDecoding
import RowwiseRowSequencing
import Testing

@Suite struct PreprocessingTests {
  @Test func shapesFollowSizeColorAndOrder() throws {
    let rows = try Preprocessing(width: 40, height: 64)
    #expect(rows.timesteps == 64 && rows.features == 40 && rows.byteCount == 2560)
    let columns = try Preprocessing(width: 40, height: 64, color: .rgb, readingOrder: .columns)
    #expect(columns.timesteps == 40 && columns.features == 192 && columns.byteCount == 7680)
    let pixels = try Preprocessing(width: 28, height: 28, color: .rgb, readingOrder: .pixels)
    #expect(pixels.timesteps == 784 && pixels.features == 3)
  }

  @Test func jsonFormIsStable() throws {
    let plain = try Preprocessing(width: 28, height: 14, readingOrder: .pixelsPermuted(seed: 7))
    let full = try Preprocessing(
      width: 32, height: 32, color: .rgb, readingOrder: .rowsBottomUp,
      mean: [0.5, 0.25, 0.125], standardDeviation: [1, 0.5, 0.1])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    #expect(
      String(decoding: try encoder.encode(plain), as: UTF8.self) == """
        {"color":"gray","height":14,"reading_order":"pixels-permuted:7",\
        "resampling":"area-bilinear","width":28}
        """)
    #expect(
      String(decoding: try encoder.encode(full), as: UTF8.self) == """
        {"color":"rgb","height":32,"mean":[0.5,0.25,0.125],"reading_order":"rows-bottom-up",\
        "resampling":"area-bilinear","standard_deviation":[1,0.5,0.1],"width":32}
        """)
    for preprocessing in [plain, full] {
      let json = try encoder.encode(preprocessing)
      #expect(try JSONDecoder().decode(Preprocessing.self, from: json) == preprocessing)
    }
  }

  @Test func statisticsReadBackBitForBit() throws {
    let third = 1.0 / 3
    let preprocessing = try Preprocessing(
      width: 2, height: 2, mean: [third], standardDeviation: [third * 0.7])
    let json = try JSONEncoder().encode(preprocessing)
    #expect(try JSONDecoder().decode(Preprocessing.self, from: json) == preprocessing)
  }

  @Test(arguments: [(0, 1), (1, 0), (-4, 4), (65_536, 1), (Int.max, Int.max), (8192, 4096)])
  func sizesOutOfRangeAreRefused(width: Int, height: Int) {
    #expect(throws: PreprocessingError.invalidSize(width: width, height: height)) {
      try Preprocessing(width: width, height: height)
    }
  }

  @Test func statisticsWithoutSenseAreRefused() {
    #expect(throws: PreprocessingError.incompleteStatistics) {
      try Preprocessing(width: 1, height: 1, mean: [0])
    }
    #expect(
      throws: PreprocessingError.statisticsCount(expected: 3, mean: 1, standardDeviation: 3)
    ) {
      try Preprocessing(
        width: 1, height: 1, color: .rgb, mean: [0], standardDeviation: [1, 1, 1])
    }
    #expect(
      throws: PreprocessingError.invalidStatistics(channel: 0, mean: 0, standardDeviation: 0)
    ) {
      try Preprocessing(width: 1, height: 1, mean: [0], standardDeviation: [0])
    }
    #expect(throws: PreprocessingError.self) {
      try Preprocessing(width: 1, height: 1, mean: [.nan], standardDeviation: [1])
    }
  }

  @Test(arguments: [
    #"{"width":0,"height":1,"color":"gray","reading_order":"rows","resampling":"area-bilinear"}"#,
    #"{"width":1,"height":1,"color":"gray","reading_order":"rows","resampling":"nearest"}"#,
    #"{"width":1,"height":1,"color":"cmyk","reading_order":"rows","resampling":"area-bilinear"}"#,
    #"{"width":1,"height":1,"color":"gray","resampling":"area-bilinear"}"#,
  ])
  func badJSONIsRefused(json: String) {
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(Preprocessing.self, from: Data(json.utf8))
    }
  }

  @Test func modelPixelsAreConvertedThenResized() throws {
    let preprocessing = try Preprocessing(width: 1, height: 1)
    let image = DecodedImage(width: 2, height: 1, channels: 3, pixels: [255, 0, 0, 0, 0, 255])
    // Luma 76 and 29, averaged to 52.5 and rounded up.
    #expect(preprocessing.modelPixels(of: image) == [53])
  }
}
