import TestSupport
import Testing

@testable import RowwiseDatasetLoading

@Suite struct IDXFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads a file of images, plain and compressed, and expects the same kind of error from both.
  private func expectRefused(
    _ bytes: [UInt8], _ isExpected: (DatasetError) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for stored in [bytes, gzip(bytes)] {
      let path = try folder.write(stored, to: "images")
      let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) {
        _ = try IDXFile(path: path, rank: 3, limit: 1 << 20).values()
      }
      #expect(error.map(isExpected) == true, "\(error as Any)", sourceLocation: sourceLocation)
    }
  }

  @Test func readsHeaderAndValues() throws {
    let values = (0..<30).map { UInt8($0) }
    for stored in [idx([5, 2, 3], values), gzip(idx([5, 2, 3], values))] {
      let file = try IDXFile(path: folder.write(stored, to: "a"), rank: 3, limit: 30)
      #expect(file.dimensions == [5, 2, 3] && file.count == 5)
      #expect(try file.values() == values)
    }
  }

  @Test func magicNumberIsChecked() throws {
    for position in 0..<3 {
      var bytes = idx([1, 1, 1], [0])
      bytes[position] ^= 1
      try expectRefused(bytes) {
        if case .invalidHeader(_, "magic number", _, _) = $0 { true } else { false }
      }
    }
  }

  @Test(arguments: [([0, 1, 1], "count"), ([1, 0, 1], "height"), ([1, 1, 65_536], "width")])
  func sizesAreChecked(dimensions: [Int], field: String) throws {
    try expectRefused(idx(dimensions, [0])) {
      if case .invalidHeader(_, field, _, _) = $0 { true } else { false }
    }
  }

  @Test func announcedSizesBeyondTheLimitAreRefused() throws {
    try expectRefused(idx([0xFFFF_FFFF, 65_535, 65_535], [0])) {
      if case .tooLarge = $0 { true } else { false }
    }
    try expectRefused(idx([1025, 32, 32], [0])) {
      if case .tooLarge(_, 1_049_600, 1_048_576) = $0 { true } else { false }
    }
  }

  @Test func announcedSizesBeyondTheFileAreRefusedBeforeReading() throws {
    let path = try folder.write(idx([1000, 28, 28], [0]), to: "images")
    #expect(throws: DatasetError.sizeMismatch(path: path, expected: 784_016, received: 17)) {
      try IDXFile(path: path, rank: 3, limit: 1 << 20)
    }
    // 40 bytes of gzip can never become 784,016.
    let packed = try folder.write(gzip(idx([1000, 28, 28], [0])), to: "images.gz")
    let error = #expect(throws: DatasetError.self) {
      try IDXFile(path: packed, rank: 3, limit: 1 << 20)
    }
    guard case .sizeMismatch(packed, 784_016, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func tooFewAndTooManyValuesAreRefused() throws {
    let values = [UInt8](repeating: 1, count: 600)
    try expectRefused(idx([6, 10, 10], Array(values[..<599]))) {
      switch $0 {
      case .sizeMismatch(_, 616, 615), .truncated(_, 616, 615): true
      default: false
      }
    }
    try expectRefused(idx([6, 10, 10], values + [0])) {
      if case .sizeMismatch(_, 616, 617) = $0 { true } else { false }
    }
  }

  @Test func shortHeadersAreRefused() throws {
    for length in 0..<16 {
      try expectRefused(Array(idx([1, 1, 1], [])[..<length])) {
        if case .truncated(_, 16, length) = $0 { true } else { false }
      }
    }
  }
}
