import RowwiseSystem

/// A file that is open for reading, closed when it goes.
///
/// Folders, pipes, sockets and devices can be opened; `requireRegular` and `kindName` tell.
package struct RegularFile: ~Copyable {
  /// The path it was opened by.
  package let path: String
  private let descriptor: Int32

  /// Opens the file at `path`, without waiting: a pipe that nobody writes to would take for ever.
  package init(path: String) throws(FileError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, code: errno) }
  }

  deinit { _ = close(descriptor) }

  private func status() throws(FileError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .cannotRead(path: path, code: errno)
    }
    return status
  }

  /// Its size in bytes; nil where it is no regular file, which has none to rely on.
  package func size() throws(FileError) -> Int? {
    let status = try status()
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// What it is where it is no regular file: "a folder", "a pipe", "a socket" or "a device"; else nil.
  package func otherKind() throws(FileError) -> String? {
    switch try status().st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// Reads at most as many bytes as there is room for, from `offset` on; 0 at the end.
  package func read(
    into room: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(FileError) -> Int {
    while true {
      let count = unsafe pread(descriptor, room.baseAddress, room.count, off_t(offset))
      if count >= 0 { return count }
      if errno != EINTR { throw .cannotRead(path: path, code: errno) }
    }
  }

  /// The first bytes, at most `count`.
  package func prefix(_ count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let start = filled
      let got = try unsafe bytes.withUnsafeMutableBufferPointer { (room) throws(FileError) -> Int in
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: room[start...])
        return try unsafe read(into: UnsafeMutableRawBufferPointer(rest), at: start)
      }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes[..<filled])
  }
}
