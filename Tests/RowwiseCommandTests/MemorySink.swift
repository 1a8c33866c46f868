import RowwiseFiles
import Synchronization

@testable import RowwiseCommand

/// Keeps what is written to it.
final class MemorySink: TextSink {
  let isTerminal: Bool
  let columns: Int?
  private let content = Mutex("")

  init(isTerminal: Bool, columns: Int? = nil) {
    self.isTerminal = isTerminal
    self.columns = columns
  }

  var text: String { content.withLock { $0 } }

  func write(_ text: String) throws(FileError) {
    content.withLock { $0 += text }
  }
}
