/// What an archive's members are called and where they are.
struct ArchiveIndex {
  private(set) var members: [String: Archive.Member] = [:]
  private(set) var folders: [String: [(name: String, isFolder: Bool)]] = ["": []]
  /// Members left out because of what they are or how they are called.
  var leftOut = Archive.LeftOut()
  /// Bytes of all members.
  private var total = 0

  /// The deepest that folders may lie in each other.
  private static let mostDepth = 64
  /// The most folders: one name may make many.
  private static let mostFolders = 1 << 16

  /// Adds a member, and the folders above it; one that is called like another is left out.
  mutating func add(_ name: String, _ member: Archive.Member) {
    guard let parts = Self.parts(name), let last = parts.last else {
      leftOut.names += 1
      return
    }
    let path = parts.joined(separator: "/")
    guard members[path] == nil, folders[path] == nil, addFolders(parts.dropLast()) else {
      leftOut.names += 1
      return
    }
    members[path] = member
    folders[parts.dropLast().joined(separator: "/")]?.append((last, false))
    let (sum, overflows) = total.addingReportingOverflow(member.size)
    total = overflows ? .max : sum
  }

  /// Adds a folder that has a header of its own.
  mutating func addFolder(_ name: String) {
    guard let parts = Self.parts(name), addFolders(parts[...]) else {
      leftOut.names += 1
      return
    }
  }

  /// - Returns: false where a file is in the way, or there are too many.
  private mutating func addFolders(_ parts: ArraySlice<String>) -> Bool {
    var path = ""
    for part in parts {
      let next = path.isEmpty ? part : path + "/" + part
      if members[next] != nil { return false }
      if folders[next] == nil {
        guard folders.count < Self.mostFolders else { return false }
        folders[next] = []
        folders[path]?.append((part, true))
      }
      path = next
    }
    return true
  }

  /// The names on the way to a member; nil where it leads out of the archive or makes no sense.
  static func parts(_ name: String) -> [String]? {
    guard name.utf8.count <= Archive.longestName, !name.utf8.contains(0) else { return nil }
    // As some programs of Windows write them.
    let name = name.replacing("\\", with: "/")
    guard !name.hasPrefix("/") else { return nil }
    let parts = name.split(separator: "/").filter { $0 != "." }.map { String($0) }
    guard !parts.contains(".."), parts.count <= mostDepth else { return nil }
    if let first = parts.first?.utf8, first.count == 2, first.last == UInt8(ascii: ":") {
      return nil
    }
    return parts
  }

  /// Throws where members become more than those of real archives do.
  func check(path: String, stored: Int) throws(FileError) {
    let (product, overflows) = stored.multipliedReportingOverflow(by: Archive.usualExpansion)
    let limit = overflows ? .max : product + Archive.freeBytes
    guard total <= limit else {
      throw .badArchive(
        path: path,
        reason:
          "its files become \(total) bytes, at most \(limit) are accepted of an archive of its "
          + "size; if that is right, unpack it")
    }
  }
}
