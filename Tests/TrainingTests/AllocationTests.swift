import AllocationCounter
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTraining
import RowwiseWorkers
import Synchronization
import Testing

/// In the steady state, with every buffer as large as it gets, nothing is allocated on the heap but
/// one closure for every job that several threads share: none on one thread, none for one image.
@Suite(.enabled(if: allocation_counter_works(), "allocations cannot be counted on this system"))
struct AllocationTests {
  /// A network to run.
  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var layers: [any Layer]
    var precision = Precision.float32
  }

  static let examples = [
    Example(testDescription: "plain", layers: [LSTM(20), Dense(3, activation: .softmax)]),
    Example(
      testDescription: "bfloat16", layers: [LSTM(20), Dense(3, activation: .softmax)],
      precision: .bfloat16),
    Example(
      testDescription: "two layers, peepholes, dropout",
      layers: [
        LSTM(20, returnSequences: true, peephole: .diagonal), Dropout(0.2),
        LSTM(12, peephole: .full), Dense(8, activation: .relu), Dense(3, activation: .softmax),
      ]),
    Example(
      testDescription: "bidirectional",
      layers: [Bidirectional(LSTM(20)), Dense(3, activation: .softmax)]),
    Example(
      testDescription: "each timestep by itself",
      layers: [
        Dense(8, activation: .relu), LayerNorm(), LSTM(12, returnSequences: true), MLP(2),
        Pooling(.mean), Dense(3, activation: .softmax),
      ]),
  ]

  @Test func theCounterCounts() {
    let before = allocation_counter_value()
    let block = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 1)
    let aligned = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 64)
    #expect(allocation_counter_value() == before + 2)
    block.deallocate()
    aligned.deallocate()
  }

  /// Jobs of a training step: forward and backward, weight gradients, the gradients' norm, the
  /// update, packing.
  private static let trainingJobs = 5

  @Test(arguments: examples, [1, 2])
  func trainingAllocatesNothing(_ example: Example, threads: Int) throws {
    let network = try makeNetwork(example, threads: threads)
    let batch = makeBatch(count: 9)
    let optimizer = OptimizerState(.adam(), network)
    var step: UInt64 = 0
    let found = allocations(network.pool) {
      _ = network.gradients(batch, step: step)
      optimizer.apply(clipNorm: 1)
      step += 1
    }
    let limit = threads == 1 ? 0 : Self.trainingJobs * Self.steps
    #expect(found <= limit, "\(found) allocations in \(Self.steps) steps")
  }

  /// A smaller last batch is no reason to allocate either.
  @Test(arguments: examples, [1, 2])
  func batchesOfOtherSizesAllocateNothing(_ example: Example, threads: Int) throws {
    let network = try makeNetwork(example, threads: threads)
    let batch = makeBatch(count: 9)
    var isShort = false
    let found = allocations(network.pool) {
      batch.resize(to: isShort ? 5 : 9)
      isShort.toggle()
      _ = network.gradients(batch)
    }
    let limit = threads == 1 ? 0 : Self.trainingJobs * Self.steps
    #expect(found <= limit, "\(found) allocations in \(Self.steps) steps")
  }

  @Test(arguments: examples, [1, 2])
  func predictionAllocatesNothing(_ example: Example, threads: Int) throws {
    let network = try makeNetwork(example, threads: threads)
    for count in [1, 9] {
      let batch = makeBatch(count: count)
      let found = allocations(network.pool) {
        network.withProbabilities(of: batch) { _ in }
      }
      let limit = threads == 1 || count == 1 ? 0 : Self.steps
      #expect(found <= limit, "batch of \(count): \(found) allocations in \(Self.steps) calls")
    }
  }

  /// A row read by itself, with the probabilities after it.
  @Test(
    arguments: examples.filter { $0.testDescription != "bidirectional" } + [
      Example(
        testDescription: "other cells, residual, pooling",
        layers: [
          GRU(12, returnSequences: true), Residual(LSTM(12, returnSequences: true)), Pooling(.mean),
          Dense(3, activation: .softmax),
        ])
    ])
  func aRowsStepAllocatesNothing(_ example: Example) throws {
    let network = try makeNetwork(example, threads: 1)
    let reader = try network.makeReader()
    let row = [Float](repeating: 0.5, count: 5)
    var t = 0
    let found = allocations(network.pool) {
      if t == 6 {
        reader.reset()
        t = 0
      }
      t += 1
      row.withUnsafeBufferPointer(reader.step)
      _ = reader.probabilities()
    }
    #expect(found == 0, "\(found) allocations in \(Self.steps) rows")
  }

  private static let steps = 10

  private func makeNetwork(_ example: Example, threads: Int) throws -> Network<Float> {
    try Network<Float>(
      example.layers, timesteps: 6, features: 5, seed: 1, pool: WorkerPool(threads: threads),
      precision: example.precision)
  }

  private func makeBatch(count: Int) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(timesteps: 6, features: 5, capacity: count)
    for i in 0..<6 * 5 * count { batch.inputs.start[i] = Float(i % 7) / 7 }
    for n in 0..<count { batch.labels[n] = Int32(n % 3) }
    return batch
  }

  /// Allocations of all threads of `pool` while `body` runs some times, after a warm-up.
  private func allocations(_ pool: WorkerPool, _ body: () -> Void) -> Int {
    for _ in 0..<4 { body() }
    let counter = ThreadCounter(pool)
    // What counting itself takes.
    let first = counter.total
    let second = counter.total
    for _ in 0..<Self.steps { body() }
    let third = counter.total
    return (third - second) - (second - first)
  }
}

/// Sums the allocations of a pool's threads, each thread being asked exactly once.
private final class ThreadCounter: Sendable {
  private let pool: WorkerPool
  private let arrived = Atomic<Int>(0)
  private let sum = Atomic<Int>(0)

  init(_ pool: WorkerPool) { self.pool = pool }

  var total: Int {
    arrived.store(0, ordering: .sequentiallyConsistent)
    sum.store(0, ordering: .sequentiallyConsistent)
    let threads = pool.threads
    pool.run(tasks: threads) { _, _ in
      // No thread gets a second task before all have one.
      arrived.add(1, ordering: .sequentiallyConsistent)
      while arrived.load(ordering: .sequentiallyConsistent) < threads {}
      sum.add(Int(allocation_counter_value()), ordering: .sequentiallyConsistent)
    }
    return sum.load(ordering: .sequentiallyConsistent)
  }
}
