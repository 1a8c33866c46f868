#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Paths of files beside others.
enum SiblingPath {
  /// The path of `name` in the folder that the file at `path` is in.
  static func of(_ name: String, besides path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }

  /// The folder that the file at `path` is in; "." where the path names none.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// What a path leads to, symbolic links followed.
struct FileKind: Sendable, Equatable {
  /// A folder's or file's identity, the same by whatever path it is reached.
  struct Identity: Sendable, Hashable {
    fileprivate let device: UInt64
    fileprivate let number: UInt64
  }

  /// Whether it is a folder; if not, it is a file, a pipe or a device.
  let isFolder: Bool
  /// Whether it is a pipe, a socket or a device.
  let isSpecial: Bool
  /// Tells one folder from another.
  let identity: Identity

  /// Looks at `path`; nil where there is nothing, or nothing that may be seen.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    isSpecial = !isFolder && status.st_mode & S_IFMT != S_IFREG
    identity = Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev),
      number: UInt64(truncatingIfNeeded: status.st_ino))
  }
}
