import Compute
import KernelInterface

/// What the machine can do at most, measured.
struct MachineLimits: Sendable, Equatable {
  /// Single-precision multiply-adds of one thread, GFLOP/s.
  let peakOfOneThread: Double
  /// The same of all threads together.
  let peak: Double
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
      bandwidth: bandwidth(kernels, pool, timing))
  }

  private static func peak(
    _ kernels: KernelSet<Float>, threads: Int, _ pool: WorkerPool, _ timing: Timing
  ) -> Double {
    // Long enough for starting a job not to count, short against the shortest repeat.
    let rounds = 1 << 20
    let sums = Buffer<Float>(threads * 16)
    let rates = timing.rates {
      pool.run(tasks: threads) { task, _ in
        sums.start[task * 16] = kernels.multiplyAddChains(rounds)
      }
    }
    let operations = Double(rounds) * Double(kernels.multiplyAddOperations) * Double(threads)
    // The best repeat: a share of a peak that a busy moment has lowered would exceed 100 %.
    return rates.largest * operations / 1e9
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
