import RowwiseFiles

/// All files of a folder and the folders below it, in natural order, hidden ones left out.
enum ImageTree {
  /// The paths of files, each beginning with `folder`; links that lead nowhere are among them, since
  /// reading them says so.
  ///
  /// - Throws: `CommandError.unusableInput` for a folder that cannot be read.
  static func files(in folder: String) throws(CommandError) -> [String] {
    var files: [String] = []
    do throws(FileError) {
      try FileSystem.forEachFile(below: folder) { path, _ in files.append(path) }
    } catch {
      throw .unreadableFolder(error)
    }
    return files
  }
}
