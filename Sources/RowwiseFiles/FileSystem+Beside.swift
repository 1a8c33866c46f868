import RowwiseSystem

extension FileSystem {
  /// Where a path leads that one file says of another.
  package enum Beside: Sendable, Equatable {
    /// To this path in the file's folder, or below it.
    case inside(String)
    /// Out of the folder; words that say why.
    case outside(reason: String)
  }

  /// The path that `name` has in the folder that the file at `path` is in.
  ///
  /// Names come from files of others. So none may leave the folder: absolute ones do, those with "..",
  /// and links that lead out of it. Where there is nothing, the path is still given.
  package static func path(of name: String, inFolderOf path: String) -> Beside {
    guard !name.isEmpty else { return .outside(reason: "which is no name") }
    guard !name.utf8.contains(0) else { return .outside(reason: "which holds a zero byte") }
    guard !name.hasPrefix("/") else { return .outside(reason: "an absolute path") }
    guard !name.split(separator: "/").contains("..") else {
      return .outside(reason: "a path with \"..\"")
    }
    let full = sibling(name, besides: path)
    // Links are left out of archives.
    guard !Archives.holds(full) else { return .inside(full) }
    guard let file = SystemPath.resolved(full),
      let folder = SystemPath.resolved(folder(of: path))
    else {
      return .inside(full)
    }
    guard file == folder || file.hasPrefix(folder == "/" ? "/" : folder + "/") else {
      return .outside(reason: "a link that leads out of the folder")
    }
    return .inside(file)
  }
}
