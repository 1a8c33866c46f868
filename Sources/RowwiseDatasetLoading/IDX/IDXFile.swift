import RowwiseFiles
import RowwiseImageDecoding

/// Reads the IDX format of the MNIST database: a header of big-endian numbers, then bytes.
///
/// Bytes 0 and 1 are 0, byte 2 is the type of the values (``ElementType``), byte 3 the number of
/// dimensions; their sizes follow, 4 bytes each. (Y. LeCun, C. Cortes, C. Burges: "The MNIST
/// database of handwritten digits", section "File formats".)
final class IDXFile {
  /// Sizes of the dimensions: [count], or [count, numbers] of which the first counts, as in QMNIST; of
  /// images [count, height, width], with channels behind or before these, or [count, pixels].
  let dimensions: [Int]
  /// What one value is.
  let element: ElementType
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
    let magic = try Self.magic(file, rank).map { Int($0) }
    let ranks = rank == 1 ? [1, 2] : [3, 4, 2]
    guard magic[0] == 0, magic[1] == 0, ranks.contains(magic[3]),
      let type = ElementType(rawValue: magic[2])
    else {
      try Self.checkFormat(path)
      let number = magic.reduce(0) { $0 << 8 | $1 }
      throw .invalidHeader(
        path: path, field: "magic number",
        expected: "\(0x800 + rank) (unsigned bytes, \(rank == 1 ? "labels" : "images"))",
        received: "\(number)")
    }
    guard type == .unsignedByte || rank == 1 && type.isWhole else {
      throw .invalidHeader(
        path: path, field: "magic number",
        expected: rank == 1
          ? "whole numbers"
          : "unsigned bytes (0x08): convert them, as numpy's astype(\"uint8\") does",
        received: "that of \(type.name)")
    }
    element = type
    let header = try file.bytes(4 * magic[3])
    dimensions = (0..<magic[3]).map { i in
      header[(4 * i)..<(4 + 4 * i)].reduce(0) { $0 << 8 | Int($1) }
    }
    let fields = ["count", "height", "width", "channels"]
    for (i, size) in dimensions.enumerated() where size < 1 || (i > 0 && size > 65_535) {
      throw .invalidHeader(
        path: path, field: fields[i],
        expected: i == 0 ? "at least 1" : "1 to 65535", received: "\(size)")
    }
    // At most 2³² × 2¹⁶ × 2¹⁶ × 2¹⁶, which does not overflow before the count does.
    let sample = dimensions.dropFirst().reduce(ByteCount(type.byteCount)) { $0.times($1) }.value
    let (bytes, overflow) = sample.multipliedReportingOverflow(by: dimensions[0])
    guard !overflow, bytes <= limit else {
      throw .tooLarge(path: path, bytes: overflow ? .max : bytes, limit: limit)
    }
    let expected = 4 + header.count + bytes
    try file.checkExpansion(expected)
    if file.isGzip ? file.mostBytes < expected : file.storedSize != expected {
      throw .sizeMismatch(path: path, expected: expected, received: file.mostBytes)
    }
  }

  /// The first four bytes.
  private static func magic(_ file: DataFile, _ rank: Int) throws(DatasetError) -> [UInt8] {
    do throws(DatasetError) {
      return try file.bytes(4)
    } catch .truncated(let path, _, let received) {
      throw .truncated(path: path, expected: 4 + 4 * rank, received: received)
    } catch {
      throw error
    }
  }

  /// What a value can be, by byte 2.
  enum ElementType: Int {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    var byteCount: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    var isWhole: Bool { self != .float && self != .double }

    var name: String {
      switch self {
      case .unsignedByte: "unsigned bytes (0x08)"
      case .signedByte: "signed bytes (0x09)"
      case .short: "16-bit numbers (0x0B)"
      case .int: "32-bit numbers (0x0C)"
      case .float: "32-bit floating-point numbers (0x0D)"
      case .double: "64-bit floating-point numbers (0x0E)"
      }
    }
  }

  /// How values are pictures: gray, or with three channels side by side or one behind the other.
  ///
  /// - Throws: where they are none.
  func pictures() throws(DatasetError) -> (shape: NativeShape, arePlanes: Bool) {
    let sizes = Array(dimensions.dropFirst())
    switch (sizes.count, sizes.first, sizes.last) {
    case (2, _, _): return (NativeShape(width: sizes[1], height: sizes[0], color: .gray), false)
    case (1, _, _):
      if let shape = NativeShape.square(sizes[0]) { return (shape, false) }
    case (3, _, 1): return (NativeShape(width: sizes[1], height: sizes[0], color: .gray), false)
    case (3, _, 3): return (NativeShape(width: sizes[1], height: sizes[0], color: .rgb), false)
    case (3, 1, _): return (NativeShape(width: sizes[2], height: sizes[1], color: .gray), false)
    case (3, 3, _): return (NativeShape(width: sizes[2], height: sizes[1], color: .rgb), true)
    default: break
    }
    throw .unclear(
      path: path,
      reason:
        "\(dimensions.map { "\($0)" }.joined(separator: " × ")) values; expected count × height "
        + "× width, with 1 or 3 channels behind or before, or count × pixels of a square")
  }

  /// All labels: whole numbers, of several for each sample the first.
  func labels() throws(DatasetError) -> [Int] {
    let bytes = try values()
    let size = element.byteCount
    let step = size * dimensions.dropFirst().reduce(1, *)
    return (0..<count).map { index in
      let value = bytes[index * step..<index * step + size]
      let bits = value.reduce(0) { $0 << 8 | Int($1) }
      let isNegative = element != .unsignedByte && (value.first ?? 0) & 0x80 != 0
      return isNegative ? bits - 1 << (8 * size) : bits
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
    let values = try file.bytes(dimensions.reduce(element.byteCount, *))
    try file.expectEnd()
    return values
  }
}
