import RowwiseSystem

/// What a path leads to, symbolic links followed.
package struct FileKind: Sendable, Equatable {
  /// Kinds that are told apart.
  package enum Kind: Sendable {
    /// A regular file.
    case file
    /// A folder.
    case folder
    /// A pipe, a socket or a device.
    case other
    /// A symbolic link that leads nowhere.
    case dangling
  }

  /// What makes a file or folder itself, whatever path leads to it.
  package struct Identity: Sendable, Hashable {
    fileprivate let device: UInt64
    fileprivate let number: UInt64
  }

  /// What it is; never dangling.
  package let kind: Kind
  /// Bytes of a file.
  package let size: Int
  /// Tells one folder from another.
  package let identity: Identity

  /// Whether it is a folder; if not, it is a file, a pipe or a device.
  package var isFolder: Bool { kind == .folder }

  /// Whether it is a pipe, a socket or a device.
  package var isSpecial: Bool { kind == .other }

  /// Looks at `path`; nil where there is nothing, or nothing that may be seen. A mounted archive is a
  /// folder.
  package init?(path: String) {
    if let (archive, inner) = Archives.find(path) {
      guard let found = archive.kind(inner) else { return nil }
      kind = found.isFolder ? .folder : .file
      size = found.size
      // Links are left out of archives, so that paths tell members apart.
      var hash = XXHash64()
      hash.update(path)
      identity = Identity(device: .max, number: hash.value)
      return
    }
    var status = stat()
    guard SystemPath.stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    size = Int(status.st_size)
    identity = Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev),
      number: UInt64(truncatingIfNeeded: status.st_ino))
  }
}
