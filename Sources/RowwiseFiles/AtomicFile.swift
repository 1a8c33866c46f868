import RowwiseSystem

/// Writes files so that at any moment a reader finds the old content or the new, never a part.
package enum AtomicFile {
  /// Writes `bytes` to `path`: to a new file beside it, synced to the disk and then renamed.
  ///
  /// A file that is replaced hands its permissions on. A symbolic link is replaced by the file.
  /// What is neither missing nor a regular file (a pipe, a device as `/dev/stdout`) cannot be
  /// replaced and is written directly.
  ///
  /// - Throws: `FileError.cannotWrite` with the system's reason: folder missing, no permission,
  ///   disk full. Nothing is left behind then, and a file that was at `path` stays as it was.
  package static func write(_ bytes: [UInt8], toPath path: String) throws(FileError) {
    var status = stat()
    var permissions: mode_t?
    if SystemPath.stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: permissions = status.st_mode & 0o7777
      case S_IFDIR: throw .cannotWrite(path: path, code: EISDIR)
      default: return try writeDirectly(bytes, toPath: path)
      }
    }
    let (descriptor, temporaryPath) = try createFile(beside: path)
    var code = unsafe bytes.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
    if code == 0, let permissions, fchmod(descriptor, permissions) != 0 { code = errno }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, SystemPath.rename(temporaryPath, path) != 0 { code = errno }
    guard code == 0 else {
      SystemPath.unlink(temporaryPath)
      throw .cannotWrite(path: path, code: code)
    }
    syncFolder(of: path)
  }

  /// Writes `text` as UTF-8; see `write(_:toPath:)` for bytes.
  package static func write(_ text: String, toPath path: String) throws(FileError) {
    try write([UInt8](text.utf8), toPath: path)
  }

  /// Finds out whether `path` could be written, without changing what is there: a file is made beside
  /// it and taken away again.
  ///
  /// What permissions say is not enough: for the superuser they say yes where the file system says
  /// no.
  ///
  /// - Throws: `FileError.cannotWrite` as writing would.
  package static func check(path: String) throws(FileError) {
    var status = stat()
    let code = SystemPath.stat(path, &status) == 0 ? 0 : errno
    // Here the name of the file beside it would be a possible one.
    if path.isEmpty || code == ENAMETOOLONG { throw .cannotWrite(path: path, code: code) }
    let isFolder = code == 0 ? status.st_mode & S_IFMT == S_IFDIR : path.hasSuffix("/")
    if isFolder { throw .cannotWrite(path: path, code: EISDIR) }
    if code == 0, status.st_mode & S_IFMT != S_IFREG {
      guard SystemPath.access(path, W_OK) == 0 else { throw .cannotWrite(path: path, code: errno) }
      return
    }
    let (descriptor, temporaryPath) = try createFile(beside: path)
    _ = close(descriptor)
    SystemPath.unlink(temporaryPath)
  }

  /// Whether a file of this name is one that a process left when it was killed while writing; its
  /// process may still be at it.
  package static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(".partial")
  }

  /// Removes from a folder what processes that are no more have left half-written.
  ///
  /// - Parameter isAlone: whether nobody else writes there: what a running process seems to be at is left
  ///   by an earlier one of the same number then, and goes too.
  package static func removeLeftovers(in folder: String, isAlone: Bool = false) {
    for name in (try? FileSystem.names(in: folder)) ?? []
    where isLeftover(name) && (isAlone || !isInUse(name)) {
      SystemPath.unlink(FileSystem.join(folder, name))
    }
  }

  /// Whether the process that a leftover's name tells, `.NAME.PROCESS-NUMBER.partial`, is running.
  private static func isInUse(_ name: String) -> Bool {
    let words = name.split(separator: ".")
    guard words.count >= 2,
      let process = words[words.count - 2].split(separator: "-").first.flatMap({ pid_t($0) }),
      process > 0
    else { return false }
    return process == getpid() || kill(process, 0) == 0 || errno != ESRCH
  }

  /// Creates an empty file in the folder of `path` under a name that nobody uses.
  private static func createFile(
    beside path: String
  ) throws(FileError) -> (descriptor: Int32, path: String) {
    let nameStart = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    // Hidden, so that a folder that is listed meanwhile doesn't show it, and of bounded length.
    let stem = "\(path[..<nameStart]).\(path[nameStart...].prefix(32)).\(getpid())"
    for attempt in 0..<100 {
      let candidate = "\(stem)-\(attempt).partial"
      let descriptor = SystemPath.open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, candidate) }
      guard errno == EEXIST else { throw .cannotWrite(path: path, code: errno) }
    }
    throw .cannotWrite(path: path, code: EEXIST)
  }

  private static func writeDirectly(_ bytes: [UInt8], toPath path: String) throws(FileError) {
    let descriptor = SystemPath.open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, code: errno) }
    let code = unsafe bytes.withUnsafeBytes { unsafe writeAll($0, to: descriptor) }
    _ = close(descriptor)
    guard code == 0 else { throw .cannotWrite(path: path, code: code) }
  }

  /// Writes every byte; returns 0 or the system's error code.
  package static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) -> Int32 {
    var written = 0
    while written < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = unsafe systemWrite(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// Makes the new name itself survive a power cut, where the file system lets folders be synced.
  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    let descriptor = SystemPath.open(String(folder), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    // The file is complete under its name already: a refusal here is not a failed write.
    _ = fsync(descriptor)
    _ = close(descriptor)
  }
}
