/// How much a file of options may be, so that a small one cannot stand for a huge one.
///
/// YAML lets a value be repeated by its name, `*name`, also within values that are repeated
/// themselves: 24 such names stand for at most 3⁸ = 6,561 times a text.
enum ConfigurationBounds {
  /// The greatest length of a file, bytes.
  static let bytes = 1 << 20
  /// The most aliases in a YAML file.
  static let aliases = 24
  /// The most lists and tables of YAML within each other, with those repeated by aliases: who walks through
  /// them calls itself as often.
  static let depth = 1_000
  /// The most values, keys included, with those repeated by aliases.
  static let values = 20_000
  /// The most parts of a TOML key, which stand for as many tables.
  static let keyParts = 64

  /// Throws where a text is too much for its reader.
  ///
  /// - Parameter path: a name for errors.
  static func check(
    _ text: String, path: String, isTOML: Bool
  ) throws(ConfigurationError) {
    guard text.utf8.count <= bytes else { throw tooLong(path: path) }
    var line = 1
    var count = 0
    var before = UInt8(ascii: "\n")
    for byte in text.utf8 {
      // An alias begins a value; a star within a word or a quotation is none.
      if isTOML, byte == UInt8(ascii: "=") || byte == UInt8(ascii: "\n") { count = 0 }
      if isTOML ? byte == UInt8(ascii: ".") : isAlias(byte, before) { count += 1 }
      guard count <= (isTOML ? keyParts : aliases) else {
        throw .malformed(
          path: path, line: line,
          reason: isTOML
            ? "more than \(keyParts) points in a key or value"
            : "more than \(aliases) aliases; write the values out")
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      before = byte
    }
  }

  static func tooLong(path: String) -> ConfigurationError {
    .malformed(path: path, line: 1, reason: "longer than \(bytes) bytes; expected a few options")
  }

  private static func isAlias(_ byte: UInt8, _ before: UInt8) -> Bool {
    byte == UInt8(ascii: "*") && " \t\r\n,[{:-?".utf8.contains(before)
  }

  /// Counts values.
  struct Budget {
    private var left = values

    /// Throws where there is one too many.
    mutating func take(_ line: Int, path: String) throws(ConfigurationError) {
      left -= 1
      guard left >= 0 else {
        throw .malformed(
          path: path, line: line,
          reason: "more than \(values) values, those that aliases repeat included")
      }
    }
  }
}
