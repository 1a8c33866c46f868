import DatasetLoading

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where data sets are looked for by name.
enum DatasetFolders {
  /// `Datasets` in the current folder, the user's cache, the system's data sets.
  static var ofProcess: [String] {
    func value(_ name: String) -> String? {
      guard let text = getenv(name).map({ String(cString: $0) }), !text.isEmpty else { return nil }
      return text
    }
    return folders(cacheHome: value("XDG_CACHE_HOME"), home: value("HOME"))
  }

  /// - Parameters:
  ///   - cacheHome: `XDG_CACHE_HOME` (XDG Base Directory Specification), nil where it is not set.
  ///   - home: the user's folder, nil where it is unknown.
  static func folders(cacheHome: String?, home: String?) -> [String] {
    var folders = DatasetLoader.defaultFolders
    if let cache = cacheHome ?? home.map({ $0 + "/.cache" }) {
      folders.insert(cache + "/rowwise/datasets", at: 1)
    }
    return folders
  }
}
