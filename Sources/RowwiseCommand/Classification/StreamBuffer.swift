/// Bytes of a stream that have come and were not used yet, handed on in small pieces.
///
/// A reader that finds its picture's end gives back what it was given beyond: pieces are small, so that
/// little is moved to and fro.
struct StreamBuffer: ~Copyable {
  /// What messages call the stream.
  var name: String { input.name }
  /// Whether no bytes are left.
  private(set) var isAtEnd = false

  private var input: StreamInput
  private var bytes: [UInt8] = []
  private var start = 0

  /// Bytes that are handed on at once.
  private static let piece = 1 << 11

  init(_ input: consuming StreamInput) { self.input = input }

  deinit { input.finish() }

  /// Whether the next piece would have to be waited for.
  mutating func isWaiting() -> Bool { start == bytes.count && !isAtEnd && !input.isReady }

  /// The next bytes; none at the end.
  ///
  /// - Throws: `StreamInput.Stalled`, `FileError`.
  mutating func next() throws -> ArraySlice<UInt8> {
    if start == bytes.count, !isAtEnd {
      bytes = Array(try input.next())
      start = 0
      isAtEnd = bytes.isEmpty
    }
    let end = min(start + Self.piece, bytes.count)
    defer { start = end }
    return bytes[start..<end]
  }

  /// Takes back the last bytes that were handed on.
  mutating func giveBack(_ rest: [UInt8]) {
    if rest.count <= start {
      start -= rest.count
    } else {
      bytes = rest + bytes[start...]
      start = 0
    }
  }

  /// Passes over bytes of some values.
  mutating func skip(_ values: [UInt8]) throws {
    while true {
      while start < bytes.count, values.contains(bytes[start]) { start += 1 }
      guard start == bytes.count, !isAtEnd else { return }
      bytes = Array(try input.next())
      start = 0
      isAtEnd = bytes.isEmpty
    }
  }

  /// Whether there is another byte; waits for it.
  mutating func hasMore() throws -> Bool {
    try skip([])
    return start < bytes.count
  }
}
