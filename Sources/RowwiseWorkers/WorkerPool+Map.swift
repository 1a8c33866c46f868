extension WorkerPool {
  /// The results of `body` for each element, in the elements' order.
  package func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: elements.count) { buffer, initialized in
      // SAFETY: every task initialises a place of its own, and `run` returns when all are done; see
      // `WorkerPoolTests`.
      nonisolated(unsafe) let base = buffer
      run(tasks: elements.count) { task, _ in
        base.initializeElement(at: task, to: body(elements[task]))
      }
      initialized = elements.count
    }
  }

  /// The same, with threads that end with the call.
  ///
  /// - Parameter threads: the most that run at a time.
  package static func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], threads: Int, _ body: @Sendable (Element) -> Result
  ) -> [Result] {
    WorkerPool(threads: max(1, min(threads, elements.count))).map(elements, body)
  }

  /// Calls `body` once for each of `0..<count`, in no fixed order, with threads that end with the call.
  ///
  /// - Parameters:
  ///   - threads: the most that run at a time.
  ///   - grain: numbers that a thread takes at a time.
  package static func forEach(
    _ count: Int, threads: Int, grain: Int = 1, _ body: @Sendable (Int) -> Void
  ) {
    let pieces = (count + grain - 1) / grain
    WorkerPool(threads: max(1, min(threads, pieces))).run(tasks: pieces) { piece, _ in
      for i in piece * grain..<min(count, (piece + 1) * grain) { body(i) }
    }
  }
}
