import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Ctrl-C and SIGTERM: the first asks the work to stop where it can be saved, the second ends the
/// process at once.
enum Interruption {
  // A signal's handler can be given nothing: what it counts has to be global. Atomic, because that
  // is all a handler may touch.
  private static let count = Atomic<Int>(0)

  /// Whether the work is to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// From now on signals are counted instead of ending the process.
  static func install() {
    // Global values are made at their first use, which must not be inside the handler.
    _ = isRequested
    for signalNumber in [SIGINT, SIGTERM] {
      _ = signal(signalNumber) { _ in
        let earlier = Interruption.count.wrappingAdd(1, ordering: .relaxed).oldValue
        if earlier > 0 { _exit(CommandStatus.interrupted.rawValue) }
      }
    }
  }
}
