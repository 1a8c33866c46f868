import Dispatch
import Foundation
import RowwiseDatasetLoading
import Synchronization
import TestSupport
import Testing

/// Image files that do not all fit in the cache.
@Suite struct FileStorageTests {
  let folder: TemporaryFolder
  /// 40 pictures of 12 bytes in two classes, of value 0 to 39.
  static let count = 40

  init() throws {
    folder = try TemporaryFolder()
    for i in 0..<FileStorageTests.count {
      try folder.picture("\(i < 20 ? "a" : "b")/\(i).png", value: UInt8(i))
    }
  }

  private func open(cacheBytes: Int) throws -> ImageDataset {
    var options = DatasetOptions()
    options.cacheBytes = cacheBytes
    options.threads = 3
    return try #require(try DatasetLoader.open(folder.path, options: options).whole)
  }

  @Test func theCacheChangesNothingButSpeed() throws {
    let whole = try open(cacheBytes: 1 << 20)
    #expect(whole.isResident)
    for cacheBytes in [0, 11, 12, 100, 479] {
      let partial = try open(cacheBytes: cacheBytes)
      #expect(!partial.isResident)
      #expect(partial.fingerprint == whole.fingerprint)
      for index in 0..<FileStorageTests.count {
        #expect(try partial.pixels(at: index) == whole.pixels(at: index))
      }
      #expect(try partial.statistics() == whole.statistics())
    }
    #expect(try open(cacheBytes: 480).isResident)
  }

  /// What is held is decoded once, and is there when its files are not.
  @Test func heldSamplesNeedNoFile() throws {
    let whole = try open(cacheBytes: 1 << 20)
    #expect(try whole.held(threads: 2).isResident)
    let order = [39, 3, 17, 20]
    let some = try open(cacheBytes: 100).subset(order)
    let held = try some.held(threads: 2)
    #expect(!some.isResident && held.isResident && held.labels == some.labels)
    #expect(
      held.fingerprint == some.fingerprint && held.sampleName(at: 1) == some.sampleName(at: 1))
    for folder in ["a", "b"] {
      try FileManager.default.removeItem(atPath: self.folder.path(folder))
    }
    #expect(try order.indices.map { try held.pixels(at: $0)[0] } == [39, 3, 17, 20])
    #expect(try held.subset([2, 0]).pixels(at: 0)[0] == 17)
    #expect(throws: DatasetError.self) { try some.pixels(at: 0) }
    #expect(throws: DatasetError.self) { try some.held(threads: 2) }
  }

  @Test func prefetchedSamplesAreTheSame() throws {
    let dataset = try open(cacheBytes: 100)
    for round in 0..<20 {
      let order = (0..<FileStorageTests.count).map { ($0 * 7 + round) % FileStorageTests.count }
      dataset.prefetch(order)
      dataset.prefetch(order)
      for index in order where index % 3 != round % 3 {
        #expect(try dataset.pixels(at: index)[0] == UInt8(index))
      }
    }
  }

  @Test func threadsMayFetchAtTheSameTime() throws {
    let dataset = try open(cacheBytes: 100)
    let wrong = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for i in 0..<FileStorageTests.count {
        let index = (i * 11 + worker) % FileStorageTests.count
        if worker % 2 == 0 { dataset.prefetch([index, (index + 1) % FileStorageTests.count]) }
        if (try? dataset.pixels(at: index)[0]) != UInt8(index) {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func prefetchReallyDecodesAhead() throws {
    let dataset = try open(cacheBytes: 0)
    // A picture that changes after it was prefetched is handed out as it was. How long the
    // background takes nobody knows: try with ever more time, each picture once.
    for index in 0..<FileStorageTests.count {
      dataset.prefetch([index])
      Thread.sleep(forTimeInterval: 0.02 * Double(index))
      let name = String(dataset.sampleName(at: index).dropFirst(folder.path.count + 1))
      try folder.picture(name, value: 200)
      // Where the background was slower it may even meet the file half written.
      if (try? dataset.pixels(at: index)[0]) == UInt8(index) { return }
    }
    Issue.record("nothing was decoded ahead")
  }

  @Test func lostFilesAreErrors() throws {
    let dataset = try open(cacheBytes: 0)
    let path = dataset.sampleName(at: 5)
    try FileManager.default.removeItem(atPath: path)
    dataset.prefetch([5])
    for _ in 0..<2 {
      let error = #expect(throws: DatasetError.self) { try dataset.pixels(at: 5) }
      guard case .imageLost(path, _)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(error?.isInputOutput == true)
    }
  }

  @Test func progressReachesTheEnd() throws {
    let seen = Mutex<[Int]>([])
    var options = DatasetOptions()
    options.threads = 1
    options.progress = { done, total in
      #expect(total == FileStorageTests.count)
      seen.withLock { $0.append(done) }
    }
    _ = try DatasetLoader.open(folder.path, options: options)
    #expect(seen.withLock { $0.last } == FileStorageTests.count)
    #expect(seen.withLock { $0 == $0.sorted() })
  }
}
