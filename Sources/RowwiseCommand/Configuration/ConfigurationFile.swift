import RowwiseFiles
import RowwiseSystem
import TOMLKit

/// A file of options: keys with values, in YAML, JSON or TOML by the name's ending.
struct ConfigurationFile: Sendable, Equatable {
  /// What stands behind a key.
  indirect enum Value: Sendable, Equatable {
    /// `null`: as if the key were not there.
    case null
    case bool(Bool)
    /// A number or a text, as it is written.
    case text(String)
    case list([Value])
    case table([Entry])

    /// The same without the lines of inner keys, which are not those of the file.
    fileprivate var withoutLines: Value {
      guard case .table(let entries) = self else { return self }
      return .table(entries.map { Entry(key: $0.key, line: 0, value: $0.value.withoutLines) })
    }
  }

  /// A key with its value.
  struct Entry: Sendable, Equatable {
    let key: String
    /// From 1; 0 where it is not known.
    let line: Int
    let value: Value
  }

  /// Where it is.
  let path: String
  /// In the order of the file, of TOML by name.
  let entries: [Entry]

  /// The endings that tell the format.
  static let endings = ["yaml", "yml", "json", "toml"]

  /// Options that come from elsewhere; `path` is a name for errors.
  init(path: String, entries: [Entry]) {
    self.path = path
    self.entries = entries
  }

  /// Reads a file, or a pipe, which is YAML (and so JSON) where its name does not say otherwise.
  ///
  /// - Throws: `ConfigurationError`; `FileError` where it cannot be read.
  init(path: String) throws {
    let kind = FileKind(path: path)
    let isPipe = InputPipe.isPipe(path: path)
    if kind?.isSpecial == true, !isPipe { throw FileError.cannotRead(path: path, code: ESPIPE) }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard isPipe || Self.endings.contains(ending) else {
      throw ConfigurationError.unknownFormat(path: path, isFolder: kind?.isFolder == true)
    }
    let bytes =
      try isPipe
      ? InputPipe.bytes(path: path, atMost: ConfigurationBounds.bytes)
      : InputFile.bytes(path: path, atMost: ConfigurationBounds.bytes)
    guard !isPipe || !bytes.isEmpty else {
      throw ConfigurationError.malformed(
        path: path, line: 1, reason: "a pipe through which nothing came; expected a few options")
    }
    guard bytes.count <= ConfigurationBounds.bytes else {
      throw ConfigurationBounds.tooLong(path: path)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError.malformed(path: path, line: 1, reason: "it is not UTF-8 text")
    }
    try self.init(text: text, path: path, isTOML: ending == "toml")
  }

  /// Reads a text.
  ///
  /// - Parameter path: a name for errors.
  init(text: String, path: String, isTOML: Bool = false) throws(ConfigurationError) {
    self.path = path
    try ConfigurationBounds.check(text, path: path, isTOML: isTOML)
    // JSON is YAML, and what TOML says can be said in JSON.
    let yaml = isTOML ? try Self.json(ofTOML: text, path) : text
    guard let root = try YAMLReader.root(of: yaml, path: path) else {
      throw .malformed(path: path, line: 1, reason: "it is empty")
    }
    var budget = ConfigurationBounds.Budget()
    guard case .table(let entries) = try Self.value(root, path, &budget) else {
      throw .malformed(path: path, line: 1, reason: "expected keys with values")
    }
    self.entries = try entries.map { entry throws(ConfigurationError) in
      isTOML
        ? Entry(
          key: entry.key, line: Self.line(of: entry.key, in: text) ?? 0,
          value: entry.value.withoutLines)
        : entry
    }
  }

  private static func value(
    _ node: YAMLNode, _ path: String, _ budget: inout ConfigurationBounds.Budget
  ) throws(ConfigurationError) -> Value {
    try budget.take(node.line, path: path)
    switch node.content {
    case .scalar(let text, let isPlain):
      guard isPlain else { return .text(text) }
      switch text {
      case "null", "Null", "NULL", "~", "": return .null
      case "true", "True", "TRUE": return .bool(true)
      case "false", "False", "FALSE": return .bool(false)
      default: return .text(text)
      }
    case .sequence(let nodes):
      var values: [Value] = []
      for node in nodes { values.append(try value(node, path, &budget)) }
      return .list(values)
    case .mapping(let pairs):
      var entries: [Entry] = []
      for (key, node) in pairs {
        guard case .scalar(let name, _) = key.content else {
          throw .malformed(path: path, line: key.line, reason: "a key must be a word")
        }
        entries.append(Entry(key: name, line: key.line, value: try value(node, path, &budget)))
      }
      return .table(entries)
    }
  }

  private static func json(
    ofTOML text: String, _ path: String
  ) throws(ConfigurationError) -> String {
    if let (line, reason) = TOMLCheck.problem(of: text) {
      throw .malformed(path: path, line: line, reason: reason)
    }
    do {
      return try TOMLTable(string: text).convert(to: .json)
    } catch let error as TOMLParseError {
      throw .malformed(
        path: path, line: Int(error.source.begin.line), reason: error.description)
    } catch {
      throw .malformed(path: path, line: 1, reason: "it is no TOML")
    }
  }

  /// The first line that begins with a key, from 1; the reader of TOML does not tell.
  private static func line(of key: String, in text: String) -> Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.firstIndex { line in
      let start = line.drop { " \t[{\"'".contains($0) }
      return start.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" } == key
    }.map { $0 + 1 }
  }
}
