import Evaluation

/// What can be wrong with a file of options.
enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name's ending is none that is known.
  case unknownFormat(path: String)
  /// The text is not what its format asks for.
  case malformed(path: String, line: Int, reason: String)
  /// A key is no option's.
  case unknownKey(path: String, line: Int, key: String, nearest: String?)
  /// A key's value is of a kind that the option does not take.
  case wrongValue(path: String, line: Int, key: String, expected: String)
  /// A folder holds no run.
  case noRun(path: String)
  /// A run is to be resumed with an option that it was not started with.
  case changedOption(path: String, key: String, expected: String, received: String)

  /// What is wrong, where, and what to do about it.
  var description: String {
    switch self {
    case .unknownFormat(let path):
      "\(path): the name of a configuration file must end in .yaml, .yml, .json or .toml"
    case .malformed(let path, let line, let reason):
      "\(path), line \(line): \(reason)"
    case .unknownKey(let path, let line, let key, let nearest):
      "\(path), line \(line): there is no option \"\(key)\""
        + (nearest.map { "; did you mean \"\($0)\"?" } ?? "; see rowwise train --help")
    case .wrongValue(let path, let line, let key, let expected):
      "\(path), line \(line): \"\(key)\" takes \(expected)"
    case .noRun(let path):
      "\(path): no run that could be resumed: there is no config.json; name a run folder"
    case .changedOption(let path, let key, let expected, let received):
      "\(path): the run was started with \(key) \(expected), not \(received); a run is resumed with "
        + "its own options: leave --\(key.map { $0 == "_" ? "-" : $0 }.map(String.init).joined()) "
        + "out, or start a new run"
    }
  }

  /// The exit status that this error ends the process with.
  var status: CommandStatus {
    switch self {
    case .noRun: .inputNotFound
    case .unknownKey, .wrongValue, .changedOption: .usage
    case .unknownFormat, .malformed: .badData
    }
  }
}
