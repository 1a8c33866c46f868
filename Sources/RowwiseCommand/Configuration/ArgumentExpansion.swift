import ArgumentParser
import RowwiseFiles
import RowwiseTexts

/// A command line in which `--config FILE` and `--resume FOLDER` also stand for the options of their
/// file, before all others, so that others win.
struct ArgumentExpansion: Sendable, Equatable {
  /// The command line to parse.
  let arguments: [String]
  /// What of it files say.
  private let options: [FileOption]
  /// What of it was given.
  private let rest: [String]

  /// Keys of `config.json` that tell about a run and are no options.
  static let informative: Set<String> = ["version", "data_fingerprint", "instruction_set"]

  /// Options that only a command line can have.
  private static let never: Set<String> = ["config", "resume", "find_learning_rate"]

  /// Options that go with some values of another option only. Where the command line changes that
  /// one, what the file says of them is out of place.
  private static let dependent: [(option: String, others: Set<Substring>)] = [
    ("--optimizer", ["momentum", "nesterov", "weight-decay"]),
    ("--schedule", ["schedule-epochs", "schedule-factor", "schedule-patience", "schedule-floor"]),
    ("--validation", ["validation-split", "split-seed"]), ("--validation-split", ["validation"]),
    ("--folds", ["validation", "validation-split"]),
  ]

  /// The greatest length of an argument, bytes: a thousand layers, or names of ten thousand classes.
  static let longestArgument = 1 << 16

  /// Throws where an argument is longer than any that makes sense; the parser would take minutes.
  private static func checkLengths(_ arguments: [String]) throws {
    for argument in arguments where argument.utf8.count > longestArgument {
      throw CommandFailure(
        message: "an argument of \(argument.utf8.count) bytes, at most \(longestArgument) are "
          + "accepted; it begins with \(String(argument.prefix(40)))",
        status: .usage)
    }
  }

  /// Reads the files that a command line names, where it is one of `train`.
  ///
  /// - Throws: `ConfigurationError`; `FileError` where a file cannot be read.
  init(_ arguments: [String]) throws {
    try Self.checkLengths(arguments)
    let arguments = NegativeValues.joined(arguments)
    var options: [FileOption] = []
    if arguments.first == "train" {
      if let path = Self.value(of: "--config", in: arguments) {
        options += try Self.options(of: ConfigurationFile(path: path))
      }
      if let folder = Self.value(of: "--resume", in: arguments) {
        options += try Self.options(of: Self.configuration(ofRun: folder))
      }
    }
    try self.init(arguments, options: options)
  }

  /// Puts the options of files before those of a command line.
  ///
  /// - Throws: `CommandFailure` where one of them is too long.
  init(_ arguments: [String], options: [FileOption]) throws {
    let options = Self.fitting(options, to: arguments)
    try Self.checkLengths(options.map(\.argument))
    self.options = options
    rest = Array(arguments.dropFirst())
    self.arguments = Array(arguments.prefix(1)) + options.map(\.argument) + rest
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
    try options(of: file).map(\.argument)
  }

  /// The options that a file sets.
  static func options(of file: ConfigurationFile) throws(ConfigurationError) -> [FileOption] {
    var options: [FileOption] = []
    let keys = Set(file.entries.map(\.key))
    if keys.contains("version"), !keys.contains("recipe") {
      // Runs of 0.1.0, which had one recipe.
      options.append(
        FileOption(path: file.path, line: 1, key: "recipe", argument: "--recipe=keras"))
    }
    for entry in file.entries where !informative.contains(entry.key) {
      guard let argument = try argument(entry, file.path) else { continue }
      options.append(
        FileOption(path: file.path, line: entry.line, key: entry.key, argument: argument))
    }
    return options
  }

  /// Adds to an error of parsing that comes from a file's options where they stand.
  func located(_ failure: CommandFailure) -> CommandFailure {
    guard failure.status == .usage, !options.isEmpty else { return failure }
    func text(_ options: [FileOption]) -> String? {
      do {
        _ = try RowwiseCommand.parseAsRoot(["train"] + options.map(\.argument) + rest)
        return nil
      } catch {
        return CommandFailure(error, arguments: ["train"]).message
      }
    }
    // What comes out later than the parsing says itself what it is about.
    guard text(options) == failure.message else { return failure }
    // Where the command line alone fails so, none is to blame; that is found without trying each.
    guard text(options.filter { $0.name == "data" }) != failure.message else { return failure }
    let guilty = FileOption.guilty(among: options, of: failure.message, failure: text)
    guard !guilty.isEmpty else { return failure }
    return CommandFailure(ConfigurationError.refused(guilty, trial: nil, reason: failure.message))
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

  /// A file's options without those that the command line makes pointless.
  private static func fitting(_ options: [FileOption], to arguments: [String]) -> [FileOption] {
    var left = options
    for (option, others) in dependent {
      guard let given = value(of: option, in: arguments),
        !options.contains(where: { $0.argument == "\(option)=\(given)" })
      else { continue }
      left.removeAll { others.contains($0.name) }
    }
    return left
  }

  private static func option(_ key: String) -> String {
    "--" + key.map { $0 == "_" ? "-" : String($0) }.joined()
  }

  /// An entry as an argument; nil where it says nothing.
  private static func argument(
    _ entry: ConfigurationFile.Entry, _ path: String
  ) throws(ConfigurationError) -> String? {
    let key = entry.key.map { $0 == "-" ? "_" : String($0) }.joined()
    func wrong(_ expected: String) -> ConfigurationError {
      .wrongValue(path: path, line: entry.line, key: entry.key, expected: expected)
    }
    guard !never.contains(key) else {
      throw wrong("no value in a file; give \(option(key)) on the command line")
    }
    let known = TrainCommand.configurationKeys
    guard known.contains(key) else {
      throw .unknownKey(
        path: path, line: entry.line, key: entry.key,
        nearest: ForeignWord.key(key, among: known) ?? NearestWord.find(key, among: known))
    }
    let isFlag = TrainCommand.flagKeys.contains(key)
    switch entry.value {
    case .null: return nil
    case .bool(let value) where TrainCommand.invertibleFlagKeys.contains(key):
      return option(value ? key : "no_\(key)")
    case .bool(let value) where isFlag: return value ? option(key) : nil
    case .bool(let value): throw wrong("a value, not \(value)")
    case .text where isFlag: throw wrong("true or false, without quotes")
    case .text(let text): return "\(option(key))=\(text)"
    case .list(let values):
      let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
      guard texts.count == values.count, !isFlag else { fallthrough }
      return "\(option(key))=\(texts.joined(separator: ","))"
    case .table: throw wrong(isFlag ? "true or false" : "a value or a list of values")
    }
  }
}
