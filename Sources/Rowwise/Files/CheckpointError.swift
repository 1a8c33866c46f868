/// What can be wrong with a training run's checkpoints.
public enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is no checkpoint, or a damaged one; `reason` says how.
  case unreadable(path: String, reason: String)
  /// Written by a later version.
  case unknownVersion(path: String, version: Int, known: Int)
  /// The training data are not those that the run was started with.
  case otherData(path: String, expected: String, received: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): not a checkpoint that can be used: \(reason)"
    case .unknownVersion(let path, let version, let known):
      "\(path): checkpoint format \(version) is newer than this program's \(known); update rowwise"
    case .otherData(let path, let expected, let received):
      "\(path): the run was started with other data (fingerprint \(expected), now \(received)); "
        + "bring the old data back, or start a new run"
    }
  }
}
