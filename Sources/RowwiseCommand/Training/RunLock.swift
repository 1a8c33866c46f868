import RowwiseFiles
import RowwiseSystem

/// Keeps a run folder to one process: a second one would write between the first one's files.
///
/// The lock is the system's, on the folder itself: it leaves no file behind and ends with the process,
/// however that ends.
final class RunLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, which lasts as long as this object.
  ///
  /// - Throws: `CommandError.runInUse` where another process has it; `.cannotCreateFolder` where the
  ///   folder cannot be opened.
  init(folder path: String) throws(CommandError) {
    let descriptor = SystemPath.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotCreateFolder(path: path, code: errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      _ = close(descriptor)
      throw .runInUse(path: path)
    }
    // Other failures are those of file systems that have no locks: no reason not to train.
    self.descriptor = descriptor
  }

  deinit { _ = close(descriptor) }
}
