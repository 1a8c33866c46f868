import CRowwiseIntrinsics
import RowwiseSystem
import Synchronization

/// A fixed set of threads that run the parts of one job together.
///
/// A job is a number of tasks; threads take the next task as they become free, so the order in which
/// tasks run is not fixed. Whatever must be the same for any number of threads therefore may not
/// depend on that order: give every task its own outputs.
///
/// Waiting threads spin for a moment, since a training step needs them again within microseconds,
/// and then sleep. A pool of one thread runs everything on the caller's and starts none.
public final class WorkerPool: Sendable {
  /// Threads, the caller's included; fewer than asked for where the system refuses to start more.
  public let threads: Int
  private let state: PoolState
  private let handles: [SystemThread]

  /// Starts `threads` − 1 threads.
  public init(threads: Int) {
    precondition(threads > 0, "a worker pool needs at least one thread, not \(threads)")
    let state = PoolState()
    self.state = state
    var handles: [SystemThread] = []
    while handles.count < threads - 1 {
      let index = handles.count + 1
      guard let worker = SystemThread({ state.serve(worker: index) }) else { break }
      handles.append(worker)
    }
    self.handles = handles
    self.threads = handles.count + 1
  }

  deinit {
    state.stop()
    for handle in handles { handle.join() }
  }

  /// Runs `body` for every task 0 ..< tasks and returns when all are done; with denormal numbers taken
  /// for zeros, on every thread.
  ///
  /// Calls from several threads take turns; a call that needs no other thread, having one task or the
  /// pool one thread, runs at once. `body` must not call `run` of the same pool.
  ///
  /// - Parameters:
  ///   - tasks: how many tasks there are.
  ///   - body: receives the task and the number of the thread that runs it, 0 ..< threads; no two
  ///     tasks of one call run under the same thread number at once, so scratch memory of the call
  ///     may be kept by it. Two calls may use the same numbers at once.
  public func run(tasks: Int, _ body: @Sendable (_ task: Int, _ worker: Int) -> Void) {
    withFlushedDenormals {
      if threads == 1 || tasks <= 1 {
        for task in 0..<tasks { body(task, 0) }
        return
      }
      withoutActuallyEscaping(body) { state.run(tasks: tasks, $0) }
    }
  }

  /// Runs `body` once for each of 0 ..< `parts` at the same time, each on a thread of its own, so that the parts
  /// may wait for each other (``Barrier``); or nothing, where another call has the threads.
  ///
  /// - Parameter parts: at most `threads`.
  /// - Returns: whether it was run.
  public func runTogether(parts: Int, _ body: @Sendable (_ part: Int) -> Void) -> Bool {
    precondition(parts <= threads, "\(parts) parts need as many threads, not \(threads)")
    return withFlushedDenormals {
      withoutActuallyEscaping(body) { body in
        // A thread that waits in its part takes no other, so that every part gets a thread.
        state.runIfFree(tasks: parts) { part, _ in body(part) }
      }
    }
  }

  /// Threads that this machine can run at once.
  public static var availableThreads: Int {
    max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }
}

/// What the threads of a pool share.
private final class PoolState: Sendable {
  typealias Body = @Sendable (Int, Int) -> Void

  /// Job number (16 bits), its task count (24 bits) and its next task (24 bits) in one word, so
  /// that a thread that is late either takes a task of the running job or none.
  private let ticket = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let generation = Atomic<UInt32>(0)
  private let stopping = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let turn = Condition()
  private let condition = Condition()

  // SAFETY: written only by `run`, which holds `turn`, before `ticket` is released; read only by
  // threads that have taken a task of the running job, and `run` waits for those; see
  // `WorkerPoolTests`.
  nonisolated(unsafe) private var body: Body?

  func run(tasks count: Int, _ job: @escaping Body) {
    precondition(count < 1 << 24, "a job may have 2^24 − 1 tasks at most, not \(count)")
    turn.withLock { begin(tasks: count, job) }
  }

  /// The same where no other job runs.
  func runIfFree(tasks count: Int, _ job: @escaping Body) -> Bool {
    turn.withLockIfFree { begin(tasks: count, job) }
  }

  /// Runs a job, which holds `turn`, to its end.
  private func begin(tasks count: Int, _ job: @escaping Body) {
    body = job
    finished.store(0, ordering: .relaxed)
    let next = generation.load(ordering: .relaxed) &+ 1
    ticket.store(UInt64(next) << 48 | UInt64(count) << 24, ordering: .releasing)
    generation.store(next, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { condition.wakeAll() }
    work(job: next, worker: 0)
    var spins = 0
    while finished.load(ordering: .acquiring) < count {
      spins &+= 1
      if spins > 20_000 { sched_yield() } else { rw_pause() }
    }
    body = nil
  }

  /// Takes tasks of job `job` until none is left.
  private func work(job: UInt32, worker: Int) {
    while true {
      let current = ticket.load(ordering: .acquiring)
      let task = Int(current & 0xFF_FFFF)
      let count = Int(current >> 24 & 0xFF_FFFF)
      guard UInt16(truncatingIfNeeded: current >> 48) == UInt16(truncatingIfNeeded: job),
        task < count
      else { return }
      let (exchanged, _) = ticket.compareExchange(
        expected: current, desired: current &+ 1, ordering: .acquiringAndReleasing)
      guard exchanged else { continue }
      body?(task, worker)
      finished.add(1, ordering: .acquiringAndReleasing)
    }
  }

  /// A worker's life: wait for a job, work, again.
  func serve(worker: Int) {
    flushDenormalsFromNowOn()
    var seen: UInt32 = 0
    while true {
      seen = waitForJob(after: seen)
      if stopping.load(ordering: .acquiring) { return }
      work(job: seen, worker: worker)
    }
  }

  private func waitForJob(after seen: UInt32) -> UInt32 {
    for _ in 0..<20_000 {
      let now = generation.load(ordering: .acquiring)
      if now != seen { return now }
      rw_pause()
    }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    condition.wait { generation.load(ordering: .sequentiallyConsistent) != seen }
    return generation.load(ordering: .acquiring)
  }

  func stop() {
    stopping.store(true, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    condition.wakeAll()
  }

}
