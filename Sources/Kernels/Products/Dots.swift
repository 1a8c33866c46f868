import CRowwiseIntrinsics

// Products in bfloat16. Where the processor multiplies two pairs of such numbers in one instruction
// (AVX512_BF16), operands of products are packed two to a lane, neighbours in the direction of the
// sum; elsewhere they are rounded and stay what they are.

/// The numbers that a lane of an operand of a bfloat16 product holds.
#if KERNELS_DOTS
  @inline(__always) var numbersPerLane: Int { 2 }

  /// Two bfloat16 numbers a lane: sum + x₁ · weight₁ + x₀ · weight₀.
  enum RoundedProduct: ProductRule {
    @inline(__always)
    static func add(_ x: Vector, _ weight: Vector, _ sum: Vector) -> Vector {
      rw_f32x16_dot(sum, x, weight)
    }
  }
#else
  @inline(__always) var numbersPerLane: Int { 1 }

  typealias RoundedProduct = SingleProduct
#endif

/// Two rounded numbers in the bits of one.
@inline(__always)
func pair(_ low: Float, _ high: Float) -> Float {
  Float(bitPattern: low.bitPattern >> 16 | high.bitPattern & 0xFFFF_0000)
}

/// Two rounded numbers in the bits of one, lane by lane.
@inline(__always)
func pairs(_ low: Vector, _ high: Vector) -> Vector {
  let lower = unsafeBitCast(low, to: UnsignedVector.self) &>> 16
  return unsafeBitCast(lower | unsafeBitCast(high, to: UnsignedVector.self), to: Vector.self)
}

/// Neighbours of a row of rounded numbers in pairs, the last one with zero where `count` is odd.
@inline(__always)
func packPairs(
  _ x: UnsafePointer<Float>, _ count: Int, into out: UnsafeMutablePointer<Float>
) {
  for j in 0..<count / 2 { out[j] = pair(x[2 * j], x[2 * j + 1]) }
  if count % 2 == 1 { out[count / 2] = pair(x[count - 1], 0) }
}

/// Pairs of the same element of two rows.
@inline(__always)
func packPairs(
  _ low: UnsafePointer<Float>, _ high: UnsafePointer<Float>?, _ count: Int,
  into out: UnsafeMutablePointer<Float>
) {
  if let high {
    for j in 0..<count { out[j] = pair(low[j], high[j]) }
  } else {
    for j in 0..<count { out[j] = pair(low[j], 0) }
  }
}
