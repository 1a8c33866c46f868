import RowwiseSystem
import Synchronization

/// A zip or tar file whose members are read in place, as the files of a folder that is called like it.
///
/// Nothing is unpacked: of a zip each member is inflated when it is opened, a tar's lie there as they
/// are, and a compressed tar is held in memory. Links, devices and encrypted members are left out, and
/// so are those whose names lead out of the archive.
package final class Archive: Sendable {
  /// Where a member's bytes are.
  struct Member: Sendable, Equatable {
    /// Of a zip's its own header, else of its first byte.
    let offset: Int
    /// Bytes as they are stored.
    let stored: Int
    /// Bytes that it becomes.
    let size: Int
    let coding: Coding
    let checksum: UInt32
  }

  /// How many members are not read, and why.
  package struct LeftOut: Sendable, Equatable {
    var encrypted = 0
    /// Links, devices and what else is no file.
    var links = 0
    /// Called like another one, or like a file above them, or by a name that leads out or makes no sense.
    var names = 0

    /// In words; nil where there are none.
    package var text: String? {
      let parts = [
        (encrypted, "encrypted"), (links, "links or devices"),
        (names, "called as no other file or only one may be"),
      ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      return parts.isEmpty
        ? nil : "files of the archive are left out: " + parts.joined(separator: ", ")
    }
  }

  /// How a member is stored.
  enum Coding: Sendable, Equatable {
    /// A zip's, as it is.
    case stored
    /// A zip's, deflated.
    case deflated
    /// A zip's by another method, which is not read.
    case other(Int)
    /// A tar's.
    case plain
  }

  /// Its path, which its members' begin with.
  package let path: String
  /// Members left out because of what they are or how they are called.
  package let leftOut: LeftOut
  let members: [String: Member]
  /// Names in each folder, and whether they are folders; the archive itself is "".
  let folders: [String: [(name: String, isFolder: Bool)]]
  /// A compressed tar, inflated; nil where the file itself is read.
  let contents: [UInt8]?
  /// Of the file, through which members are read at their places; -1 where as many archives are open as
  /// may be, and the file is opened for each member.
  let descriptor: Int32
  /// Of the file, in bytes.
  let size: Int

  /// Where stored members begin that are too large to be held, and have been found to be sound.
  private let sound = Mutex<Set<Int>>([])

  /// Archives that keep their file open: a process may have few descriptors.
  static let mostOpen = 16
  private static let opened = Atomic<Int>(0)

  /// The most members, and the longest name in bytes.
  static let mostMembers = 4_000_000
  static let longestName = 4096
  /// The most bytes that a compressed tar may become: they are held in memory.
  static let mostHeld = 1 << 31
  /// Bytes that any archive may become, and so many for each of its own beyond, as of gzip files of data
  /// sets: real pictures become 1 to 20 times as many.
  static let (freeBytes, usualExpansion) = (1 << 26, 64)
  /// More than deflate can ever expand (RFC 1951: 258 bytes from 2 bits).
  static let mostExpansion = 1032

  init(
    _ file: borrowing RegularFile, size: Int, _ index: ArchiveIndex, contents: [UInt8]? = nil
  ) {
    path = file.path
    let isKept =
      contents == nil && Self.opened.add(1, ordering: .relaxed).newValue <= Self.mostOpen
    descriptor = isKept ? file.duplicate() : -1
    self.size = size
    self.contents = contents
    members = index.members
    folders = index.folders
    leftOut = index.leftOut
  }

  deinit {
    if contents == nil { Self.opened.subtract(1, ordering: .relaxed) }
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// The archive at a path; nil where the file is none by its bytes.
  static func open(_ path: String) throws(FileError) -> Archive? {
    let file = try RegularFile(path: path)
    guard let size = try file.size() else { return nil }
    let first = try file.bytes(min(size, TarIndex.block), at: 0)
    if first.starts(with: [0x50, 0x4B, 0x03, 0x04]) || first.starts(with: [0x50, 0x4B, 0x05, 0x06])
    {
      let index = try ZipIndex.read(file, size: size)
      try index.check(path: path, stored: size)
      return Archive(file, size: size, index)
    }
    if TarIndex.isHeader(first) {
      let index = try TarIndex.read(path: path, size: size) { offset, count throws(FileError) in
        try file.bytes(count, at: offset)
      }
      return Archive(file, size: size, index)
    }
    guard first.starts(with: [0x1F, 0x8B]), try beginsWithTar(path) else { return nil }
    let limit = min(mostHeld, size.multipliedReportingOverflow(by: usualExpansion).0 + freeBytes)
    var isTooLarge = false
    guard let bytes = try Inflation.gzip(file, limit: limit, isTooLarge: &isTooLarge) else {
      throw .badArchive(
        path: path,
        reason: isTooLarge
          ? "it becomes more than \(limit) bytes; unpack it with tar xf"
          : "damaged gzip data; get the file again")
    }
    let index = try TarIndex.read(path: path, size: bytes.count) {
      offset, count throws(FileError) in
      Array(bytes[min(offset, bytes.count)..<min(offset + count, bytes.count)])
    }
    return Archive(file, size: size, index, contents: bytes)
  }

  /// Whether a gzip file's first bytes are those of a tar.
  private static func beginsWithTar(_ path: String) throws(FileError) -> Bool {
    TarIndex.isHeader(
      try Inflation.gzipStart(try RegularFile(path: path), count: TarIndex.block))
  }

  /// Whether a stored member is sound, which is found out once.
  func isSound(
    _ member: Member, _ check: () throws(FileError) -> Bool
  ) throws(FileError) -> Bool {
    if sound.withLock({ $0.contains(member.offset) }) { return true }
    guard try check() else { return false }
    sound.withLock { _ = $0.insert(member.offset) }
    return true
  }

  /// What a path in the archive leads to; nil where there is nothing.
  func kind(_ inner: String) -> (isFolder: Bool, size: Int)? {
    if let member = members[inner] { return (false, member.size) }
    return folders[inner] == nil ? nil : (true, 0)
  }
}

/// Archives that paths lead into.
package enum Archives {
  private static let mounted = Mutex<[String: Archive]>([:])
  /// Whether there is one: else no path is looked at.
  private static let isAny = Atomic<Bool>(false)

  /// Makes a file that is an archive by its bytes behave as a folder.
  ///
  /// - Returns: nil where it is none.
  /// - Throws: `FileError`, such as `badArchive`.
  package static func mount(_ path: String) throws(FileError) -> Archive? {
    if let known = mounted.withLock({ $0[path] }) { return known }
    guard let archive = try Archive.open(path) else { return nil }
    guard !holds(path) else {
      throw .badArchive(path: path, reason: "an archive in an archive; unpack the outer one")
    }
    mounted.withLock { $0[path] = archive }
    isAny.store(true, ordering: .releasing)
    return archive
  }

  /// What is not read of the archive that a path leads into, in words; nil where all is.
  package static func leftOut(_ path: String) -> String? { find(path)?.archive.leftOut.text }

  /// Forgets an archive, as before its file is written anew.
  package static func unmount(_ path: String) {
    _ = mounted.withLock { $0.removeValue(forKey: path) }
  }

  /// Mounts the archive that a path leads into, where the beginning of the path is one.
  ///
  /// - Returns: whether something is there then.
  /// - Throws: `FileError`, such as `badArchive`.
  package static func reach(_ path: String) throws(FileError) -> Bool {
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
      let beginning = String(path[..<slash])
      guard let kind = FileKind(path: beginning) else { return false }
      if kind.kind == .file {
        guard try mount(beginning) != nil else { return false }
        return FileKind(path: path) != nil
      }
      end = slash
    }
    return false
  }

  /// Whether a path leads into an archive.
  package static func holds(_ path: String) -> Bool { find(path) != nil }

  /// The archive that a path leads into, and the rest of the path; nil where there is none.
  static func find(_ path: String) -> (archive: Archive, inner: String)? {
    guard isAny.load(ordering: .acquiring) else { return nil }
    return mounted.withLock { archives in
      // No archive lies in another one.
      let found = archives.first { root, _ in
        let rest = path.utf8.dropFirst(root.utf8.count)
        return path.utf8.starts(with: root.utf8)
          && (rest.isEmpty || rest.first == UInt8(ascii: "/"))
      }
      guard let (root, archive) = found else { return nil }
      var parts: [Substring] = []
      for part in Substring(path.utf8.dropFirst(root.utf8.count)).split(separator: "/")
      where part != "." {
        if part != ".." {
          parts.append(part)
        } else if parts.popLast() == nil {
          // It leads out of the archive: the system says that there is nothing.
          return nil
        }
      }
      return (archive, parts.joined(separator: "/"))
    }
  }
}
