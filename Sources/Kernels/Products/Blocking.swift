import RowwiseKernelInterface

/// n items cut into `count` parts whose sizes differ by at most one, the larger ones first.
struct EvenSplit {
  let total: Int
  let count: Int

  /// As few parts as keep each at `limit` items or fewer.
  @inline(__always)
  init(_ total: Int, limit: Int) {
    self.total = total
    count = max(1, (total + limit - 1) / limit)
  }

  /// Where part i starts.
  @inline(__always)
  func start(_ i: Int) -> Int {
    i * (total / count) + min(i, total % count)
  }

  /// Size of part i.
  @inline(__always)
  func size(_ i: Int) -> Int {
    total / count + (i < total % count ? 1 : 0)
  }
}

/// Rows that one call takes through all timesteps together: enough to reuse a panel of weights in
/// the first-level cache, few enough that their states stay in the second-level one.
@inline(__always) var chunkRows: Int { KernelBlocking.rows }

/// Timesteps of a single sequence whose input products are formed together.
@inline(__always) var hoistedSteps: Int { 28 }

/// Steps of a product whose weights fill a good half of a first-level cache of 32 KiB, for panels
/// of `width` vectors.
@inline(__always)
func blockSteps(width: Int) -> Int { 20_480 / (width * lanes * MemoryLayout<Float>.size) }

/// Whether rows `stride` elements apart, 512 bytes or a multiple, fall into few sets of the
/// first-level cache, so that a block of them does not stay there.
@inline(__always)
func crowdsCache(_ stride: Int) -> Bool { stride % 128 == 0 }

/// Steps of the weight gradient's products, which are rows or pairs of them, taken at a time: each
/// one's four vectors and its cache line of x fill three quarters of a first-level cache of 32 KiB.
@inline(__always) var gradientSteps: Int { 24_576 / (4 * lanes * MemoryLayout<Float>.size + 64) }
