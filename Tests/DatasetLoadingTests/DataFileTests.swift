import TestSupport
import Testing

@testable import RowwiseDatasetLoading

@Suite struct DataFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func readsPlainAndCompressedFilesAlike() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    for (name, stored) in [("plain", bytes), ("packed", gzip(bytes))] {
      let path = try folder.write(stored, to: name)
      let file = try DataFile(path: path)
      #expect(file.isGzip == (name == "packed"))
      #expect(file.mostBytes >= bytes.count)
      #expect(try file.bytes(70_001) == Array(bytes[..<70_001]))
      #expect(try file.bytes(129_999) == Array(bytes[70_001...]))
      try file.expectEnd()
      #expect(try DataFile(path: path).rest(limit: bytes.count) == bytes)
    }
  }

  @Test func severalMembersAreOneFile() throws {
    let path = try folder.write(gzip([1, 2]) + gzip([]) + gzip([3]), to: "members.gz")
    #expect(try DataFile(path: path).rest(limit: 100) == [1, 2, 3])
  }

  @Test func everyTruncationIsFound() throws {
    let bytes = (0..<500).map { UInt8(truncatingIfNeeded: $0) }
    let stored = gzip(bytes)
    for length in 2..<stored.count {
      let path = try folder.write(Array(stored[..<length]), to: "short.gz")
      #expect(throws: DatasetError.corruptGzip(path: path, reason: "it ends in the middle")) {
        try DataFile(path: path).rest(limit: 1000)
      }
      let file = try DataFile(path: path)
      #expect(throws: DatasetError.self) {
        _ = try file.bytes(500)
        try file.expectEnd()
      }
    }
    let path = try folder.write(Array(stored[..<300]), to: "short.gz")
    let error = #expect(throws: DatasetError.self) { try DataFile(path: path).bytes(500) }
    guard case .truncated(path, 500, let received)? = error, received < 300 else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func damageIsFound() throws {
    let stored = gzip([UInt8](repeating: 7, count: 50))
    for position in [3, 12, 20, stored.count - 8, stored.count - 1] {
      var damaged = stored
      damaged[position] ^= 0xE4
      let path = try folder.write(damaged, to: "damaged.gz")
      let error = #expect(throws: DatasetError.self) { try DataFile(path: path).rest(limit: 99) }
      guard case .corruptGzip? = error else {
        Issue.record("byte \(position): \(String(describing: error))")
        continue
      }
    }
    let path = try folder.write(stored + [1, 2, 3], to: "longer.gz")
    #expect(throws: DatasetError.self) { try DataFile(path: path).rest(limit: 99) }
  }

  @Test func limitsHold() throws {
    let path = try folder.write(gzip([UInt8](repeating: 0, count: 1000)), to: "big.gz")
    #expect(throws: DatasetError.tooLarge(path: path, bytes: 1000, limit: 999)) {
      try DataFile(path: path).rest(limit: 999)
    }
    let plain = try folder.write([1, 2, 3], to: "plain")
    #expect(throws: DatasetError.tooLarge(path: plain, bytes: 3, limit: 2)) {
      try DataFile(path: plain).rest(limit: 2)
    }
    let file = try DataFile(path: plain)
    _ = try file.bytes(2)
    #expect(throws: DatasetError.sizeMismatch(path: plain, expected: 2, received: 3)) {
      try file.expectEnd()
    }
  }

  @Test func whatIsNoFileCannotBeOpened() throws {
    let missing = folder.path("missing")
    #expect(
      throws: DatasetError.unreadable(path: missing, reason: "No such file or directory")
    ) { try DataFile(path: missing) }
    #expect(throws: DatasetError.unreadable(path: folder.path, reason: "not a regular file")) {
      try DataFile(path: folder.path)
    }
  }
}
