import RowwiseFiles
import RowwiseImageDecoding

/// Reads the IDX format of the MNIST database: a header of big-endian numbers, then bytes.
///
/// Bytes 0 and 1 are 0, byte 2 is the type of the values (8: unsigned byte), byte 3 the number of
/// dimensions; their sizes follow, 4 bytes each. (Y. LeCun, C. Cortes, C. Burges: "The MNIST
/// database of handwritten digits", section "File formats".)
final class IDXFile {
  /// Sizes of the dimensions: [count] or [count, height, width].
  let dimensions: [Int]
  private let file: DataFile

  var count: Int { dimensions[0] }
  var path: String { file.path }

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - rank: the dimensions expected: 1 for labels, 3 for images.
  ///   - limit: the most bytes of values accepted.
  /// - Throws: where a field of the header is wrong or does not agree with the file's size.
  init(path: String, rank: Int, limit: Int) throws(DatasetError) {
    file = try DataFile(path: path)
    let header = try file.bytes(4 + 4 * rank)
    let magic = header[..<4].map { Int($0) }
    guard magic == [0, 0, 8, rank] else {
      try Self.checkFormat(path)
      let number = magic.reduce(0) { $0 << 8 | $1 }
      throw .invalidHeader(
        path: path, field: "magic number",
        expected: "\(0x800 + rank) (unsigned bytes, \(rank == 1 ? "labels" : "images"))",
        received: "\(number)")
    }
    dimensions = (0..<rank).map { i in
      header[(4 + 4 * i)..<(8 + 4 * i)].reduce(0) { $0 << 8 | Int($1) }
    }
    for (i, size) in dimensions.enumerated() where size < 1 || (i > 0 && size > 65_535) {
      throw .invalidHeader(
        path: path, field: ["count", "height", "width"][i],
        expected: i == 0 ? "at least 1" : "1 to 65535", received: "\(size)")
    }
    // At most 2³² × 2¹⁶ × 2¹⁶; only the count is left to overflow.
    let sample = dimensions.dropFirst().reduce(1, *)
    let (bytes, overflow) = sample.multipliedReportingOverflow(by: dimensions[0])
    guard !overflow, bytes <= limit else {
      throw .tooLarge(path: path, bytes: overflow ? .max : bytes, limit: limit)
    }
    let expected = header.count + bytes
    try file.checkExpansion(expected)
    if file.isGzip ? file.mostBytes < expected : file.storedSize != expected {
      throw .sizeMismatch(path: path, expected: expected, received: file.mostBytes)
    }
  }

  /// Throws where the file is of a format that is known: a page that a server sent instead, a pointer.
  private static func checkFormat(_ path: String) throws(DatasetError) {
    guard let first = try? RegularFile(path: path).prefix(FormatGuess.usefulBytes),
      case .foreign(let format) = FormatGuess(firstBytes: first), format != .gzip
    else { return }
    throw .foreignFile(path: path, format: format)
  }

  /// Bytes before the first value.
  var headerBytes: Int { 4 + 4 * dimensions.count }
  /// Whether the file is compressed.
  var isGzip: Bool { file.isGzip }

  /// The next `count` values.
  func next(_ count: Int) throws(DatasetError) -> [UInt8] { try file.bytes(count) }

  /// Throws where anything is left.
  func expectEnd() throws(DatasetError) { try file.expectEnd() }

  /// The values, one byte each; only once.
  func values() throws(DatasetError) -> [UInt8] {
    let values = try file.bytes(dimensions.reduce(1, *))
    try file.expectEnd()
    return values
  }
}
