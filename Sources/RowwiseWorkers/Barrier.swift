import CRowwiseIntrinsics
import Synchronization

/// Where the parts of one job wait for each other, as often as they like; see `WorkerPool.runTogether`.
public final class Barrier: Sendable {
  /// Parts that have to come.
  public let count: Int
  private let arrived = Atomic<Int>(0)
  private let round = Atomic<UInt32>(0)
  private let sleepers = Atomic<Int>(0)
  private let condition = Condition()

  /// A barrier for `count` parts.
  public init(count: Int) { self.count = count }

  /// Waits until all parts have come here; what they wrote before is seen by all then.
  ///
  /// By turning in a circle, for it is a matter of microseconds; a thread that waits for longer, as when the
  /// system has given another one's processor away, sleeps.
  public func wait() {
    let now = round.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      round.store(now &+ 1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { condition.wakeAll() }
      return
    }
    for _ in 0..<2_000 {
      if round.load(ordering: .acquiring) != now { return }
      rw_pause()
    }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    condition.wait { round.load(ordering: .sequentiallyConsistent) != now }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
  }
}
