/// Reads a picture row by row from a file or from memory.
///
/// The header is read, and the limits are checked, when the reader is made. Rows then come one at a
/// time in memory that grows with the picture's width, except where `wholeImageReasons` says
/// otherwise.
///
/// ```swift
/// let reader = try ImageRowReader(path: "photo.jpg")
/// var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
/// while try reader.readRow(into: &row) { … }
/// ```
public final class ImageRowReader {
  private let pipeline: RowPipeline
  private var file: PictureFile?
  /// What the header says.
  public let info: ImageInfo

  /// Opens a file and reads its header.
  ///
  /// - Throws: Any `ImageDecodingError` but the writing ones.
  public convenience init(
    path: String, options: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) {
    try self.init(
      RowPipeline(source: path, options: options, input: InputBuffer()),
      file: try PictureFile(path: path))
  }

  /// Reads the header of a picture in memory.
  ///
  /// - Parameters:
  ///   - bytes: A whole file.
  ///   - name: What errors call it.
  /// - Throws: Any `ImageDecodingError` but those of files.
  public convenience init(
    bytes: [UInt8], named name: String = "picture in memory",
    options: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) {
    try self.init(
      RowPipeline(source: name, options: options, input: InputBuffer(all: bytes)), file: nil)
  }

  private init(
    _ pipeline: RowPipeline, file: consuming PictureFile?
  ) throws(ImageDecodingError) {
    var file = file
    info = try pipeline.readHeader(from: &file)
    try pipeline.checkRows()
    self.pipeline = pipeline
    self.file = file
  }

  /// Pixels in one delivered row.
  public var width: Int { pipeline.outputSize.width }
  /// Delivered rows in all.
  public var height: Int { pipeline.outputSize.height }
  /// Bytes in one delivered row.
  public var bytesPerRow: Int { width * pipeline.options.pixelFormat.bytesPerPixel }
  /// Rows delivered so far.
  public var rowsRead: Int { pipeline.rowsDelivered }
  /// What was passed over so far, in lenient mode; also an orientation found after the pixels.
  public var warnings: [DecodingWarning] { pipeline.warnings }

  /// What errors call the picture.
  var source: String { pipeline.source }

  /// Whether stored pixels have alpha.
  package var hasAlpha: Bool { pipeline.hasAlpha }

  /// Why the first row comes only after the whole file was read; empty where rows stream.
  public var wholeImageReasons: [ImageInfo.WholeImageReason] { pipeline.wholeImageReasons }

  /// Reads the next row.
  ///
  /// - Parameter row: Room for `bytesPerRow` bytes; what lies behind them is left alone.
  /// - Returns: false when all rows were read; `row` is then unchanged.
  /// - Throws: `.corrupt`, `.truncated`, `.cannotRead`, `.outOfMemory` or `.overLimit`.
  public func readRow(into row: inout MutableSpan<UInt8>) throws(ImageDecodingError) -> Bool {
    precondition(row.count >= bytesPerRow, "\(row.count) bytes for a row of \(bytesPerRow)")
    return try row.withUnsafeMutableBufferPointer { buffer throws(ImageDecodingError) in
      try readRow(into: buffer)
    }
  }

  /// Reads the next row into an array of at least `bytesPerRow` bytes; see the other `readRow`.
  public func readRow(into row: inout [UInt8]) throws(ImageDecodingError) -> Bool {
    precondition(row.count >= bytesPerRow, "\(row.count) bytes for a row of \(bytesPerRow)")
    return try row.withUnsafeMutableBufferPointer { buffer throws(ImageDecodingError) in
      try readRow(into: buffer)
    }
  }

  /// Reads the next row into 16-bit samples.
  ///
  /// - Parameter row: Room for `width * channels` samples.
  /// - Precondition: The pixel format is `gray16` or `rgb16`.
  /// - Returns: false when all rows were read.
  /// - Throws: As the other `readRow`.
  public func readRow(into row: inout [UInt16]) throws(ImageDecodingError) -> Bool {
    precondition(pipeline.options.pixelFormat.bytesPerSample == 2, "rows have 8-bit samples")
    precondition(2 * row.count >= bytesPerRow, "\(row.count) samples for \(bytesPerRow) bytes")
    return try row.withUnsafeMutableBufferPointer { samples throws(ImageDecodingError) in
      let bytes = UnsafeMutableRawBufferPointer(samples)
      return try readRow(into: bytes.bindMemory(to: UInt8.self))
    }
  }

  /// Reads all rows that are left and drops them, within the memory of all pictures of the process.
  package func readToEnd() throws(ImageDecodingError) {
    let limit = pipeline.options.limits.maximumMemory
    try DecodingMemory.process.lend(pipeline.rowsMemory, of: limit) {
      () throws(ImageDecodingError) in
      var row = [UInt8](repeating: 0, count: bytesPerRow)
      while try readRow(into: &row) {}
    }
  }

  private func readRow(
    into buffer: UnsafeMutableBufferPointer<UInt8>
  ) throws(ImageDecodingError) -> Bool {
    guard let target = buffer.baseAddress else { return false }
    while true {
      switch try pipeline.readRow(into: target) {
      case .row: return true
      case .end: return false
      case .needsInput: try file?.read(into: &pipeline.input)
      }
    }
  }

  /// The orientation by everything read so far.
  var orientation: ImageOrientation { pipeline.orientation }
}
