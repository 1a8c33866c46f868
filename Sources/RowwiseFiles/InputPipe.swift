import RowwiseSystem

/// What comes through a pipe: one that has a name, or one that a shell names for `<(command)`.
package enum InputPipe {
  /// How long a pipe may have nobody who writes to it, in milliseconds: whoever is to do it may have
  /// been started at the same moment.
  private static let patience: UInt32 = 2_000

  /// Whether a path leads to a pipe.
  package static func isPipe(path: String) -> Bool {
    var status = stat()
    return SystemPath.stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Reads a pipe to its end, for as long as somebody writes to it.
  ///
  /// - Parameter limit: of more bytes only one more is read.
  /// - Returns: no bytes where nobody wrote any.
  /// - Throws: `FileError.cannotRead`.
  package static func bytes(path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    // Without waiting: opening a pipe that nobody writes to would take for ever.
    let descriptor = SystemPath.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, code: errno) }
    defer { _ = close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    var waited: UInt32 = 0
    while bytes.count <= limit {
      let room = min(part.count, limit + 1 - bytes.count)
      let count = unsafe part.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, room)
      }
      if count > 0 {
        bytes += part[..<count]
      } else if count == 0 {
        // The end, or nobody has opened it yet for writing.
        guard bytes.isEmpty, waited < patience else { break }
        usleep(10_000)
        waited += 10
      } else if errno == EAGAIN {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&event, 1, -1)
      } else if errno != EINTR {
        throw .cannotRead(path: path, code: errno)
      }
    }
    return bytes
  }
}
