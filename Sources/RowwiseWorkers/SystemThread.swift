import RowwiseSystem

/// A thread of the system that runs a closure once.
///
/// Not a queue of Dispatch: where the system refuses to start a thread, that waits for ever, and where
/// it gives no more descriptors, it ends the process.
package final class SystemThread: Sendable {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  // SAFETY: written once in init, before any other thread can see the object; see
  // `WorkerPoolTests`.
  nonisolated(unsafe) private var thread: pthread_t

  /// Starts a thread; nil where the system refuses.
  package init?(_ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(run))
    #if canImport(Darwin)
      var created: pthread_t?
    #else
      var created = pthread_t()
    #endif
    guard pthread_create(&created, nil, systemThreadMain, body.toOpaque()) == 0 else {
      body.release()
      return nil
    }
    #if canImport(Darwin)
      guard let created else { return nil }
    #endif
    thread = created
  }

  /// Waits for its end.
  package func join() { pthread_join(thread, nil) }

  /// Lets it end by itself.
  package func detach() { pthread_detach(thread) }

  fileprivate static func run(_ argument: UnsafeMutableRawPointer) {
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
  }
}

#if canImport(Darwin)
  private func systemThreadMain(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    SystemThread.run(argument)
    return nil
  }
#else
  private func systemThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { SystemThread.run(argument) }
    return nil
  }
#endif
