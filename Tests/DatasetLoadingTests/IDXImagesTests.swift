import TestSupport
import Foundation
import Testing

@testable import RowwiseDatasetLoading

/// Large IDX files: refused where they are compressed, read one image at a time where not.
@Suite struct IDXImagesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func writeSet(_ prefix: String = "", compressed: Bool = false) throws {
    let images = (0..<600).map { UInt8(truncatingIfNeeded: $0 * $0 + $0) }
    let stored = idx([100, 2, 3], images)
    try folder.write(
      compressed ? gzip(stored) : stored, to: prefix + "train-images-idx3-ubyte")
    try folder.write(
      idx([100], (0..<100).map { UInt8($0 % 3) }), to: prefix + "train-labels-idx1-ubyte")
  }

  @Test(arguments: ["", "emnist-"], [nil, 5])
  func streamedImagesAreTheSame(prefix: String, width: Int?) throws {
    try writeSet(prefix)
    var options = DatasetOptions()
    (options.width, options.height) = (width, width.map { _ in 4 })
    if width != nil { options.color = .rgb }
    let kept = try #require(try DatasetLoader.open(folder.path, options: options).train)
    options.cacheBytes = 50
    let streamed = try #require(try DatasetLoader.open(folder.path, options: options).train)
    #expect(kept.isResident && !streamed.isResident)
    #expect(streamed.fingerprint == kept.fingerprint)
    for index in 0..<100 {
      #expect(try streamed.pixels(at: index) == kept.pixels(at: index))
    }
  }

  @Test func compressedOnesBeyondTheCacheAreRefused() throws {
    try writeSet(compressed: true)
    var options = DatasetOptions()
    options.cacheBytes = 599
    let path = folder.path("train-images-idx3-ubyte")
    let error = #expect(throws: DatasetError.self) {
      try DatasetLoader.open(folder.path, options: options)
    }
    #expect(error == .tooLargeCompressed(path: path, bytes: 600, limit: 599))
    #expect(error?.description.contains("gunzip") == true)
    options.cacheBytes = 600
    #expect(try DatasetLoader.open(folder.path, options: options).train?.count == 100)
  }

  @Test func lostImagesAreNamed() throws {
    try writeSet()
    var options = DatasetOptions()
    options.cacheBytes = 50
    let data = try #require(try DatasetLoader.open(folder.path, options: options).train)
    try folder.write(idx([1, 2, 3], [1, 2, 3, 4, 5, 6]), to: "short")
    // The file that is open is cut, as by somebody who writes it anew.
    let path = folder.path("train-images-idx3-ubyte")
    #expect(try data.pixels(at: 99).count == 6)
    #expect(truncate(path, 100) == 0)
    #expect(
      throws: DatasetError.imageLost(path: path, reason: "image 99 can no longer be read")
    ) { try data.pixels(at: 99) }
  }

  @Test func expansionIsBounded() throws {
    // 1,000 bytes of gzip may become 64 MiB and 64,000 bytes, whatever a header says.
    let path = try folder.write(gzip([UInt8](repeating: 0, count: 970)), to: "a.gz")
    let file = try DataFile(path: path)
    let most = (1 << 26) + 64 * file.storedSize
    // Deflate itself makes no more of so few.
    #expect(file.mostBytes < most)
    try file.checkExpansion(file.mostBytes)
    let large = try folder.write(gzip([UInt8](repeating: 0, count: 100_000)), to: "b.gz")
    let other = try DataFile(path: large)
    let limit = (1 << 26) + 64 * other.storedSize
    try other.checkExpansion(limit)
    #expect(
      throws: DatasetError.tooLargeCompressed(path: large, bytes: limit + 1, limit: limit)
    ) { try other.checkExpansion(limit + 1) }
  }
}
