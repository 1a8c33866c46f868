import RowwiseSystem

/// A regular file that is open for reading from its beginning to its end, closed when it goes.
///
/// Its size is known before the first byte is read, so that a reader can hold what the file
/// claims about itself against it and refuse before it allocates.
package final class InputFile {
  /// The path it was opened by.
  package var path: String { file.path }
  /// The file's size in bytes when it was opened.
  package let byteCount: Int
  private let file: RegularFile
  private var offset = 0

  /// Opens the file at `path`.
  ///
  /// - Throws: `FileError.cannotRead` where there is none, it may not be read, or it is not a
  ///   regular file: folders, devices and pipes have no size to check against.
  package init(path: String) throws(FileError) {
    let file = try RegularFile(path: path)
    guard let size = try file.size() else {
      let isFolder = try file.otherKind() == "a folder"
      throw .cannotRead(path: path, code: isFolder ? EISDIR : ESPIPE)
    }
    byteCount = size
    self.file = file
  }

  /// Reads the next `count` bytes.
  ///
  /// - Parameter count: at most what is left of `byteCount`; the caller has checked it.
  /// - Throws: `FileError.endedEarly` where the file was cut in the meantime, or `.cannotRead`.
  package func next(_ count: Int) throws(FileError) -> [UInt8] {
    let bytes = try bytes(count, at: offset)
    offset += count
    return bytes
  }

  /// Reads `count` bytes from `offset` on.
  ///
  /// - Parameter count: at most what is left of `byteCount`; the caller has checked it.
  /// - Throws: as `next`.
  package func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    precondition(count >= 0 && count <= byteCount, "\(count) of \(byteCount) bytes asked for")
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
        do throws(FileError) {
          let received = try unsafe file.read(into: rest, at: offset + filled)
          guard received > 0 else { throw .endedEarly(path: path, missing: count - filled) }
          filled += received
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The bytes of a regular file that fits in memory.
  ///
  /// - Parameter limit: of a longer file only one byte more is read.
  /// - Throws: `FileError` where it cannot be opened or read to its end.
  package static func bytes(path: String, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try InputFile(path: path)
    return try file.next(file.byteCount > limit ? limit + 1 : file.byteCount)
  }
}
