import RowwiseImageDecoding
import TestSupport
import Testing

@testable import RowwiseDatasetLoading

struct SizeSurveyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func shape(_ sizing: DatasetOptions.Sizing) throws -> [Int] {
    var options = DatasetOptions()
    options.sizing = sizing
    let preprocessing = try DatasetLoader.locate(folder.path).preprocessing(options)
    return [preprocessing.width, preprocessing.height]
  }

  @Test func oneIconDoesNotDecide() throws {
    for (name, side) in [("a/1", 16), ("a/2", 100), ("b/1", 200), ("b/2", 100), ("b/3", 120)] {
      try folder.picture("\(name).png", width: side, height: side)
    }
    let survey = try #require(try DatasetLoader.locate(folder.path).sizeSurvey())
    #expect(survey.width == 100 && survey.height == 100)
    #expect(survey.shareOfOthers == 0.6)
    #expect(try shape(.native) == [64, 64])
    #expect(try shape(.reading) == [32, 32])
  }

  @Test func proportionsAreKept() throws {
    for name in ["a/1", "b/1"] { try folder.picture("\(name).png", width: 500, height: 100) }
    #expect(try shape(.native) == [64, 13])
    #expect(try shape(.reading) == [72, 14])
  }

  @Test func smallPicturesStayAsTheyAre() throws {
    for name in ["a/1", "b/1"] { try folder.picture("\(name).png", width: 36, height: 40) }
    #expect(try shape(.native) == [36, 40])
    #expect(try shape(.reading) == [36, 40])
  }

  /// Stripes of two pixels are gone at half the size; wide ones are not.
  @Test(arguments: [(1, 64), (16, 32)]) func detailIsKept(stripe: Int, side: Int) throws {
    for name in ["a/1", "b/1"] {
      let pixels = (0..<64 * 64).map { UInt8($0 % 64 / stripe % 2 * 255) }
      let image = DecodedImage(width: 64, height: 64, channels: 1, pixels: pixels)
      try folder.write(PNGWriter.encode(image), to: "\(name).png")
    }
    #expect(try shape(.reading) == [side, side])
  }

  @Test func filesThatCannotBeReadDoNotCount() throws {
    try folder.write(text: "no picture", to: "a/1.png")
    #expect(try DatasetLoader.locate(folder.path).sizeSurvey() == nil)
    for name in ["a/2", "b/1"] { try folder.picture("\(name).png", width: 20, height: 10) }
    #expect(try DatasetLoader.locate(folder.path).sizeSurvey()?.width == 20)
    #expect(try shape(.reading) == [20, 10])
  }
}
