import RowwiseFiles
import RowwiseSystem
import Synchronization

/// A file to which rows are added as they come.
final class LogFile: Sendable {
  private let descriptor: Int32
  private let path: String
  private let console: Console
  private let hasFailed = Atomic<Bool>(false)

  /// - Parameter path: - for standard error.
  /// - Throws: `CommandError.cannotWriteFile`.
  init(_ path: String, _ console: Console) throws(CommandError) {
    (self.path, self.console) = (path, console)
    guard path != "-" else {
      descriptor = STDERR_FILENO
      return
    }
    descriptor = SystemPath.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw .cannotWriteFile(path: path, code: errno) }
  }

  deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

  /// Adds rows; that they cannot be written is told once.
  func write(_ rows: String) {
    var rest = Array(rows.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        let code = errno
        if !hasFailed.exchange(true, ordering: .relaxed) {
          console.warn("\(FileError.cannotWrite(path: path, code: code)): rows of the log are lost")
        }
        return
      }
    }
  }
}
