import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers

/// What the machine can do at most, measured.
struct MachineLimits: Sendable, Equatable {
  /// Single-precision multiply-adds of one thread, GFLOP/s.
  let peakOfOneThread: Double
  /// The same of all threads together.
  let peak: Double
  /// bfloat16 products with single-precision sums of all threads, GFLOP/s; nil where the kernels
  /// have no instructions for them.
  let bfloat16Peak: Double?
  /// Memory traffic of a ← b + 3 c on all threads, GB/s: two reads and a write counted.
  let bandwidth: Double

  /// Elements of each array of the bandwidth's measurement, for one thread: 32 MiB, more than its
  /// share of any cache.
  private static let bandwidthCount = 8 << 20

  /// Measures on `pool`'s threads: peaks by the best repeat, the bandwidth by their median.
  static func measure(_ kernels: KernelSet<Float>, pool: WorkerPool, timing: Timing) -> Self {
    MachineLimits(
      peakOfOneThread: peak(kernels, threads: 1, pool, timing),
      peak: peak(kernels, threads: pool.threads, pool, timing),
      bfloat16Peak: kernels.bfloat16Operations == 0
        ? nil
        : peak(
          kernels.bfloat16Chains, operations: kernels.bfloat16Operations, threads: pool.threads,
          pool, timing),
      bandwidth: bandwidth(kernels, pool, timing))
  }

  /// Single-precision multiply-adds of that many threads, GFLOP/s.
  static func peak(
    _ kernels: KernelSet<Float>, threads: Int, _ pool: WorkerPool, _ timing: Timing
  ) -> Double {
    peak(
      kernels.multiplyAddChains, operations: kernels.multiplyAddOperations, threads: threads, pool,
      timing)
  }

  private static func peak(
    _ chains: @escaping @Sendable (Int) -> Float, operations: Int, threads: Int,
    _ pool: WorkerPool, _ timing: Timing
  ) -> Double {
    // Long enough for starting a job not to count, short against the shortest repeat.
    let rounds = 1 << 20
    let sums = Buffer<Float>(threads * 16)
    let rates = timing.rates {
      pool.run(tasks: threads) { task, _ in
        sums.start[task * 16] = chains(rounds)
      }
    }
    let total = Double(rounds) * Double(operations) * Double(threads)
    // The best repeat: a share of a peak that a busy moment has lowered would exceed 100 %.
    return rates.largest * total / 1e9
  }

  private static func bandwidth(
    _ kernels: KernelSet<Float>, _ pool: WorkerPool, _ timing: Timing
  ) -> Double {
    let count = bandwidthCount
    let arrays = (0..<pool.threads).map { _ in Buffer<Float>(3 * count) }
    let rates = timing.rates {
      pool.run(tasks: pool.threads) { task, _ in
        let a = arrays[task].start
        kernels.triad(a, a + count, a + 2 * count, count)
      }
    }
    let bytes = Double(3 * count * MemoryLayout<Float>.size * pool.threads)
    return rates.median * bytes / 1e9
  }
}
