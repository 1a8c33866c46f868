import RowwiseSystem

/// A condition variable with its mutex, at a fixed address.
///
/// Where ThreadSanitizer is to follow what threads share, it is the lock too: what Synchronization's Mutex
/// does when two meet lies in a library that is not instrumented, so that it reports races.
package final class Condition: Sendable {
  // SAFETY: allocated in init, freed in deinit, used only through pthread calls in between;
  // `ReadersWriterLockTests` and `WorkerPoolTests` run under ThreadSanitizer.
  nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(
    capacity: 1)
  nonisolated(unsafe) private let variable = UnsafeMutablePointer<pthread_cond_t>.allocate(
    capacity: 1)

  /// Held and awaited by nobody.
  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(variable, nil)
  }

  deinit {
    pthread_cond_destroy(variable)
    pthread_mutex_destroy(mutex)
    variable.deallocate()
    mutex.deallocate()
  }

  /// Calls `body` alone among all that is run under this condition.
  package func withLock<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Calls `body` alone, as `withLock`, or nothing where somebody else is inside.
  ///
  /// - Returns: whether it was called.
  package func withLockIfFree(_ body: () -> Void) -> Bool {
    guard pthread_mutex_trylock(mutex) == 0 else { return false }
    body()
    pthread_mutex_unlock(mutex)
    return true
  }

  /// Sleeps until `isReady`, which is asked again after every waking, and then calls `body`; both run
  /// alone, as with `withLock`.
  package func wait(until isReady: () -> Bool, then body: () -> Void = {}) {
    pthread_mutex_lock(mutex)
    while !isReady() { pthread_cond_wait(variable, mutex) }
    body()
    pthread_mutex_unlock(mutex)
  }

  /// Has every sleeper ask again.
  package func wakeAll() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(variable)
    pthread_mutex_unlock(mutex)
  }

  /// Has one sleeper ask again, where every one of them waits for the same.
  package func wakeOne() { pthread_cond_signal(variable) }
}
