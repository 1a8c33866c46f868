import RowwiseFiles
import RowwiseSystem
import RowwiseTexts

/// Rows of text from a file or pipe, in batches as they come: who writes one row and waits for what
/// becomes of it gets that without writing more.
struct StandardInputRows {
  private let descriptor: Int32
  private var unfinished: [UInt8] = []
  private var isAtEnd = false
  /// What rows end with: NUL where the first portion has one, as `find -print0` writes it.
  private var separator: UInt8?

  /// - Parameter descriptor: where to read; standard input unless a test has something else.
  init(descriptor: Int32 = STDIN_FILENO) {
    self.descriptor = descriptor
  }

  /// The whole rows that the next portion of input brings, without line breaks; empty ones are left
  /// out. Waits until there is at least one.
  ///
  /// - Returns: nil at the end.
  mutating func next() -> [String]? {
    var portion = [UInt8](repeating: 0, count: 1 << 16)
    while !isAtEnd {
      let count = portion.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      isAtEnd = count <= 0
      unfinished += portion[..<max(count, 0)]
      let separator = separator ?? (unfinished.contains(0) ? 0 : UInt8(ascii: "\n"))
      self.separator = separator
      let end =
        isAtEnd ? unfinished.count : unfinished.lastIndex(of: separator).map { $0 + 1 } ?? 0
      let rows = unfinished[..<end].split(separator: separator).compactMap { row in
        // Rows may end as they do on Windows; between NULs a name is what it is.
        let isBroken = separator != 0 && row.last == UInt8(ascii: "\r")
        let text = isBroken ? row.dropLast() : row
        return text.isEmpty ? nil : FileSystem.found(PathText.text(text))
      }
      unfinished.removeFirst(end)
      if !rows.isEmpty { return rows }
    }
    return nil
  }
}
