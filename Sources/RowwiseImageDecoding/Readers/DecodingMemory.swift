import RowwiseWorkers

/// The memory of all pictures that are being decoded at the moment.
///
/// Each asks once for everything that it will need, so that none waits for another while it has some
/// itself. Who asks for more than the limit alone is refused elsewhere.
final class DecodingMemory: Sendable {
  /// The one of the process.
  static let process = DecodingMemory()

  /// What is less is not worth a lock.
  private static let least = 1 << 18

  private let condition = Condition()
  // SAFETY: read and written in `condition`'s critical sections only; `DecodingMemoryTests` run under
  // ThreadSanitizer.
  nonisolated(unsafe) private var used = 0

  /// Calls `body` once all that are running take no more than `limit` bytes together with its own;
  /// one that needs more than that by itself runs alone.
  func lend<Result, Failure: Error>(
    _ bytes: Int, of limit: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard bytes > Self.least else { return try body() }
    condition.wait {
      used == 0 || used <= limit - min(bytes, limit)
    } then: {
      used += bytes
    }
    defer {
      condition.withLock { used -= bytes }
      condition.wakeAll()
    }
    return try body()
  }
}
