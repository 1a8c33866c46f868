#if KERNELS_DOTS
  import CRowwiseIntrinsics
#endif
import RowwiseKernelInterface

// What this instruction set can do at most on a machine: the yardsticks of `rowwise benchmark`.

#if arch(arm64)
  @inline(__always) private var chains: Int { 16 }
#else
  @inline(__always) private var chains: Int { 12 }
#endif

/// Arithmetic of one round of `multiplyAddChains`: a product and a sum in every lane of every chain.
var multiplyAddOperations: Int { chains * lanes * 2 }

/// Chains of x ← 0.999 x + 0.001 that do not wait for each other, started at 0.05, 0.15, … in all
/// lanes; returns the sum over chains and lanes. (A chain started at 1 would stay there, which
/// compilers see.)
///
/// Two units of latency 4 need 8 chains to be always busy, and a product and a sum in two
/// instructions need 12, which with the two constants still fit 16 registers. Processors with four
/// units (arm64) have 32 registers and get 16.
func multiplyAddChains(_ rounds: Int) -> Float {
  let m = Vector(repeating: 0.999)
  let a = Vector(repeating: 0.001)
  var x0 = Vector(repeating: 0.05)
  var x1 = Vector(repeating: 0.15)
  var x2 = Vector(repeating: 0.25)
  var x3 = Vector(repeating: 0.35)
  var x4 = Vector(repeating: 0.45)
  var x5 = Vector(repeating: 0.55)
  var x6 = Vector(repeating: 0.65)
  var x7 = Vector(repeating: 0.75)
  var x8 = Vector(repeating: 0.85)
  var x9 = Vector(repeating: 0.95)
  var x10 = Vector(repeating: 1.05)
  var x11 = Vector(repeating: 1.15)
  #if arch(arm64)
    var x12 = Vector(repeating: 1.25)
    var x13 = Vector(repeating: 1.35)
    var x14 = Vector(repeating: 1.45)
    var x15 = Vector(repeating: 1.55)
  #endif
  for _ in 0..<rounds {
    x0 = fma(x0, m, a)
    x1 = fma(x1, m, a)
    x2 = fma(x2, m, a)
    x3 = fma(x3, m, a)
    x4 = fma(x4, m, a)
    x5 = fma(x5, m, a)
    x6 = fma(x6, m, a)
    x7 = fma(x7, m, a)
    x8 = fma(x8, m, a)
    x9 = fma(x9, m, a)
    x10 = fma(x10, m, a)
    x11 = fma(x11, m, a)
    #if arch(arm64)
      x12 = fma(x12, m, a)
      x13 = fma(x13, m, a)
      x14 = fma(x14, m, a)
      x15 = fma(x15, m, a)
    #endif
  }
  var sum = (x0 + x1) + (x2 + x3)
  sum += (x4 + x5) + (x6 + x7)
  sum += (x8 + x9) + (x10 + x11)
  #if arch(arm64)
    sum += (x12 + x13) + (x14 + x15)
  #endif
  var total: Float = 0
  for lane in 0..<lanes { total += sum[lane] }
  return total
}

#if KERNELS_DOTS
  /// Arithmetic of one round of `bfloat16Chains`: two products and sums in every lane.
  var bfloat16Operations: Int { 12 * lanes * 4 }

  /// Twelve chains of x ← x + 2 · 0.5² in bfloat16 products, started at 0 in all lanes; returns the
  /// sum over chains and lanes. Exact up to 2^24 rounds.
  func bfloat16Chains(_ rounds: Int) -> Float {
    // Two bfloat16 numbers 0.5 a lane.
    let halves = unsafeBitCast(IntVector(repeating: 0x3F00_3F00), to: Vector.self)
    var x0 = Vector(repeating: 0)
    var x1 = Vector(repeating: 0)
    var x2 = Vector(repeating: 0)
    var x3 = Vector(repeating: 0)
    var x4 = Vector(repeating: 0)
    var x5 = Vector(repeating: 0)
    var x6 = Vector(repeating: 0)
    var x7 = Vector(repeating: 0)
    var x8 = Vector(repeating: 0)
    var x9 = Vector(repeating: 0)
    var x10 = Vector(repeating: 0)
    var x11 = Vector(repeating: 0)
    for _ in 0..<rounds {
      x0 = rw_f32x16_dot(x0, halves, halves)
      x1 = rw_f32x16_dot(x1, halves, halves)
      x2 = rw_f32x16_dot(x2, halves, halves)
      x3 = rw_f32x16_dot(x3, halves, halves)
      x4 = rw_f32x16_dot(x4, halves, halves)
      x5 = rw_f32x16_dot(x5, halves, halves)
      x6 = rw_f32x16_dot(x6, halves, halves)
      x7 = rw_f32x16_dot(x7, halves, halves)
      x8 = rw_f32x16_dot(x8, halves, halves)
      x9 = rw_f32x16_dot(x9, halves, halves)
      x10 = rw_f32x16_dot(x10, halves, halves)
      x11 = rw_f32x16_dot(x11, halves, halves)
    }
    var sum = (x0 + x1) + (x2 + x3)
    sum += (x4 + x5) + (x6 + x7)
    sum += (x8 + x9) + (x10 + x11)
    var total: Float = 0
    for lane in 0..<lanes { total += sum[lane] }
    return total
  }
#else
  var bfloat16Operations: Int { 0 }
  func bfloat16Chains(_ rounds: Int) -> Float { 0 }
#endif

/// a ← b + 3 c, element-wise.
func triad(
  _ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
  _ count: Int
) {
  let three = Vector(repeating: 3)
  for i in stride(from: 0, to: count, by: lanes) {
    let valid = count - i
    store(fma(three, load(c + i, first: valid), load(b + i, first: valid)), a + i, first: valid)
  }
}
