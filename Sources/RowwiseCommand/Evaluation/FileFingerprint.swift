import RowwiseFiles

/// A hash of a file's bytes, by which a report says which model it is about.
enum FileFingerprint {
  /// `xxh64:` and 16 hexadecimal digits; the same bytes give the same.
  ///
  /// - Throws: `FileError`.
  static func text(ofFileAt path: String) throws(FileError) -> String {
    let bytes = try InputFile.bytes(path: path)
    var hash = XXHash64()
    bytes.withUnsafeBytes { hash.update($0) }
    return XXHash64.text(hash.value)
  }
}
