import Rowwise
import RowwiseFiles
import RowwiseSystem

/// What the command itself finds wrong, beyond the errors of the modules below it.
enum CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An argument names nothing that exists.
  case inputNotFound(path: String)
  /// An argument names no model.
  case modelNotFound(path: String)
  /// A path to read is of no use; `reason` says why.
  case unusableInput(path: String, reason: String)
  /// Of a command's arguments another one than the first is a model.
  case modelNotFirst(first: String, model: String, command: String)
  /// A glob pattern matches nothing; `inOtherCapitals` would match if small letters were capitals or
  /// the other way round.
  case nothingMatches(pattern: String, inOtherCapitals: String? = nil)
  /// A folder is there and not empty, so nothing may be written over what is in it.
  case outputNotEmpty(path: String)
  /// A file could not be written; `code` is the system's error.
  case cannotWriteFile(path: String, code: Int32)
  /// A folder could not be created; `code` is the system's error.
  case cannotCreateFolder(path: String, code: Int32)
  /// Another process is training in a run folder.
  case runInUse(path: String)

  /// Models that are to answer together name other classes; `paths` are those of the models.
  static func differentClasses(_ error: EnsembleError, of paths: [String]) -> CommandError {
    switch error {
    case .classesDiffer(let member, _, _):
      .unusableInput(
        path: paths[member],
        reason:
          "against \(paths[0]) it \(error.difference); models that answer together name the same "
          + "classes: leave it out, or train it again with these")
    }
  }

  /// A folder among the images cannot be read.
  static func unreadableFolder(_ error: FileError) -> CommandError {
    .unusableInput(path: error.path, reason: "this folder cannot be read")
  }

  /// What is wrong, where, and what to do about it, in one sentence.
  var description: String {
    switch self {
    case .inputNotFound(let path):
      "\(path): no such file or folder"
    case .modelNotFound(let path):
      "\(path): no such file or folder; expected a model file, or a run folder of rowwise train"
    case .unusableInput(let path, let reason):
      "\(path): \(reason)"
    case .modelNotFirst(let first, let model, let command):
      "\(first) is no model, but \(model) is one, and the model comes first: rowwise \(command) "
        + "\(model) \(first)"
    case .nothingMatches(let pattern, let other):
      "\(pattern): no such file or folder, and as a pattern it matches none"
        + (other.map { "; but for capital letters it would match \($0)" } ?? "")
    case .outputNotEmpty(let path):
      "\(path) is not empty; name a new folder, nothing is overwritten"
    case .cannotWriteFile(let path, let code):
      "cannot write \(path.isEmpty ? "a file without a name" : path): "
        + Self.advice(path: path, code: code)
    case .cannotCreateFolder(let path, let code):
      path.isEmpty
        ? "cannot create a folder without a name: name the folder"
        : "cannot create the folder \(path): \(FileError.text(ofSystemError: code)); name another one"
    case .runInUse(let path):
      "\(path): another process is training in this folder; wait for its end or stop it, then "
        + "resume, or name a new folder"
    }
  }

  /// Why a file cannot be written, and what to do about it.
  private static func advice(path: String, code: Int32) -> String {
    let folder = FileSystem.folder(of: path)
    return switch code {
    case EISDIR: "it is a folder; name a file in it"
    case ENOENT where path.isEmpty: "name the file"
    case ENOENT where FileKind(path: folder) == nil:
      "there is no folder \(folder); make it, or name a file in another one"
    case ENOSPC, EDQUOT:
      "\(FileError.text(ofSystemError: code)); make room, or name a file on another disk"
    case ENAMETOOLONG: "its name is too long; name another file"
    case ENOTDIR: "\(folder) is no folder; name a file in another one"
    default:
      "\(FileError.text(ofSystemError: code)); make the folder \(folder) one that can be written "
        + "in, or name a file in another one"
    }
  }

  /// The exit status that this error ends the process with.
  var status: CommandStatus {
    switch self {
    case .modelNotFirst: .usage
    case .inputNotFound, .modelNotFound, .nothingMatches: .inputNotFound
    case .unusableInput: .badData
    case .cannotWriteFile(_, let code), .cannotCreateFolder(_, let code):
      [EMFILE, ENFILE, ENOMEM].contains(code) ? .systemLacks : .cannotCreateOutput
    case .outputNotEmpty, .runInUse: .cannotCreateOutput
    }
  }
}
