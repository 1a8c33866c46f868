/// A command line in which `--config FILE` and `--resume FOLDER` also stand for the options of their
/// file, before all others, so that others win.
struct ArgumentExpansion: Sendable, Equatable {
  /// The command line to parse.
  let arguments: [String]
  /// Where an option came from.
  private var origins: [String: (path: String, line: Int)] = [:]

  static func == (left: ArgumentExpansion, right: ArgumentExpansion) -> Bool {
    left.arguments == right.arguments
  }

  /// Keys of `config.json` that tell about a run and are no options.
  static let informative: Set<String> = ["version", "data_fingerprint", "instruction_set"]

  /// Reads the files that a command line names, where it is one of `train`.
  ///
  /// - Throws: `ConfigurationError`; `FileError` where a file cannot be read.
  init(_ arguments: [String]) throws {
    guard arguments.first == "train" else {
      self.arguments = arguments
      return
    }
    let rest = Array(arguments.dropFirst())
    var options: [String] = []
    var origins: [String: (path: String, line: Int)] = [:]
    var files: [ConfigurationFile] = []
    if let path = Self.value(of: "--config", in: rest) {
      files.append(try ConfigurationFile(path: path))
    }
    if let folder = Self.value(of: "--resume", in: rest) {
      files.append(try Self.configuration(ofRun: folder))
    }
    for file in files {
      for entry in file.entries where !Self.informative.contains(entry.key) {
        guard let argument = try Self.argument(entry, file.path) else { continue }
        options.append(argument)
        origins[Self.option(entry.key)] = (file.path, entry.line)
      }
    }
    self.arguments = ["train"] + options + rest
    self.origins = origins
  }

  /// The options that a run was started with.
  ///
  /// - Throws: `ConfigurationError.noRun` where the folder holds none.
  static func configuration(ofRun folder: String) throws -> ConfigurationFile {
    let path = folder.hasSuffix("/") ? "\(folder)config.json" : "\(folder)/config.json"
    guard FileKind(path: path) != nil else { throw ConfigurationError.noRun(path: folder) }
    return try ConfigurationFile(path: path)
  }

  /// The command line of a file's options alone.
  static func arguments(of file: ConfigurationFile) throws(ConfigurationError) -> [String] {
    var arguments: [String] = []
    for entry in file.entries where !informative.contains(entry.key) {
      if let argument = try argument(entry, file.path) { arguments.append(argument) }
    }
    return arguments
  }

  /// Adds to an error that comes from a file's option where the option stands.
  func located(_ failure: CommandFailure) -> CommandFailure {
    for (option, origin) in origins.sorted(by: { $0.key.count > $1.key.count })
    // Errors of the parser name an option as it is written.
    where failure.message.hasSuffix("--help)") && failure.message.contains(option) {
      return CommandFailure(
        message: "\(origin.path), line \(origin.line): \(failure.message)", status: .usage)
    }
    return failure
  }

  private static func value(of option: String, in arguments: [String]) -> String? {
    var found: String?
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { break }
      if argument == option, index + 1 < arguments.count { found = arguments[index + 1] }
      if argument.hasPrefix(option + "=") { found = String(argument.dropFirst(option.count + 1)) }
    }
    return found
  }

  private static func option(_ key: String) -> String {
    "--" + key.map { $0 == "_" ? "-" : String($0) }.joined()
  }

  /// An entry as an argument; nil where it says nothing.
  private static func argument(
    _ entry: ConfigurationFile.Entry, _ path: String
  ) throws(ConfigurationError) -> String? {
    let key = entry.key.map { $0 == "-" ? "_" : String($0) }.joined()
    let known = TrainCommand.configurationKeys
    guard known.contains(key) else {
      throw .unknownKey(
        path: path, line: entry.line, key: entry.key,
        nearest: NearestWord.find(key, among: known))
    }
    let isFlag = TrainCommand.flagKeys.contains(key)
    switch entry.value {
    case .null: return nil
    case .bool(let value) where isFlag: return value ? option(key) : nil
    case .bool:
      throw .wrongValue(path: path, line: entry.line, key: entry.key, expected: "a value")
    case .text where isFlag:
      throw .wrongValue(path: path, line: entry.line, key: entry.key, expected: "true or false")
    case .text(let text): return "\(option(key))=\(text)"
    case .list(let values):
      let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
      guard texts.count == values.count, !isFlag else { fallthrough }
      return "\(option(key))=\(texts.joined(separator: ","))"
    case .table:
      throw .wrongValue(path: path, line: entry.line, key: entry.key, expected: "a single value")
    }
  }
}
