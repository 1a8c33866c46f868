import RowwiseFiles

/// A file that a command is to write at its end.
enum OutputFile {
  /// Finds out, before any long work, whether a file could be written.
  ///
  /// - Throws: `CommandError.cannotWriteFile`.
  static func check(_ path: String) throws(CommandError) {
    do {
      try AtomicFile.check(path: path)
    } catch {
      guard case .cannotWrite(let path, let code) = error else { return }
      throw .cannotWriteFile(path: path, code: code)
    }
  }
}
