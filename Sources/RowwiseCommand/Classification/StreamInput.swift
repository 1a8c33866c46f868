import RowwiseFiles
import RowwiseSystem

/// Bytes of a file or pipe as they come.
struct StreamInput {
  /// What messages call it.
  let name: String
  private let descriptor: Int32
  private let closes: Bool
  /// Milliseconds to wait for the next bytes; below 0: for ever.
  private let patience: Int32
  private var portion = [UInt8](repeating: 0, count: 1 << 16)

  /// Nothing has come for too long.
  struct Stalled: Error {
    let seconds: Double
  }

  /// Standard input, or another open file of a test.
  ///
  /// - Parameter timeout: seconds to wait for the next bytes; nil: for ever.
  init(standardInput descriptor: Int32 = STDIN_FILENO, timeout: Double?) {
    name = "-"
    self.descriptor = descriptor
    closes = false
    patience = Self.milliseconds(timeout)
  }

  /// A file, a named pipe or a device.
  init(path: String, timeout: Double?) throws(FileError) {
    name = path
    descriptor = SystemPath.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotRead(path: path, code: errno) }
    closes = true
    patience = Self.milliseconds(timeout)
  }

  private static func milliseconds(_ seconds: Double?) -> Int32 {
    seconds.map { Int32(min($0 * 1000, 2e9).rounded(.up)) } ?? -1
  }

  /// Whether bytes, or the end, can be read without waiting.
  var isReady: Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0
  }

  /// The next bytes, at least one; none at the end.
  ///
  /// - Throws: `Stalled`, `FileError`.
  mutating func next() throws -> ArraySlice<UInt8> {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = poll(&waiting, 1, patience)
      if ready == 0 { throw Stalled(seconds: Double(patience) / 1000) }
      if ready < 0, errno == EINTR { continue }
      let count = portion.withUnsafeMutableBytes {
        systemRead(descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 { return portion[..<count] }
      guard errno == EINTR else { throw FileError.cannotRead(path: name, code: errno) }
    }
  }

  /// Gives the file back.
  func finish() { if closes { close(descriptor) } }
}
