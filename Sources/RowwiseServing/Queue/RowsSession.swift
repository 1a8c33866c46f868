import NIOCore
import Synchronization

/// Pictures that come in pieces over one connection: the pieces wait here for a thread that reads them, in
/// their order.
final class RowsSession: Sendable {
  /// What came of some pieces.
  struct Output: Sendable {
    /// Without their line breaks.
    var lines: [String] = []
    /// Whether a picture was answered.
    var isAnswered = false
    var hasFailed = false
  }

  private enum Piece {
    case bytes(ByteBuffer)
    case end
  }

  private struct Inbox {
    var pieces: [Piece] = []
    var bytes = 0
    /// Whether a thread works on it, or will.
    var isBusy = false
    var isCancelled = false
  }

  private let inbox = Mutex(Inbox())
  private let reader: Mutex<RowsReader>
  private let queue: WorkQueue
  /// Gets what came, on any thread, in its order.
  private let deliver: @Sendable (Output) -> Void

  init(
    _ parameters: RowsParameters, _ queue: WorkQueue, _ memory: HeldMemory, _ metrics: Metrics,
    deliver: @escaping @Sendable (Output) -> Void
  ) {
    reader = Mutex(RowsReader(parameters, memory, metrics))
    (self.queue, self.deliver) = (queue, deliver)
  }

  /// Takes the next bytes.
  func push(_ bytes: ByteBuffer) {
    put(.bytes(bytes), count: bytes.readableBytes)
  }

  /// Ends the picture.
  func end() { put(.end, count: 0) }

  /// Forgets what waits.
  func cancel() {
    inbox.withLock { inbox in
      inbox.isCancelled = true
      inbox.pieces = []
      inbox.bytes = 0
    }
  }

  /// Bytes that wait.
  var waitingBytes: Int { inbox.withLock { $0.bytes } }

  /// Whether a thread works on it, or will.
  var isBusy: Bool { inbox.withLock { $0.isBusy } }

  private func put(_ piece: Piece, count: Int) {
    let starts = inbox.withLock { inbox in
      guard !inbox.isCancelled else { return false }
      inbox.pieces.append(piece)
      inbox.bytes += count
      defer { inbox.isBusy = true }
      return !inbox.isBusy
    }
    if starts { queue.run { self.work() } }
  }

  private func work() {
    while true {
      let pieces: [Piece] = inbox.withLock { inbox in
        defer { (inbox.pieces, inbox.bytes) = ([], 0) }
        if inbox.pieces.isEmpty { inbox.isBusy = false }
        return inbox.pieces
      }
      guard !pieces.isEmpty else { return }
      let output = reader.withLock { reader in
        var output = Output()
        for piece in pieces {
          switch piece {
          case .bytes(let bytes):
            reader.push(bytes) { output.lines.append($0) }
            if reader.isAnswered { output.isAnswered = true }
          case .end:
            reader.end { output.lines.append($0) }
            output.isAnswered = true
          }
        }
        output.hasFailed = reader.hasFailed
        return output
      }
      deliver(output)
    }
  }
}
