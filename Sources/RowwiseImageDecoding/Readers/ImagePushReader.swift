/// Reads a picture row by row from bytes that arrive in pieces, as from a pipe or a socket.
///
/// Push what arrives, in pieces of any size, and take rows until `.needsInput` comes:
///
/// ```swift
/// let reader = ImagePushReader()
/// var row: [UInt8] = []
/// for piece in pieces {
///   try reader.push(piece)
///   guard try reader.readHeader() != nil else { continue }
///   row = [UInt8](repeating: 0, count: reader.bytesPerRow)
///   while try reader.readRow(into: &row) == .row { … }
/// }
/// reader.finish()
/// while try reader.readRow(into: &row) == .row { … }
/// ```
///
/// How the bytes are split changes nothing about rows, warnings and errors. Rows come as soon as
/// their bytes are there; those of a PNG at most 4 KiB of its file later.
public final class ImagePushReader {
  /// What a call of `readRow` came to.
  public enum Outcome: Sendable, Equatable {
    /// A row was written.
    case row
    /// More bytes are needed first.
    case needsInput
    /// All rows were read.
    case end
  }

  private let pipeline: RowPipeline

  /// Makes a reader that has no bytes yet.
  ///
  /// - Parameter name: What errors call the picture.
  public init(
    named name: String = "pushed picture", options: DecodingOptions = DecodingOptions()
  ) {
    pipeline = RowPipeline(source: name, options: options, input: InputBuffer())
  }

  /// Appends bytes.
  ///
  /// - Throws: `.overLimit` where more unread bytes are waiting than the memory limit allows: take
  ///   the rows before pushing more.
  public func push(_ bytes: some Sequence<UInt8>) throws(ImageDecodingError) {
    // Most collections offer their memory; what does not is copied first.
    let done: Void? = bytes.withContiguousStorageIfAvailable { append($0) }
    if done == nil { Array(bytes).withUnsafeBufferPointer { append($0) } }
    let limits = pipeline.options.limits
    try limits.check(
      .memory, pipeline.input.count, atMost: limits.maximumMemory, source: pipeline.source)
  }

  private func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    pipeline.input.append(capacity: bytes.count) { room in
      room.baseAddress?.update(from: base, count: bytes.count)
      return bytes.count
    }
  }

  /// Says that no more bytes follow.
  public func finish() {
    pipeline.input.finish()
  }

  /// Takes the bytes that were pushed and not used: what comes behind a picture.
  package func takeRest() -> [UInt8] {
    let rest = Array(pipeline.input.prefix(pipeline.input.count))
    pipeline.input.consume(rest.count)
    return rest
  }

  /// The header, or nil where more bytes are needed for it.
  ///
  /// - Throws: Any `ImageDecodingError` about the bytes.
  public func readHeader() throws(ImageDecodingError) -> ImageInfo? {
    try pipeline.readHeader()
  }

  /// Pixels in one delivered row; 0 before the header was read.
  public var width: Int { pipeline.outputSize.width }
  /// Delivered rows in all; 0 before the header was read.
  public var height: Int { pipeline.outputSize.height }
  /// Bytes in one delivered row; 0 before the header was read.
  public var bytesPerRow: Int { width * pipeline.options.pixelFormat.bytesPerPixel }
  /// Rows delivered so far.
  public var rowsRead: Int { pipeline.rowsDelivered }
  /// What was passed over so far, in lenient mode; also an orientation found after the pixels.
  public var warnings: [DecodingWarning] { pipeline.warnings }
  /// Whether stored pixels have alpha; false before the header.
  package var hasAlpha: Bool { pipeline.hasAlpha }

  /// Why the first row comes only after all bytes; empty where rows stream or before the header.
  public var wholeImageReasons: [ImageInfo.WholeImageReason] { pipeline.wholeImageReasons }

  /// Reads the next row.
  ///
  /// - Parameter row: Room for `bytesPerRow` bytes, once the header was read.
  /// - Throws: Any `ImageDecodingError` about the bytes.
  public func readRow(into row: inout [UInt8]) throws(ImageDecodingError) -> Outcome {
    guard try readHeader() != nil else { return .needsInput }
    precondition(row.count >= bytesPerRow, "\(row.count) bytes for a row of \(bytesPerRow)")
    return try row.withUnsafeMutableBufferPointer { buffer throws(ImageDecodingError) in
      guard let target = buffer.baseAddress else { return .end }
      return try pipeline.readRow(into: target)
    }
  }
}
