import RowwiseWorkers
import Synchronization
import Testing

/// Who is inside together, and that everybody gets in.
@Suite struct ReadersWriterLockTests {
  /// What the lock protects: a plain memory cell, so that ThreadSanitizer sees every breach.
  private final class Shared: @unchecked Sendable {
    // SAFETY: the lock under test is to make it safe.
    let lock = ReadersWriterLock()
    var numbers = [0, 0]
    let readersInside = Atomic<Int>(0)
    let isDone = Atomic<Bool>(false)

    func write() {
      lock.beginWriting()
      if readersInside.load(ordering: .sequentiallyConsistent) != 0 { numbers[0] = -1_000_000 }
      numbers[0] += 1
      numbers[1] += 1
      lock.endWriting()
    }

    /// Whether both numbers were the same.
    func read() -> Bool {
      lock.beginReading()
      readersInside.add(1, ordering: .sequentiallyConsistent)
      let isSame = numbers[0] == numbers[1]
      readersInside.subtract(1, ordering: .sequentiallyConsistent)
      lock.endReading()
      return isSame
    }
  }

  @Test func writersAreAloneAndEverybodyGetsIn() async {
    let shared = Shared()
    let wrong = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<3 {
        group.addTask {
          for _ in 0..<2000 { shared.write() }
          return 0
        }
      }
      for _ in 0..<5 {
        group.addTask { (0..<2000).count { _ in !shared.read() } }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
    #expect(shared.numbers == [6000, 6000])
  }

  /// Two readers wait inside for each other, which they can do together only.
  @Test func readersAreInTogether() async {
    let shared = Shared()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          shared.lock.beginReading()
          shared.readersInside.add(1, ordering: .sequentiallyConsistent)
          while shared.readersInside.load(ordering: .sequentiallyConsistent) < 2 {
            await Task.yield()
          }
          shared.lock.endReading()
        }
      }
    }
    #expect(shared.readersInside.load(ordering: .sequentiallyConsistent) == 2)
  }

  /// A writer gets in between readers that follow each other without a gap, and a reader between such
  /// writers.
  @Test(arguments: [true, false])
  func nobodyStarves(isWriter: Bool) async {
    let shared = Shared()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [isWriter] in
        while !shared.isDone.load(ordering: .sequentiallyConsistent) {
          if isWriter { _ = shared.read() } else { shared.write() }
          await Task.yield()
        }
      }
      group.addTask { [isWriter] in
        for _ in 0..<200 {
          if isWriter { shared.write() } else { _ = shared.read() }
        }
        shared.isDone.store(true, ordering: .sequentiallyConsistent)
      }
    }
    let gotIn = shared.isDone.load(ordering: .sequentiallyConsistent)
    #expect(gotIn)
    if isWriter { #expect(shared.numbers == [200, 200]) }
  }

  /// Of writers that go on as readers each finds what it wrote itself.
  @Test func aWriterGoesOnAsReader() async {
    let shared = Shared()
    let wrong = await withTaskGroup(of: Int.self) { group in
      for number in 1...4 {
        group.addTask {
          var wrong = 0
          for round in 0..<1000 {
            shared.lock.beginWriting()
            shared.numbers[0] = number * 1_000_000 + round
            shared.lock.endWriting(reads: true)
            if shared.numbers[0] != number * 1_000_000 + round { wrong += 1 }
            shared.lock.endReading()
          }
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
