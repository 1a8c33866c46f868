import DatasetLoading

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// All files of a folder and the folders below it, in natural order, hidden ones left out.
enum ImageTree {
  /// The paths of files, each beginning with `folder`.
  ///
  /// - Throws: `CommandError.unusableInput` for a folder that cannot be read.
  static func files(in folder: String) throws(CommandError) -> [String] {
    var visited: Set<FileKind.Identity> = []
    var files: [String] = []
    try append(folder, &files, &visited)
    return files
  }

  /// Adds a folder's files; each folder is entered once, so that links in a circle end.
  private static func append(
    _ folder: String, _ files: inout [String], _ visited: inout Set<FileKind.Identity>
  ) throws(CommandError) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw .unusableInput(path: folder, reason: "this folder cannot be read")
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for name in NaturalKey.sorted(names.filter { !$0.hasPrefix(".") }) {
      let path = prefix + name
      guard let kind = FileKind(path: path) else {
        // A link that leads nowhere: reading it says so.
        files.append(path)
        continue
      }
      if !kind.isFolder {
        files.append(path)
      } else if visited.insert(kind.identity).inserted {
        try append(path, &files, &visited)
      }
    }
  }
}
