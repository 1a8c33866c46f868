#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A regular file that is open for reading from its beginning to its end, closed when it goes.
///
/// Its size is known before the first byte is read, so that a reader can hold what the file
/// claims about itself against it and refuse before it allocates.
package final class InputFile {
  /// The path it was opened by.
  package let path: String
  /// The file's size in bytes when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// Opens the file at `path`.
  ///
  /// - Throws: `FileError.cannotRead` where there is none, it may not be read, or it is not a
  ///   regular file: folders, devices and pipes have no size to check against.
  package init(path: String) throws(FileError) {
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, code: errno) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let code = errno
      _ = close(descriptor)
      throw .cannotRead(path: path, code: code)
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      _ = close(descriptor)
      throw .cannotRead(path: path, code: kind == S_IFDIR ? EISDIR : ESPIPE)
    }
    self.path = path
    self.byteCount = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit {
    _ = close(descriptor)
  }

  /// Reads the next `count` bytes.
  ///
  /// - Parameter count: at most what is left of `byteCount`; the caller has checked it.
  /// - Throws: `FileError.endedEarly` where the file was cut in the meantime, or `.cannotRead`.
  package func next(_ count: Int) throws(FileError) -> [UInt8] {
    precondition(count >= 0 && count <= byteCount, "\(count) of \(byteCount) bytes asked for")
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
        let received = unsafe read(descriptor, rest.baseAddress, rest.count)
        if received > 0 {
          filled += received
        } else if received == 0 {
          failure = .endedEarly(path: path, missing: count - filled)
          return
        } else if errno != EINTR {
          failure = .cannotRead(path: path, code: errno)
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// Reads small files whole.
package enum WholeFile {
  /// The bytes of a regular file.
  ///
  /// - Parameter limit: of a longer file only one byte more is read.
  /// - Throws: `FileError` where it cannot be opened or read to its end.
  package static func bytes(path: String, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try InputFile(path: path)
    return try file.next(file.byteCount > limit ? limit + 1 : file.byteCount)
  }
}
