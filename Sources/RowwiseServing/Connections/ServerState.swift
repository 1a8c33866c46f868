import Synchronization

/// What is so now, for any thread to see.
final class ServerState: Sendable {
  private let connectionCount = Atomic<Int>(0)
  private let draining = Atomic<Bool>(false)
  private let leaving = Atomic<Bool>(false)

  /// Connections now.
  var connections: Int {
    get { connectionCount.load(ordering: .relaxed) }
    set { connectionCount.store(newValue, ordering: .relaxed) }
  }

  /// Whether the server is about to end, and nobody should connect any more.
  var isLeaving: Bool {
    get { leaving.load(ordering: .relaxed) }
    set { leaving.store(newValue, ordering: .relaxed) }
  }

  /// Whether every answer is the last of its connection.
  var isDraining: Bool {
    get { draining.load(ordering: .relaxed) }
    set { draining.store(newValue, ordering: .relaxed) }
  }
}
