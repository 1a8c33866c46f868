/// Reads files that fit in memory.
package enum SmallFile {
  /// The bytes of a file.
  ///
  /// - Throws: `FileError`.
  package static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try InputFile(path: path)
    return try file.next(file.byteCount)
  }
}
