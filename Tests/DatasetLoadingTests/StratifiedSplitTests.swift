import RowwiseDatasetLoading
import TestSupport
import Testing

@Suite struct StratifiedSplitTests {
  /// 100 samples of class 0, 50 of class 1, 3 of class 2, 1 of class 3, mixed; the pixel of a
  /// sample is its number.
  private func dataset() throws -> ImageDataset {
    let folder = try TemporaryFolder()
    var labels: [UInt8] = []
    for i in 0..<154 { labels.append(i % 3 < 2 && i < 150 ? 0 : i < 150 ? 1 : i < 153 ? 2 : 3) }
    try folder.write(
      idx([154, 1, 1], (0..<154).map { UInt8($0) }), to: "images-idx3-ubyte")
    try folder.write(idx([154], labels), to: "labels-idx1-ubyte")
    return try #require(try DatasetLoader.open(folder.path).whole)
  }

  @Test func everyClassIsDividedInProportion() throws {
    let dataset = try dataset()
    #expect(dataset.classCounts == [100, 50, 3, 1])
    let (kept, held) = try dataset.stratifiedSplit(holdingBack: 0.1, seed: 0)
    #expect(held.classCounts == [10, 5, 1, 0])
    #expect(kept.classCounts == [90, 45, 2, 1])
    let most = try dataset.stratifiedSplit(holdingBack: 0.999, seed: 0)
    #expect(most.kept.classCounts == [1, 1, 1, 1])
  }

  @Test func nothingIsLostDoubledOrMoved() throws {
    let dataset = try dataset()
    let (kept, held) = try dataset.stratifiedSplit(holdingBack: 0.3, seed: 5)
    let keptPixels = try (0..<kept.count).map { try kept.pixels(at: $0)[0] }
    let heldPixels = try (0..<held.count).map { try held.pixels(at: $0)[0] }
    #expect(keptPixels == keptPixels.sorted() && heldPixels == heldPixels.sorted())
    #expect((keptPixels + heldPixels).sorted() == (0..<154).map { UInt8($0) })
    for index in 0..<held.count {
      #expect(held.labels[index] == dataset.labels[Int(heldPixels[index])])
      #expect(held.sampleName(at: index) == "\(heldPixels[index])")
    }
    // A part of a part counts from its own start.
    let part = held.subset([2, 0])
    #expect(try part.pixels(at: 0)[0] == heldPixels[2])
    #expect(part.sampleName(at: 1) == "\(heldPixels[0])")
  }

  @Test func theSeedDecidesForEver() throws {
    let dataset = try dataset()
    let first = try dataset.stratifiedSplit(holdingBack: 0.05, seed: 1).heldBack
    let again = try dataset.stratifiedSplit(holdingBack: 0.05, seed: 1).heldBack
    let other = try dataset.stratifiedSplit(holdingBack: 0.05, seed: 2).heldBack
    #expect(first.fingerprint == again.fingerprint)
    #expect(first.fingerprint != other.fingerprint)
    #expect(first.fingerprint != dataset.fingerprint)
    // Pinned: runs must stay repeatable over versions.
    #expect(try (0..<first.count).map { try first.pixels(at: $0)[0] } == pinned)
  }

  /// Computed by a program in Python from the description.
  private let pinned: [UInt8] = [7, 21, 70, 88, 95, 98, 104, 129, 150]

  @Test(arguments: [0, 1, -0.1, .nan, .infinity] as [Double])
  func sharesOutOfRangeAreRefused(fraction: Double) throws {
    let dataset = try dataset()
    let error = #expect(throws: DatasetError.self) {
      try dataset.stratifiedSplit(holdingBack: fraction, seed: 0)
    }
    guard case .invalidSplit(_, 154)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: DatasetError.invalidSplit(fraction: 0.5, samples: 1)) {
      try dataset.subset([0]).stratifiedSplit(holdingBack: 0.5, seed: 0)
    }
  }
}
