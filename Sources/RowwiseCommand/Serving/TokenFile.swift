import RowwiseFiles

/// The word that requests have to show.
enum TokenFile {
  /// Bytes of a token.
  private static let length = 16...4096

  /// The word in a file, without white space around it.
  ///
  /// - Throws: `FileError`; `CommandError.unusableInput` where it is no such word.
  static func read(_ path: String) throws -> String {
    let file = try RegularFile(path: path)
    let bytes = try file.prefix(length.upperBound + 2)
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    let word = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    guard length.contains(word.count), word.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw CommandError.unusableInput(
        path: path,
        reason: "no token: expected one word of \(length.lowerBound) to \(length.upperBound) "
          + "letters, digits and signs, such as openssl rand -hex 32 prints")
    }
    return String(decoding: word, as: UTF8.self)
  }
}
