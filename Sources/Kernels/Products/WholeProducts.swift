import CRowwiseIntrinsics

// Products of whole numbers from −127 to 127 for `Precision.int8`: several numbers lie in the bits of a
// lane, neighbours in the direction of the sum, and sums are 32-bit whole numbers in the bits of floats.
// So the register tiles of other products serve these, too; nothing computes with such a lane as a float.

/// What products of whole numbers are formed by.
protocol WholeProduct: ProductRule, SendableMetatype {
  /// Numbers in a lane of an operand.
  static var numbersPerLane: Int { get }
  /// What is added to every number of the left side, x or h.
  static var offset: Int32 { get }
  /// Writes a vector of numbers of the left side, the lower bits of its lanes.
  static func write(_ numbers: Vector, _ p: UnsafeMutableRawPointer)
  /// Writes a number of the right side, a weight.
  static func write(weight: Int32, _ p: UnsafeMutableRawPointer)
}

/// Pairs of 16-bit numbers, which every processor multiplies. (Pairs of bytes without and with sign, as
/// AVX2 multiplies them, would be summed in 16 bits, and sums beyond those cut.)
enum WordProduct: WholeProduct {
  @inline(__always) static var numbersPerLane: Int { 2 }
  @inline(__always) static var offset: Int32 { 0 }

  @inline(__always)
  static func add(_ x: Vector, _ weight: Vector, _ sum: Vector) -> Vector {
    #if KERNELS_AVX512
      rw_f32x16_dot_words(sum, x, weight)
    #elseif KERNELS_AVX2
      rw_f32x8_dot_words(sum, x, weight)
    #else
      rw_f32x4_dot_words(sum, x, weight)
    #endif
  }

  @inline(__always)
  static func write(_ numbers: Vector, _ p: UnsafeMutableRawPointer) {
    #if KERNELS_AVX512
      rw_f32x16_store_words(p, numbers)
    #elseif KERNELS_AVX2
      rw_f32x8_store_words(p, numbers)
    #else
      rw_f32x4_store_words(p, numbers)
    #endif
  }

  @inline(__always)
  static func write(weight: Int32, _ p: UnsafeMutableRawPointer) {
    p.storeBytes(of: Int16(truncatingIfNeeded: weight), as: Int16.self)
  }
}

#if KERNELS_AVX512
  /// Four bytes a lane, where the processor multiplies these (AVX512_VNNI): those of the left side have no
  /// sign, so that 128 is added to them. What this adds to a sum, 128 times the sum of the weights, is
  /// taken off at its start.
  enum ByteProduct: WholeProduct {
    @inline(__always) static var numbersPerLane: Int { 4 }
    @inline(__always) static var offset: Int32 { 128 }

    @inline(__always)
    static func add(_ x: Vector, _ weight: Vector, _ sum: Vector) -> Vector {
      rw_f32x16_dot_bytes(sum, x, weight)
    }

    @inline(__always)
    static func write(_ numbers: Vector, _ p: UnsafeMutableRawPointer) {
      rw_f32x16_store_bytes(p, numbers)
    }

    @inline(__always)
    static func write(weight: Int32, _ p: UnsafeMutableRawPointer) {
      p.storeBytes(of: Int8(truncatingIfNeeded: weight), as: Int8.self)
    }
  }
#endif

/// The bits of a float that is a whole number + 1.5 · 2^23: the number is in their lower half.
@inline(__always) private var wholeBase: Int32 { 0x4B40_0000 }

/// x rounded to whole numbers, to nearest, ties to even, in the lower bits of each lane: |x| < 2^22.
@inline(__always)
private func rounded(_ x: Vector) -> IntVector {
  unsafeBitCast(x + Vector(repeating: 12_582_912), to: IntVector.self)
}

/// The magnitudes' largest, lane by lane, as bits: what is no number counts as larger than any.
@inline(__always)
func largerMagnitude(_ largest: Vector, _ x: Vector) -> Vector {
  let bits = unsafeBitCast(x, to: IntVector.self) & IntVector(repeating: 0x7FFF_FFFF)
  let magnitude = unsafeBitCast(bits, to: Vector.self)
  #if KERNELS_AVX512
    return rw_f32x16_max_whole(largest, magnitude)
  #elseif KERNELS_AVX2
    return rw_f32x8_max_whole(largest, magnitude)
  #else
    return rw_f32x4_max_whole(largest, magnitude)
  #endif
}

/// Whole numbers in the bits of lanes as floats, rounded where they have more than 24 bits.
@inline(__always)
func floats(_ whole: Vector) -> Vector {
  #if KERNELS_AVX512
    rw_f32x16_of_whole(whole)
  #elseif KERNELS_AVX2
    rw_f32x8_of_whole(whole)
  #else
    rw_f32x4_of_whole(whole)
  #endif
}

/// Sums times scales, of the row and of the columns, and what is there already. Products and a sum, each
/// rounded: a fused one would give other bits where a processor has none.
@inline(__always)
func wholeScaled(_ sum: Vector, _ row: Vector, _ columns: Vector, plus other: Vector) -> Vector {
  floats(sum) * row * columns + other
}

/// The largest magnitude of a row.
@inline(__always)
func largestMagnitude(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var largest = Vector(repeating: 0)
  for i in stride(from: 0, to: count, by: lanes) {
    largest = largerMagnitude(largest, load(x + i, first: count - i))
  }
  let bits = unsafeBitCast(largest, to: IntVector.self)
  var result = bits[0]
  for lane in 1..<lanes { result = max(result, bits[lane]) }
  return Float(bitPattern: UInt32(bitPattern: result))
}

/// Writes a row as whole numbers for a product: x · factor, rounded. Up to a vector more than `count`
/// numbers are written.
@inline(__always)
func quantize<Rule: WholeProduct>(
  _ x: UnsafePointer<Float>, _ count: Int, by factor: Float, _: Rule.Type,
  into out: UnsafeMutablePointer<Float>
) {
  let factor = Vector(repeating: factor)
  let offset = IntVector(repeating: Rule.offset)
  var target = UnsafeMutableRawPointer(out)
  for i in stride(from: 0, to: count, by: lanes) {
    let numbers = rounded(load(x + i, first: count - i) * factor) &+ offset
    Rule.write(unsafeBitCast(numbers, to: Vector.self), target)
    target += lanes * MemoryLayout<Float>.size / Rule.numbersPerLane
  }
}

/// Weights over their scales as whole numbers.
@inline(__always)
func wholeNumbers(_ weights: Vector, over scales: Vector) -> IntVector {
  rounded(weights / scales) &- IntVector(repeating: wholeBase)
}
