import ModelExchange

/// What the command itself finds wrong, beyond the errors of the modules below it.
enum CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An argument names nothing that exists.
  case inputNotFound(path: String)
  /// A path to read is of no use; `reason` says why.
  case unusableInput(path: String, reason: String)
  /// A glob pattern matches nothing.
  case nothingMatches(pattern: String)
  /// A folder is there and not empty, so nothing may be written over what is in it.
  case outputNotEmpty(path: String)
  /// A folder could not be created; `code` is the system's error.
  case cannotCreateFolder(path: String, code: Int32)
  /// Another process is training in a run folder.
  case runInUse(path: String)

  /// What is wrong, where, and what to do about it, in one sentence.
  var description: String {
    switch self {
    case .inputNotFound(let path):
      "\(path): no such file or folder"
    case .unusableInput(let path, let reason):
      "\(path): \(reason)"
    case .nothingMatches(let pattern):
      "\(pattern): no such file or folder, and as a pattern it matches none"
    case .outputNotEmpty(let path):
      "\(path) is not empty; name a new folder, nothing is overwritten"
    case .cannotCreateFolder(let path, let code):
      "cannot create the folder \(path): \(FileError.text(ofSystemError: code))"
    case .runInUse(let path):
      "\(path): another process is training in this folder; wait for its end or stop it, then "
        + "resume, or name a new folder"
    }
  }

  /// The exit status that this error ends the process with.
  var status: CommandStatus {
    switch self {
    case .inputNotFound, .nothingMatches: .inputNotFound
    case .unusableInput: .badData
    case .outputNotEmpty, .cannotCreateFolder, .runInUse: .cannotCreateOutput
    }
  }
}
