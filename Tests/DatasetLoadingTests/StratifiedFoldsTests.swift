import RowwiseDatasetLoading
import TestSupport
import Testing

@Suite struct StratifiedFoldsTests {
  /// 100 samples of class 0, 50 of class 1, 3 of class 2, mixed; a sample's pixel is its number.
  private func dataset() throws -> ImageDataset {
    let folder = try TemporaryFolder()
    let labels = (0..<153).map { $0 >= 150 ? UInt8(2) : $0 % 3 == 2 ? 1 : 0 }
    try folder.write(
      idx([153, 1, 1], (0..<153).map { UInt8($0) }), to: "images-idx3-ubyte")
    try folder.write(idx([153], labels), to: "labels-idx1-ubyte")
    return try #require(try DatasetLoader.open(folder.path).whole)
  }

  @Test func everySampleIsHeldOutOnce() throws {
    let dataset = try dataset()
    let folds = try dataset.stratifiedFolds(5, seed: 3)
    #expect(folds.map(\.number) == [0, 1, 2, 3, 4])
    #expect(folds.flatMap(\.heldOutIndices).sorted() == Array(0..<153))
    for fold in folds {
      #expect(fold.heldOutIndices == fold.heldOutIndices.sorted())
      let held = try (0..<fold.heldOut.count).map { Int(try fold.heldOut.pixels(at: $0)[0]) }
      #expect(held == fold.heldOutIndices)
      let trained = try (0..<fold.training.count).map { Int(try fold.training.pixels(at: $0)[0]) }
      #expect((held + trained).sorted() == Array(0..<153))
      #expect(trained == trained.sorted())
    }
  }

  @Test func everyClassIsSpreadEvenly() throws {
    let folds = try dataset().stratifiedFolds(4, seed: 0)
    #expect(folds.map(\.heldOut.count).sorted() == [38, 38, 38, 39])
    for (label, total) in [(0, 100), (1, 50), (2, 3)] {
      let counts = folds.map { $0.heldOut.classCounts[label] }
      #expect(counts.allSatisfy { $0 == total / 4 || $0 == (total + 3) / 4 }, "\(counts)")
    }
  }

  @Test func theSeedDecides() throws {
    let dataset = try dataset()
    let first = try dataset.stratifiedFolds(3, seed: 1).map(\.heldOutIndices)
    #expect(try dataset.stratifiedFolds(3, seed: 1).map(\.heldOutIndices) == first)
    #expect(try dataset.stratifiedFolds(3, seed: 2).map(\.heldOutIndices) != first)
  }

  @Test(arguments: [-1, 0, 1, 154]) func otherCountsAreRefused(count: Int) throws {
    let dataset = try dataset()
    #expect(throws: DatasetError.invalidFolds(count: count, samples: 153)) {
      try dataset.stratifiedFolds(count, seed: 0)
    }
    #expect(try dataset.stratifiedFolds(153, seed: 0).count == 153)
  }
}
