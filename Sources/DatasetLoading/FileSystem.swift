#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The few questions that data sets ask of the file system, straight from POSIX.
enum FileSystem {
  enum Kind {
    case file, folder, other
    /// A symbolic link that leads nowhere.
    case dangling
  }

  /// What makes a file or folder itself, whatever path leads to it.
  struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  struct Status {
    let kind: Kind
    let size: Int
    let identity: Identity
  }

  struct Entry {
    let name: String
    let kind: Kind
  }

  /// Status of what a path leads to, symbolic links followed; nil where there is nothing.
  static func status(_ path: String) -> Status? {
    var buffer = stat()
    guard stat(path, &buffer) == 0 else { return nil }
    let kind: Kind
    switch buffer.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    return Status(
      kind: kind, size: Int(buffer.st_size),
      identity: Identity(
        device: UInt64(truncatingIfNeeded: buffer.st_dev),
        number: UInt64(truncatingIfNeeded: buffer.st_ino)))
  }

  /// Entries of a folder in natural order, hidden ones left out, symbolic links followed.
  static func entries(of folder: String) throws(DatasetError) -> [Entry] {
    guard let handle = opendir(folder) else { throw .unreadable(path: folder, reason: lastError()) }
    defer { closedir(handle) }
    guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
    var entries: [(key: NaturalKey, entry: Entry)] = []
    while let record = readdir(handle) {
      let nameBytes = UnsafeRawPointer(record).advanced(by: nameOffset)
      let name = String(cString: nameBytes.assumingMemoryBound(to: CChar.self))
      if name.hasPrefix(".") { continue }
      let kind: Kind
      switch Int32(record.pointee.d_type) {
      case 4: kind = .folder  // DT_DIR
      case 8: kind = .file  // DT_REG
      default: kind = status(join(folder, name))?.kind ?? .dangling
      }
      entries.append((NaturalKey(name), Entry(name: name, kind: kind)))
    }
    return entries.sorted { $0.key < $1.key }.map(\.entry)
  }

  /// A name below a folder.
  static func join(_ folder: String, _ name: String) -> String {
    if folder.isEmpty { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The last part of a path.
  static func lastComponent(_ path: String) -> String {
    String(path.split(separator: "/").last ?? "")
  }

  /// The folder that a path lies in; "." where it names none.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What the last failed call complains about.
  static func lastError() -> String { String(cString: strerror(errno)) }
}
