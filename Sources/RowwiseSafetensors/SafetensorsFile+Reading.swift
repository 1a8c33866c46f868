import RowwiseFiles

extension SafetensorsFile {
  /// The longest header that is accepted, in bytes; the reference implementation's limit.
  static let maximumHeaderByteCount = 100_000_000

  /// Reads the file at `path`.
  ///
  /// The header is read and held against the file's size first: a file of another kind is refused
  /// after its first bytes, however large it is. Nothing larger than the file is ever allocated.
  ///
  /// - Throws: `SafetensorsError`, `.file` where the file cannot be read.
  public init(path: String) throws(SafetensorsError) {
    let file = try Self.reading { () throws(FileError) in try InputFile(path: path) }
    func next(_ count: Int) throws(SafetensorsError) -> [UInt8] {
      try Self.reading { () throws(FileError) in try file.next(count) }
    }
    let prefix = try next(min(8, file.byteCount))
    let headerByteCount = try Self.headerByteCount(prefix: prefix, fileByteCount: file.byteCount)
    let dataByteCount = file.byteCount - 8 - headerByteCount
    let header = try Self.header(try next(headerByteCount), dataByteCount: dataByteCount)
    try self.init(header: header, data: try next(dataByteCount)[...])
  }

  /// Whether the file at `path` begins as files of this format do: with the length of a header that
  /// it has room for, and the header's brace.
  public static func begins(path: String) -> Bool {
    guard let file = try? InputFile(path: path), file.byteCount > 8,
      let prefix = try? file.next(9)
    else { return false }
    let length = try? headerByteCount(prefix: Array(prefix[..<8]), fileByteCount: file.byteCount)
    return length ?? 0 > 0 && prefix[8] == UInt8(ascii: "{")
  }

  /// Reads a file's bytes.
  ///
  /// - Throws: `SafetensorsError`.
  public init(bytes: [UInt8]) throws(SafetensorsError) {
    let headerByteCount = try Self.headerByteCount(
      prefix: [UInt8](bytes.prefix(8)), fileByteCount: bytes.count)
    let data = bytes[(8 + headerByteCount)...]
    let header = try Self.header(
      [UInt8](bytes[8..<8 + headerByteCount]), dataByteCount: data.count)
    try self.init(header: header, data: data)
  }

  private init(header: SafetensorsHeader, data: ArraySlice<UInt8>) throws(SafetensorsError) {
    var tensors: [Tensor] = []
    tensors.reserveCapacity(header.entries.count)
    for entry in header.entries {
      let bytes = data[(data.startIndex + entry.begin)..<(data.startIndex + entry.end)]
      tensors.append(
        try Tensor(
          name: entry.name, elementType: entry.elementType, shape: entry.shape, bytes: bytes))
    }
    try self.init(inFileOrder: tensors, metadata: header.metadata)
  }

  /// The header's length, checked against the file's.
  private static func headerByteCount(
    prefix: [UInt8], fileByteCount: Int
  ) throws(SafetensorsError) -> Int {
    guard prefix.count == 8 else { throw .tooShort(byteCount: fileByteCount) }
    let declared = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let available = min(fileByteCount - 8, maximumHeaderByteCount)
    guard declared <= UInt64(available) else {
      throw .headerTooLong(declared: declared, available: available)
    }
    return Int(declared)
  }

  /// Parses a header and checks that its tensors fill the data without overlap or gap.
  ///
  /// - Returns: a header whose entries are in the order of their bytes.
  private static func header(
    _ bytes: [UInt8], dataByteCount: Int
  ) throws(SafetensorsError) -> SafetensorsHeader {
    var header = try SafetensorsHeader(json: bytes)
    // Of two entries with one beginning, an empty one goes first.
    header.entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var position = 0
    for entry in header.entries {
      guard entry.begin <= entry.end, entry.end <= dataByteCount else {
        throw .offsetsOutOfRange(
          tensor: entry.name, begin: entry.begin, end: entry.end, byteCount: dataByteCount)
      }
      guard entry.begin == position else {
        throw .notContiguous(tensor: entry.name, begin: entry.begin, expected: position)
      }
      let expected = try Tensor.byteCount(
        of: entry.elementType, shape: entry.shape, name: entry.name)
      guard entry.end - entry.begin == expected else {
        throw .wrongByteCount(
          tensor: entry.name, expected: expected, received: entry.end - entry.begin)
      }
      position = entry.end
    }
    guard position == dataByteCount else {
      throw .unclaimedBytes(count: dataByteCount - position)
    }
    return header
  }

  /// Gives an error of reading the file the type of this format's errors.
  private static func reading<Value>(
    _ body: () throws(FileError) -> Value
  ) throws(SafetensorsError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }
}
