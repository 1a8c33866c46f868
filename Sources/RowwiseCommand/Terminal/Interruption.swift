import RowwiseSystem
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the work to stop where it can be saved, the second ends the
/// process at once.
enum Interruption {
  // A signal's handler can be given nothing: what it counts has to be global. Atomic, because that
  // is all a handler may touch.
  private static let count = Atomic<Int>(0)

  /// Whether the work is to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// From now on signals are counted instead of ending the process.
  ///
  /// A signal that the process was started to ignore, as a shell's background jobs are, stays
  /// ignored. One that its parent has blocked, as threads of task queues do, is let through.
  static func install() {
    // Global values are made at their first use, which must not be inside the handler.
    _ = isRequested
    var signals = sigset_t()
    sigemptyset(&signals)
    for signalNumber in [SIGINT, SIGTERM] {
      sigaddset(&signals, signalNumber)
      var earlier = sigaction()
      sigaction(signalNumber, nil, &earlier)
      guard !isIgnoring(earlier) else { continue }
      _ = signal(signalNumber) { _ in
        let earlier = Interruption.count.wrappingAdd(1, ordering: .relaxed).oldValue
        if earlier > 0 { _exit(CommandStatus.interrupted.rawValue) }
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func isIgnoring(_ action: sigaction) -> Bool {
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #elseif canImport(Musl)
      let handler = action.__sa_handler.sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    // SIG_IGN is 1 cast to a handler, which Swift does not import as a value to compare with.
    return unsafeBitCast(handler, to: UInt.self) == 1
  }
}
