import RowwiseSystem

/// The memory of all pictures that are being decoded at the moment.
///
/// Each asks once for everything that it will need, so that none waits for another while it has some
/// itself. Who asks for more than the limit alone is refused elsewhere.
final class DecodingMemory: Sendable {
  /// The one of the process.
  static let process = DecodingMemory()

  /// What is less is not worth a lock.
  private static let least = 1 << 18

  // SAFETY: allocated in init, freed in deinit, used only through pthread calls in between; see
  // `DecodingMemoryTests`.
  nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(
    capacity: 1)
  nonisolated(unsafe) private let freed = UnsafeMutablePointer<pthread_cond_t>.allocate(
    capacity: 1)
  // SAFETY: read and written with the mutex held only; see `DecodingMemoryTests`.
  nonisolated(unsafe) private var used = 0

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(freed, nil)
  }

  deinit {
    pthread_cond_destroy(freed)
    pthread_mutex_destroy(mutex)
    freed.deallocate()
    mutex.deallocate()
  }

  /// Calls `body` once all that are running take no more than `limit` bytes together with its own;
  /// one that needs more than that by itself runs alone.
  func lend<Result, Failure: Error>(
    _ bytes: Int, of limit: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard bytes > Self.least else { return try body() }
    pthread_mutex_lock(mutex)
    while used > 0, used > limit - min(bytes, limit) { pthread_cond_wait(freed, mutex) }
    used += bytes
    pthread_mutex_unlock(mutex)
    defer {
      pthread_mutex_lock(mutex)
      used -= bytes
      pthread_cond_broadcast(freed)
      pthread_mutex_unlock(mutex)
    }
    return try body()
  }
}
