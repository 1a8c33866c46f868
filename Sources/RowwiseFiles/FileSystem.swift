import RowwiseSystem
import RowwiseTexts

/// Paths and folders, straight from POSIX.
package enum FileSystem {
  /// A name in a folder and what it is.
  package struct Entry: Sendable {
    /// The name.
    package let name: String
    /// What it is, symbolic links followed.
    package let kind: FileKind.Kind
  }

  /// Whether a folder's name is one that archives and network drives give to what is theirs.
  package static func isOfSystem(_ name: String) -> Bool {
    [
      "__MACOSX", "@eaDir", "#recycle", "#snapshot", "@Recycle", "$RECYCLE.BIN", "lost+found",
      "System Volume Information",
    ].contains(name)
  }

  /// Whether a name is hidden, or that of a system's folder.
  package static func isPassedOver(_ name: String) -> Bool {
    name.hasPrefix(".") || isOfSystem(name)
  }

  /// Entries of a folder in natural order, hidden ones and a system's left out, symbolic links followed.
  ///
  /// - Throws: `FileError.cannotRead`.
  package static func entries(of folder: String) throws(FileError) -> [Entry] {
    var entries: [(key: NaturalKey, entry: Entry)] = []
    try forEachName(in: folder) { name, type in
      if isPassedOver(name) { return }
      let kind: FileKind.Kind =
        switch type {
        case 4: .folder  // DT_DIR
        case 8: .file  // DT_REG
        default: FileKind(path: join(folder, name))?.kind ?? .dangling
        }
      entries.append((NaturalKey(name), Entry(name: name, kind: kind)))
    }
    return entries.sorted { $0.key < $1.key }.map(\.entry)
  }

  /// Names of all that is in a folder, hidden ones too, in no order.
  ///
  /// - Throws: `FileError.cannotRead`.
  package static func names(in folder: String) throws(FileError) -> [String] {
    var names: [String] = []
    try forEachName(in: folder) { name, _ in names.append(name) }
    return names
  }

  private static func forEachName(
    in folder: String, _ body: (_ name: String, _ type: Int) -> Void
  ) throws(FileError) {
    if let (archive, inner) = Archives.find(folder) {
      guard let names = archive.folders[inner] else {
        throw .cannotRead(path: folder, code: ENOENT)
      }
      for (name, isFolder) in names { body(name, isFolder ? 4 : 8) }
      return
    }
    guard let handle = unsafe SystemPath.opendir(folder) else {
      throw .cannotRead(path: folder, code: errno)
    }
    defer { unsafe closedir(handle) }
    guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
    while let record = unsafe readdir(handle) {
      // SAFETY: the name ends with a zero, within the record; see `ClassFoldersTests`.
      let nameBytes = unsafe UnsafeRawPointer(record).advanced(by: nameOffset)
      let name = unsafe SystemPath.text(nameBytes.assumingMemoryBound(to: CChar.self))
      if name != ".", name != ".." { unsafe body(name, Int(record.pointee.d_type)) }
    }
  }

  /// Calls `body` for every file below a folder, with its path and name, folder by folder in natural
  /// order; hidden ones are left out, and each folder is entered once, so that links in a circle end.
  ///
  /// - Parameter visited: folders not to enter.
  /// - Throws: `FileError.cannotRead` for a folder.
  package static func forEachFile(
    below folder: String, except visited: Set<FileKind.Identity> = [],
    _ body: (_ path: String, _ entry: Entry) -> Void
  ) throws(FileError) {
    var visited = visited
    try walk(folder, &visited, body)
  }

  private static func walk(
    _ folder: String, _ visited: inout Set<FileKind.Identity>,
    _ body: (_ path: String, _ entry: Entry) -> Void
  ) throws(FileError) {
    if let kind = FileKind(path: folder), !visited.insert(kind.identity).inserted { return }
    for entry in try entries(of: folder) {
      let path = join(folder, entry.name)
      if entry.kind == .folder { try walk(path, &visited, body) } else { body(path, entry) }
    }
  }

  /// Makes a folder and those above it, where they are not there yet and can be made.
  package static func makeFolders(_ path: String) {
    guard SystemPath.mkdir(path) != 0, errno == ENOENT else { return }
    let above = folder(of: path)
    guard above != path, above != "." else { return }
    makeFolders(above)
    _ = SystemPath.mkdir(path)
  }

  /// A name below a folder.
  package static func join(_ folder: String, _ name: String) -> String {
    if folder.isEmpty { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The last part of a path.
  package static func lastComponent(_ path: String) -> String {
    String(path.split(separator: "/").last ?? "")
  }

  /// The folder that a path lies in; "." where it names none.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path of `name` in the folder that the file at `path` is in.
  package static func sibling(_ name: String, besides path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }
}
