import RowwiseFiles

/// A hash of a file's bytes, by which a report says which model it is about.
enum FileFingerprint {
  /// `xxh64:` and 16 hexadecimal digits; the same bytes give the same.
  ///
  /// - Throws: `FileError`.
  static func text(ofFileAt path: String) throws(FileError) -> String {
    try text(ofFilesAt: [path])
  }

  /// The same of several files' bytes, one behind the other.
  ///
  /// - Throws: `FileError`.
  static func text(ofFilesAt paths: [String]) throws(FileError) -> String {
    var hash = XXHash64()
    for path in paths {
      let bytes = try InputFile.bytes(path: path)
      bytes.withUnsafeBytes { hash.update($0) }
    }
    return XXHash64.text(hash.value)
  }
}
