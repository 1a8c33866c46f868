import RowwiseWorkers
import Synchronization
import Testing

/// Every task runs once, on memory that is its own, whoever else uses the pool; plain memory, so that
/// ThreadSanitizer sees every breach.
@Suite struct WorkerPoolTests {
  @Test(
    "Jobs from many tasks take turns, and each is done when its call returns", arguments: [1, 2, 4])
  func jobsTakeTurns(threads: Int) async {
    let pool = WorkerPool(threads: threads)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for asker in 0..<4 {
        group.addTask {
          (0..<300).count { round in
            let count = 1 + (asker + round) % 9
            // A text is memory that has to be released: written once, read by the caller only.
            let texts = pool.map(Array(0..<count)) { "\(asker) \(round) \($0)" }
            return texts != (0..<count).map { "\(asker) \(round) \($0)" }
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  @Test("No two tasks of a call run at once under one thread's number")
  func threadNumbersAreAlone() {
    let pool = WorkerPool(threads: 3)
    let inside = (0..<3).map { _ in Counter() }
    let runs = Atomic<Int>(0)
    for _ in 0..<200 {
      pool.run(tasks: 20) { _, worker in
        #expect(inside[worker].enter() == 0)
        runs.add(1, ordering: .relaxed)
        inside[worker].leave()
      }
    }
    #expect(runs.load(ordering: .relaxed) == 4_000)
  }

  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func enter() -> Int { count.add(1, ordering: .sequentiallyConsistent).oldValue }
    func leave() { count.subtract(1, ordering: .sequentiallyConsistent) }
  }

  @Test("Threads that end with the call leave what they wrote", arguments: [1, 3])
  func passingThreads(threads: Int) {
    for count in [0, 1, 5, 64, 129] {
      let seen = (0..<count).map { _ in Counter() }
      WorkerPool.forEach(count, threads: threads, grain: 7) { _ = seen[$0].enter() }
      #expect(seen.allSatisfy { $0.enter() == 1 })
      #expect(
        WorkerPool.map(Array(0..<count), threads: threads) { [$0] } == (0..<count).map { [$0] })
    }
  }

  @Test(
    "Parts that wait for each other run at once and see what others wrote", arguments: [1, 2, 3])
  func partsTogether(threads: Int) {
    let pool = WorkerPool(threads: threads)
    for parts in 1...threads {
      let barrier = Barrier(count: parts)
      let numbers = UnsafeMutablePointer<Int>.allocate(capacity: parts)
      defer { numbers.deallocate() }
      // SAFETY: every part writes its own number and reads the others' behind a barrier.
      nonisolated(unsafe) let shared = numbers
      let wrong = Atomic<Int>(0)
      #expect(
        pool.runTogether(parts: parts) { part in
          for round in 0..<200 {
            shared[part] = round + part
            barrier.wait()
            for other in 0..<parts where shared[other] != round + other {
              wrong.add(1, ordering: .relaxed)
            }
            barrier.wait()
          }
        })
      #expect(wrong.load(ordering: .relaxed) == 0, "\(parts) parts")
    }
  }

  @Test("Parts are not run where another call has the threads")
  func partsOfABusyPool() {
    let pool = WorkerPool(threads: 2)
    let runs = Atomic<Int>(0)
    pool.run(tasks: 2) { task, _ in
      guard task == 0 else { return }
      let other = SystemThread {
        if pool.runTogether(parts: 2, { _ in runs.add(1, ordering: .relaxed) }) {
          runs.add(100, ordering: .relaxed)
        }
      }
      other?.join()
    }
    #expect(runs.load(ordering: .relaxed) == 0)
    #expect(pool.runTogether(parts: 2) { _ in runs.add(1, ordering: .relaxed) })
    #expect(runs.load(ordering: .relaxed) == 2)
  }

  @Test("A thread runs what it was given, joined or let go")
  func systemThreads() throws {
    let done = Atomic<Int>(0)
    // What a closure holds is released by the thread.
    let text = Mutex("")
    let thread = try #require(SystemThread { text.withLock { $0 += "joined" } })
    thread.join()
    #expect(text.withLock { $0 } == "joined")
    let other = try #require(SystemThread { done.store(1, ordering: .releasing) })
    other.detach()
    while done.load(ordering: .acquiring) == 0 {}
  }
}
