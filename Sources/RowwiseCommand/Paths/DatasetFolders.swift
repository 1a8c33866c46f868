import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseSystem

/// Where data sets are looked for by name.
enum DatasetFolders {
  /// `Datasets` in the current folder, the user's cache, what was installed with the command, the
  /// system's data sets.
  static var ofProcess: [String] {
    func value(_ name: String) -> String? {
      guard let text = getenv(name).map({ String(cString: $0) }), !text.isEmpty else { return nil }
      return text
    }
    let installed = ExecutablePath.ofProcess.map { installedFolder(besides: $0) }
    return folders(
      cacheHome: value("XDG_CACHE_HOME"), home: value("HOME"),
      installed: installed.flatMap { FileKind(path: $0)?.isFolder == true ? $0 : nil })
  }

  /// - Parameters:
  ///   - cacheHome: `XDG_CACHE_HOME` (XDG Base Directory Specification), nil where it is not set.
  ///   - home: the user's folder, nil where it is unknown.
  ///   - installed: the folder of `make install`, nil where there is none.
  static func folders(cacheHome: String?, home: String?, installed: String? = nil) -> [String] {
    var folders = DatasetLoader.defaultFolders
    if let cache = cacheHome ?? home.map({ $0 + "/.cache" }) {
      folders.insert(cache + "/rowwise/datasets", at: 1)
    }
    if let installed { folders.insert(installed, at: folders.count - 1) }
    return folders
  }

  /// Where `make install` puts data sets for the command at a path: `PREFIX/share/rowwise/datasets` for
  /// `PREFIX/bin/rowwise`.
  static func installedFolder(besides executable: String) -> String {
    let prefix = FileSystem.folder(of: FileSystem.folder(of: executable))
    return (prefix == "/" ? "" : prefix) + "/share/rowwise/datasets"
  }
}
