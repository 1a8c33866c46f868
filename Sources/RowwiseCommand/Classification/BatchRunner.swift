import RowwiseLayers
import RowwiseWorkers

/// Classifies batches on a thread of its own, one at a time, while the next pictures are decoded.
///
/// One thread for all of them: a new one for each begins on the processor that decodes and waits there.
final class BatchRunner: Sendable {
  /// Where a batch stands.
  private enum Stage {
    case idle
    case given(StreamBatch)
    case running
    case done([[Float]])
    case closed
  }

  /// What both threads share.
  private final class Shared: Sendable {
    let condition = Condition()
    // SAFETY: touched in `condition`'s critical sections only; see `StreamCommandTests`.
    nonisolated(unsafe) var stage = Stage.idle

    /// Waits for a stage that gives something, and moves on to the next one.
    func take<Value>(_ next: Stage, _ value: (Stage) -> Value?) -> Value {
      var found: Value?
      condition.wait {
        found = value(stage)
        return found != nil
      } then: {
        if case .closed = stage { return }
        stage = next
      }
      condition.wakeAll()
      guard let found else { preconditionFailure("a wait has ended without what it waited for") }
      return found
    }

    func put(_ next: Stage) {
      condition.withLock { stage = next }
      condition.wakeAll()
    }
  }

  private let shared = Shared()
  private let network: Network<Float>
  /// nil where the system gives none: batches are then classified as they are given.
  private let thread: SystemThread?

  init(_ network: Network<Float>) {
    self.network = network
    thread = SystemThread { [shared] in
      while true {
        let batch: StreamBatch? = shared.take(.running) { stage in
          switch stage {
          case .given(let batch): .some(batch)
          case .closed: .some(nil)
          default: nil
          }
        }
        guard let batch else { return }
        shared.put(.done(batch.probabilities(network)))
      }
    }
  }

  deinit {
    shared.put(.closed)
    thread?.join()
  }

  /// Gives it a batch; the one before must have been waited for.
  func run(_ batch: StreamBatch) {
    shared.put(thread == nil ? .done(batch.probabilities(network)) : .given(batch))
  }

  /// Waits for the probabilities of the batch's sequences.
  func wait() -> [[Float]] {
    shared.take(.idle) { if case .done(let probabilities) = $0 { probabilities } else { nil } }
  }
}
