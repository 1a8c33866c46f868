import RowwiseEvaluation
import RowwiseTexts

/// What can be wrong with a file of options.
enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name's ending is none that is known.
  case unknownFormat(path: String, isFolder: Bool)
  /// The text is not what its format asks for.
  case malformed(path: String, line: Int, reason: String)
  /// A key is no option's.
  case unknownKey(path: String, line: Int, key: String, nearest: String?)
  /// A key's value is of a kind that the option does not take.
  case wrongValue(path: String, line: Int, key: String, expected: String)
  /// A range of a search space has a word in it that it does not know.
  case unknownWord(path: String, line: Int, key: String, word: String, known: [String])
  /// A search space does not say what to train on.
  case noData(path: String)
  /// Options that cannot be, or not together; where they are drawn, in which trial.
  case refused([FileOption], trial: Int?, reason: String)
  /// A folder holds no run.
  case noRun(path: String)
  /// A run is to be resumed with an option that it was not started with.
  case changedOption(path: String, key: String, expected: String, received: String)

  /// A run is to be resumed with fewer epochs than it was started with.
  case fewerEpochs(path: String, expected: Int, received: Int)

  /// What is wrong, where, and what to do about it.
  var description: String {
    switch self {
    case .unknownFormat(let path, let isFolder):
      isFolder
        ? "\(path): a folder; expected a configuration file, such as a run folder's config.json"
        : "\(path): the name of a configuration file must end in .yaml, .yml, .json or .toml"
    case .malformed(let path, let line, let reason):
      "\(path), line \(line): \(reason)"
    case .unknownKey(let path, let line, let key, let nearest):
      "\(path), line \(line): there is no option \"\(key)\""
        + (nearest.map { "; did you mean \"\($0)\"?" } ?? "; see rowwise train --help")
    case .wrongValue(let path, let line, let key, let expected):
      "\(path), line \(line): \"\(key)\" takes \(expected)"
    case .unknownWord(let path, let line, let key, let word, let known):
      "\(path), line \(line): \"\(key)\" knows no \"\(word)\"; expected "
        + known.joined(separator: ", ") + NearestWord.question(word, among: known)
    case .noData(let path):
      "\(path): it does not say what to train on; add a line such as data: digits"
    case .refused(let options, let trial, let reason):
      Self.place(options) + (trial.map { " in trial \($0)" } ?? "") + ": \(reason)"
    case .noRun(let path):
      "\(path): no run that could be resumed: there is no config.json; name a run folder"
    case .fewerEpochs(let path, let expected, let received):
      "\(path): the run was started with \(expected) epochs, not \(received); --resume goes on with "
        + "as many or with more, such as --epochs \(expected + max(1, expected / 2)); for fewer, "
        + "start a new run"
    case .changedOption(let path, let key, let expected, let received):
      "\(path): the run was started with \(key) \(expected), not \(received); a run is resumed with "
        + "its own options: leave --\(key.map { $0 == "_" ? "-" : $0 }.map(String.init).joined()) "
        + "out, or start a new run"
    }
  }

  /// Where options stand: `run.yaml, line 2, "epochs"`.
  private static func place(_ options: [FileOption]) -> String {
    let path = options.first?.path ?? ""
    let lines = Set(options.map(\.line)).subtracting([0]).sorted()
    let numbers = lines.map { "\($0)" }.joined(separator: " and ")
    let keys = options.map { "\"\($0.key)\"" }.joined(separator: " and ")
    let place = lines.isEmpty ? path : "\(path), line\(lines.count > 1 ? "s" : "") \(numbers)"
    return keys.isEmpty ? place : "\(place), \(keys)"
  }

  /// The exit status that this error ends the process with.
  var status: CommandStatus {
    switch self {
    case .noRun: .inputNotFound
    case .unknownKey, .wrongValue, .unknownWord, .noData, .refused, .changedOption,
      .fewerEpochs:
      .usage
    case .unknownFormat, .malformed: .badData
    }
  }
}
