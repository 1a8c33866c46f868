import RowwiseFiles

/// The folder with a run's newest checkpoints, the last two.
///
/// A file is complete under its name or not there, whatever ends the process; only when the newer
/// one is there an older one is removed.
public struct CheckpointFolder: Sendable {
  /// Where it is.
  public let path: String

  /// How many files are kept.
  static let kept = 2

  /// Names a folder, which need not be there yet.
  public init(path: String) { self.path = path }

  /// Writes a checkpoint, named for the number of changes that the weights have seen.
  ///
  /// - Throws: as `RunCheckpoint.write(toPath:)`; `FileError` where the folder cannot be made.
  public func write(_ checkpoint: RunCheckpoint) throws {
    // Where it cannot be made the write below says what is wrong with it.
    FileSystem.makeFolders(path)
    try checkpoint.write(toPath: file(for: checkpoint))
    for old in names.dropLast(Self.kept) {
      SystemPath.unlink("\(path)/\(old)")
    }
  }

  /// The newest checkpoint that can be read, or nil where there is none.
  ///
  /// - Parameter warn: told of every newer one that is damaged.
  /// - Throws: `CheckpointError`, `FileError`: that of the newest, where none can be read.
  public func newest(warn: (String) -> Void = { _ in }) throws -> RunCheckpoint? {
    var errors: [any Error] = []
    for name in names.reversed() {
      do {
        let checkpoint = try RunCheckpoint(path: "\(path)/\(name)")
        for error in errors { warn("\(error)") }
        return checkpoint
      } catch {
        errors.append(error)
      }
    }
    if let first = errors.first { throw first }
    return nil
  }

  /// Removes what a killed process has left half-written.
  ///
  /// Nobody else may be writing there.
  public func removeLeftovers() { AtomicFile.removeLeftovers(in: path, isAlone: true) }

  /// The checkpoints' names, oldest first.
  private var names: [String] {
    ((try? FileSystem.names(in: path)) ?? [])
      .filter { $0.hasPrefix(Self.prefix) && $0.hasSuffix(Self.suffix) }
      .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  private static let prefix = "step-"
  private static let suffix = ".safetensors"

  private func file(for checkpoint: RunCheckpoint) -> String {
    let number = String(checkpoint.training.state.updates)
    let padding = String(repeating: "0", count: max(0, 8 - number.count))
    return "\(path)/\(Self.prefix)\(padding)\(number)\(Self.suffix)"
  }
}
