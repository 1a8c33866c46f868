import Foundation
import RowwiseDatasetLoading
import TestSupport
import Testing

/// Images that a model has learnt are known again by a few hashes.
@Suite struct PixelSketchTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Pictures of two classes, with the numbers in `range` as pixels.
  private func set(_ name: String, _ range: Range<Int>, extra: Range<Int> = 0..<0) throws
    -> ImageDataset
  {
    let numbers = Array(range) + Array(extra)
    let pixels = numbers.flatMap { number in
      (0..<16).map { UInt8(truncatingIfNeeded: number >> ($0 % 3 * 4) &* 37 &+ $0 &* number) }
    }
    let images = idx([numbers.count, 4, 4], pixels)
    try folder.write(images, to: "\(name)/train-images-idx3-ubyte")
    try folder.write(
      idx([numbers.count], numbers.map { UInt8($0 % 2) }), to: "\(name)/train-labels-idx1-ubyte")
    return try #require(try DatasetLoader.open(folder.path(name)).train)
  }

  @Test func learntImagesAreKnownInAnyOrder() throws {
    let learnt = try set("learnt", 0..<2000)
    let sketch = try learnt.pixelSketch(threads: 2)
    #expect(sketch == (try learnt.pixelSketch(threads: 1)))
    let turned = learnt.subset((0..<2000).reversed())
    #expect(sketch == (try turned.pixelSketch()))
    let all = try turned.learntShare(by: sketch)
    #expect(all.told == 128 && all.learnt == 128)
    // Of half of them half can be told of, and all of these were learnt.
    let half = try learnt.subset(Array(500..<1500)).learntShare(by: sketch)
    #expect((40..<90).contains(half.told) && half.learnt == half.told)
  }

  @Test func othersAreNot() throws {
    let sketch = try set("learnt", 0..<2000).pixelSketch()
    let others = try set("others", 2000..<4000).learntShare(by: sketch)
    #expect((80..<180).contains(others.told) && others.learnt == 0)
    // A quarter of the images was learnt.
    let mixed = try set("mixed", 2000..<3500, extra: 0..<500).learntShare(by: sketch)
    #expect((0.12..<0.4).contains(Double(mixed.learnt) / Double(mixed.told)))
  }

  /// Of few images all are kept, and every other one can be told of.
  @Test func fewImagesAreKeptWhole() throws {
    let sketch = try set("few", 0..<10).pixelSketch()
    let share = try set("more", 5..<25).learntShare(by: sketch)
    #expect(share.told == 20 && share.learnt == 5)
  }

  @Test func filesAreKnownAgainInAnotherForm() throws {
    let learnt = try set("learnt", 0..<12)
    for index in 0..<12 {
      let pixels = try learnt.pixels(at: index)
      try folder.pixels("pictures/\(index % 2)/\(index).png", pixels, width: 4)
    }
    let pictures = try #require(try DatasetLoader.open(folder.path("pictures")).whole)
    let share = try pictures.learntShare(by: learnt.pixelSketch())
    #expect(share.told == 12 && share.learnt == 12)
  }

  @Test func itIsTextThatReadsBack() throws {
    let sketch = try set("learnt", 0..<300).pixelSketch()
    let json = try JSONEncoder().encode([sketch])
    #expect(json.count == 128 * 16 + 4)
    #expect(try JSONDecoder().decode([PixelSketch].self, from: json) == [sketch])
    for text in [
      "\"123\"", "\"zzzzzzzzzzzzzzzz\"", "7", "\"\(String(repeating: "0", count: 16 * 129))\"",
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode([PixelSketch].self, from: Data("[\(text)]".utf8))
      }
    }
  }
}
