import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Work on many small items by several threads.
package enum Parallel {
  /// As many threads as the machine has processors.
  static var processors: Int {
    max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Calls `body` once for each of `0..<count`, in no fixed order, and returns when all are done.
  ///
  /// - Parameters:
  ///   - threads: the most calls at a time.
  ///   - grain: items a thread takes at a time.
  ///   - body: must be safe to call from several threads at once.
  static func forEach(
    _ count: Int, threads: Int, grain: Int = 1, _ body: @Sendable (Int) -> Void
  ) {
    let pieces = (count + grain - 1) / grain
    let workers = min(threads, pieces)
    if workers <= 1 {
      for i in 0..<count { body(i) }
      return
    }
    let next = Counter()
    withoutActuallyEscaping(body) { body in
      let work: @Sendable () -> Void = {
        while true {
          let piece = next.take()
          if piece >= pieces { return }
          for i in piece * grain..<min(count, (piece + 1) * grain) { body(i) }
        }
      }
      // Where the system starts no more, there are fewer.
      var others: [SystemThread] = []
      while others.count < workers - 1, let thread = SystemThread(work) { others.append(thread) }
      work()
      for thread in others { thread.join() }
    }
  }

  /// Counts up from 0, for several threads.
  private final class Counter: Sendable {
    private let next = Atomic<Int>(0)

    func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
  }

  /// The results of `body` for each element, in the elements' order.
  package static func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], threads: Int, _ body: @Sendable (Element) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: elements.count) { buffer, initialized in
      // SAFETY: every call initialises a place of its own, and forEach returns when all are done.
      nonisolated(unsafe) let base = buffer
      forEach(elements.count, threads: threads) { i in
        base.initializeElement(at: i, to: body(elements[i]))
      }
      initialized = elements.count
    }
  }
}
