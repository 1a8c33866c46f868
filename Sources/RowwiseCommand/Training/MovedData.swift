import Rowwise
import RowwiseFiles

/// The data of a run that goes on, which may lie elsewhere than when it was begun.
enum MovedData {
  /// Where the data are: at the path itself, or at the same path seen from where the run was begun, which
  /// is the folder above the run's, or the one above that for `runs/NAME`.
  static func path(_ argument: String, resuming folder: String?) -> String {
    guard let folder, !argument.isEmpty, !argument.hasPrefix("/"), FileKind(path: argument) == nil
    else { return argument }
    let run = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let above = FileSystem.folder(of: run)
    for start in [above, FileSystem.folder(of: above)] {
      let path = FileSystem.join(start, argument)
      if FileKind(path: path) != nil { return path }
    }
    return argument
  }

  /// Throws where data are others than those that a run was begun with, also where it has no checkpoint
  /// yet.
  ///
  /// - Throws: `CheckpointError.otherData`.
  static func check(_ fingerprint: String, ofRun folder: String) throws {
    let file = try ArgumentExpansion.configuration(ofRun: folder)
    guard let entry = file.entries.first(where: { $0.key == "data_fingerprint" }),
      case .text(let known) = entry.value, known != fingerprint
    else { return }
    throw CheckpointError.otherData(path: folder, expected: known, received: fingerprint)
  }
}
