import RowwiseSystem

/// A file that is open for reading, closed when it goes; or a member of an archive.
///
/// Folders, pipes, sockets and devices can be opened; `requireRegular` and `kindName` tell.
package struct RegularFile: ~Copyable, Sendable {
  /// What stored bytes must become.
  package struct Packing: Sendable {
    package let isDeflated: Bool
    /// Bytes.
    package let size: Int
    /// CRC-32 of what they become.
    package let checksum: UInt32

    /// The error where they become something else.
    package func damaged(_ path: String) -> FileError {
      .badArchive(path: path, reason: "damaged in the archive; get it again")
    }
  }

  /// The path it was opened by.
  package let path: String
  /// -1 where the bytes are in memory.
  private let descriptor: Int32
  /// The archive whose descriptor it is; nil where it is the file's own.
  private let archive: Archive?
  /// A member of an archive: what of the file, or of `contents`, it is.
  private let range: Range<Int>?
  /// The bytes of a member that was inflated, or of the archive that it is in.
  private let contents: [UInt8]
  /// What becomes of a zip's member whose bytes are given as they are stored; nil where nothing does.
  package let packing: Packing?

  /// Opens the file at `path`, without waiting: a pipe that nobody writes to would take for ever.
  ///
  /// - Parameter asStored: whether a zip's member is wanted as it is stored, by who reads it from front to
  ///   back and holds it against `packing`; else it is inflated and checked before.
  package init(path: String, asStored: Bool = false) throws(FileError) {
    if let (archive, inner) = Archives.find(path), !inner.isEmpty {
      self = try archive.open(inner, path: path, asStored: asStored)
      return
    }
    try self.init(plain: path)
  }

  /// Opens a file that is in no archive.
  init(plain path: String) throws(FileError) {
    self.path = path
    (range, contents, archive, packing) = (nil, [], nil, nil)
    descriptor = SystemPath.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, code: errno) }
  }

  /// Bytes in memory: a member that was inflated, or a part of a whole archive that was.
  init(path: String, range: Range<Int>, of contents: [UInt8]) {
    (self.path, self.range, self.contents) = (path, range, contents)
    (descriptor, archive, packing) = (-1, nil, nil)
  }

  /// An archive's file, which it may keep open, or some of its bytes.
  init(
    path: String, range: Range<Int>? = nil, of archive: Archive, packing: Packing? = nil
  ) throws(FileError) {
    (self.path, self.range, contents, self.packing) = (path, range, [], packing)
    guard archive.descriptor < 0 else {
      (descriptor, self.archive) = (archive.descriptor, archive)
      return
    }
    self.archive = nil
    descriptor = SystemPath.open(archive.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, code: errno) }
  }

  /// Another descriptor of the file, for whoever asks to close; -1 where there are no more.
  func duplicate() -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

  deinit { if archive == nil, descriptor >= 0 { _ = close(descriptor) } }

  private func status() throws(FileError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .cannotRead(path: path, code: errno)
    }
    return status
  }

  /// Its size in bytes; nil where it is no regular file, which has none to rely on.
  package func size() throws(FileError) -> Int? {
    if let range { return range.count }
    let status = try status()
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// What it is where it is no regular file: "a folder", "a pipe", "a socket" or "a device"; else nil.
  package func otherKind() throws(FileError) -> String? {
    if range != nil { return nil }
    return switch try status().st_mode & S_IFMT {
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
    var (start, most) = (offset, room.count)
    if let range {
      guard offset < range.count else { return 0 }
      start += range.lowerBound
      most = min(most, range.upperBound - start)
      if descriptor < 0 {
        unsafe contents.withUnsafeBytes { bytes in
          unsafe room.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + most]))
        }
        return most
      }
    }
    while true {
      let count = unsafe pread(descriptor, room.baseAddress, most, off_t(start))
      if count >= 0 { return count }
      if errno != EINTR { throw .cannotRead(path: path, code: errno) }
    }
  }

  /// The first bytes, at most `count`.
  package func prefix(_ count: Int) throws(FileError) -> [UInt8] { try bytes(count, at: 0) }

  /// Some bytes from `offset` on; fewer where the file ends.
  package func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var room = [UInt8](repeating: 0, count: count)
    let got = try bytes(into: &room, at: offset)
    return got == count ? room : Array(room[..<got])
  }

  /// Fills `room` from `offset` on, as far as the file reaches.
  func bytes(into room: inout [UInt8], at offset: Int) throws(FileError) -> Int {
    var filled = 0
    while filled < room.count {
      let start = filled
      let got = try unsafe room.withUnsafeMutableBufferPointer { (room) throws(FileError) -> Int in
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: room[start...])
        return try unsafe read(into: UnsafeMutableRawBufferPointer(rest), at: offset + start)
      }
      if got == 0 { break }
      filled += got
    }
    return filled
  }

  /// The CRC-32 of some of the bytes, read a portion at a time.
  func checksum(of range: Range<Int>) throws(FileError) -> UInt32 {
    var room = [UInt8](repeating: 0, count: 1 << 18)
    var (checksum, offset) = (UInt32(0), range.lowerBound)
    while offset < range.upperBound {
      let got = min(try bytes(into: &room, at: offset), range.upperBound - offset)
      guard got > 0 else { throw .endedEarly(path: path, missing: range.upperBound - offset) }
      checksum = unsafe room.withUnsafeBytes { bytes in
        unsafe Inflation.checksum(
          of: UnsafeRawBufferPointer(rebasing: bytes[..<got]), behind: checksum)
      }
      offset += got
    }
    return checksum
  }
}

extension Archive {
  /// The largest stored member that is read whole to be checked; others are read once for it.
  static let mostCheckedInMemory = 1 << 20

  /// Opens a member.
  ///
  /// - Parameters:
  ///   - full: the path by which it was asked for.
  ///   - asStored: whether its bytes are wanted as they are, and who asks for them checks them.
  func open(
    _ inner: String, path full: String, asStored: Bool
  ) throws(FileError) -> RegularFile {
    guard let member = members[inner] else {
      throw .cannotRead(path: full, code: folders[inner] == nil ? ENOENT : EISDIR)
    }
    if let contents {
      return RegularFile(
        path: full, range: member.offset..<member.offset + member.size, of: contents)
    }
    if case .other(let method) = member.coding {
      throw .badArchive(
        path: full,
        reason: "compressed by a method (\(method)) that is not read; unpack the archive")
    }
    let file = try RegularFile(path: path, of: self)
    let start =
      member.coding == .plain ? member.offset : try ZipIndex.start(of: member, in: file)
    guard start + member.stored <= size else {
      throw .badArchive(path: full, reason: "the archive is cut short; get it again")
    }
    let packing = RegularFile.Packing(
      isDeflated: member.coding == .deflated, size: member.size, checksum: member.checksum)
    let damaged = packing.damaged(full)
    // Deflate makes no more of any byte.
    guard member.size / Archive.mostExpansion <= member.stored else { throw damaged }
    if asStored, member.coding != .plain {
      return try RegularFile(
        path: full, range: start..<start + member.stored, of: self, packing: packing)
    }
    switch member.coding {
    case .stored where member.size <= Archive.mostCheckedInMemory:
      let bytes = try file.bytes(member.size, at: start)
      guard unsafe bytes.withUnsafeBytes({ unsafe Inflation.checksum(of: $0) }) == member.checksum
      else { throw damaged }
      return RegularFile(path: full, range: 0..<bytes.count, of: bytes)
    case .stored:
      let range = start..<start + member.size
      let isSound = try isSound(member) { () throws(FileError) in
        try file.checksum(of: range) == member.checksum
      }
      guard isSound else { throw damaged }
      return try RegularFile(path: full, range: range, of: self)
    case .deflated:
      let stored = try file.bytes(member.stored, at: start)
      guard
        let bytes = Inflation.member(stored, count: member.size, checksum: member.checksum)
      else { throw damaged }
      return RegularFile(path: full, range: 0..<bytes.count, of: bytes)
    case .plain, .other:
      return try RegularFile(path: full, range: start..<start + member.size, of: self)
    }
  }
}
