/// A lock that any number of readers hold together, or one writer alone.
///
/// Neither side can keep the other out for good: readers that come while a writer waits stay behind
/// it, and those who wait when a writer leaves go before the next one (phase-fair: Brandenburg &
/// Anderson 2010, section 3). A thread that reads must not begin again before it has ended: a writer
/// may have come in between.
package final class ReadersWriterLock: Sendable {
  /// Who is inside and who waits.
  private struct State {
    var readers = 0
    var waitingReaders = 0
    /// Of the waiting readers those that go before the next writer.
    var admittedReaders = 0
    var isWriting = false
    var waitingWriters = 0
  }

  private let condition = Condition()
  // SAFETY: touched in `condition`'s critical sections only; `ReadersWriterLockTests` runs many readers
  // and writers under ThreadSanitizer.
  nonisolated(unsafe) private var state = State()

  /// A lock that nobody holds.
  package init() {}

  /// Waits until no writer is inside or before this reader.
  package func beginReading() {
    var isWaiting = false
    condition.wait {
      if !isWaiting {
        if !state.isWriting, state.waitingWriters == 0 { return true }
        isWaiting = true
        state.waitingReaders += 1
      }
      return !state.isWriting && (state.admittedReaders > 0 || state.waitingWriters == 0)
    } then: {
      state.readers += 1
      guard isWaiting else { return }
      state.waitingReaders -= 1
      state.admittedReaders = max(0, state.admittedReaders - 1)
    }
  }

  /// Leaves, as every `beginReading` must.
  package func endReading() {
    var isLast = false
    condition.withLock {
      state.readers -= 1
      isLast = state.readers == 0 && state.waitingWriters > 0
    }
    if isLast { condition.wakeAll() }
  }

  /// Waits until this writer is alone.
  package func beginWriting() {
    var isWaiting = false
    condition.wait {
      if !isWaiting {
        isWaiting = true
        state.waitingWriters += 1
      }
      return !state.isWriting && state.readers == 0 && state.admittedReaders == 0
    } then: {
      state.waitingWriters -= 1
      state.isWriting = true
    }
  }

  /// Leaves, as every `beginWriting` must, or stays as a reader with no writer in between.
  ///
  /// - Parameter reads: whether to go on as a reader, who must then `endReading`.
  package func endWriting(reads: Bool = false) {
    condition.withLock {
      state.isWriting = false
      state.admittedReaders = state.waitingReaders
      if reads { state.readers += 1 }
    }
    condition.wakeAll()
  }
}
