/// One row of a picture.
public struct ImageRow: Sendable, Equatable {
  /// The row's number, from 0.
  public var index: Int
  /// What the picture's header says.
  public var info: ImageInfo
  /// The row's pixels.
  public var pixels: [UInt8]
}

/// The rows of a picture whose bytes arrive asynchronously; each comes as soon as its bytes are
/// there.
///
/// ```swift
/// for try await row in ImageRowSequence(chunks) { … }
/// ```
///
/// Iterating throws what `chunks` throws and any `ImageDecodingError` about the bytes. It asks for
/// the next chunk only when no row is left, so that a fast source waits for a slow consumer.
public struct ImageRowSequence<Chunks: AsyncSequence>: AsyncSequence
where Chunks.Element: Sequence<UInt8> {
  /// A row.
  public typealias Element = ImageRow

  private let chunks: Chunks
  private let name: String
  private let options: DecodingOptions

  /// Makes the sequence.
  ///
  /// - Parameters:
  ///   - chunks: The file's bytes, in pieces of any size.
  ///   - name: What errors call the picture.
  public init(
    _ chunks: Chunks, named name: String = "pushed picture",
    options: DecodingOptions = DecodingOptions()
  ) {
    self.chunks = chunks
    self.name = name
    self.options = options
  }

  /// Starts reading.
  public func makeAsyncIterator() -> Iterator {
    Iterator(
      chunks: chunks.makeAsyncIterator(),
      reader: ImagePushReader(named: name, options: options))
  }

  /// Reads rows one by one.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate var chunks: Chunks.AsyncIterator
    fileprivate let reader: ImagePushReader

    /// The next row, or nil after the last.
    public mutating func next() async throws -> ImageRow? {
      while true {
        if let info = try reader.readHeader() {
          var pixels = [UInt8](repeating: 0, count: reader.bytesPerRow)
          switch try reader.readRow(into: &pixels) {
          case .row:
            return ImageRow(index: reader.rowsRead - 1, info: info, pixels: pixels)
          case .end:
            return nil
          case .needsInput:
            break
          }
        }
        if let chunk = try await chunks.next() {
          try reader.push(chunk)
        } else {
          reader.finish()
        }
      }
    }
  }
}

extension ImageRowSequence: Sendable where Chunks: Sendable {}
