import RowwiseKernelInterface

/// 0, 1, 2 …
@inline(__always) private var laneNumbers: UnsignedVector {
  #if KERNELS_AVX512
    UnsignedVector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  #elseif KERNELS_AVX2
    UnsignedVector(0, 1, 2, 3, 4, 5, 6, 7)
  #else
    UnsignedVector(0, 1, 2, 3)
  #endif
}

/// One row's zoneout in one timestep; see `Zoneout`.
struct ZoneoutRow {
  private let hiddenRate: Float
  private let cellRate: Float
  private let hiddenThreshold: Int32
  private let cellThreshold: Int32
  /// Whether masks are drawn, and not expected.
  private let isRandom: Bool
  private let low: UInt32
  private let high: UInt32

  @inline(__always)
  init(_ zoneout: Zoneout, _ row: Int, _ timestep: Int) {
    hiddenRate = Float(zoneout.hiddenRate)
    cellRate = Float(zoneout.cellRate)
    hiddenThreshold = Int32(zoneout.hiddenRate * 0x1p31)
    cellThreshold = Int32(zoneout.cellRate * 0x1p31)
    var key: UInt64 = 0
    if let keys = zoneout.keys {
      key = keys[row]
      isRandom = true
    } else {
      isRandom = false
    }
    low = UInt32(truncatingIfNeeded: key) &+ UInt32(truncatingIfNeeded: timestep) &* 0x9E37_79B9
    high = UInt32(truncatingIfNeeded: key >> 32)
  }

  /// The new h of units unit …
  @inline(__always)
  func hidden(_ new: Vector, _ old: Vector, _ unit: Int) -> Vector {
    guard isRandom else { return fma(Vector(repeating: hiddenRate), old - new, new) }
    return choose(mask(UInt32(truncatingIfNeeded: unit), hiddenThreshold), old, new)
  }

  /// The new c of units unit …
  @inline(__always)
  func cell(_ new: Vector, _ old: Vector, _ unit: Int) -> Vector {
    guard isRandom else { return fma(Vector(repeating: cellRate), old - new, new) }
    return choose(mask(UInt32(truncatingIfNeeded: unit) | 0x8000_0000, cellThreshold), old, new)
  }

  /// A gradient's share that goes to the new h, and the one that goes straight to the old.
  @inline(__always)
  func splitHidden(_ d: Vector, _ unit: Int) -> (new: Vector, old: Vector) {
    guard isRandom else { return share(d, hiddenRate) }
    return split(d, mask(UInt32(truncatingIfNeeded: unit), hiddenThreshold))
  }

  /// A gradient's share that goes to the new c, and the one that goes straight to the old.
  @inline(__always)
  func splitCell(_ d: Vector, _ unit: Int) -> (new: Vector, old: Vector) {
    guard isRandom else { return share(d, cellRate) }
    return split(d, mask(UInt32(truncatingIfNeeded: unit) | 0x8000_0000, cellThreshold))
  }

  /// What is expected to go either way.
  @inline(__always)
  private func share(_ d: Vector, _ rate: Float) -> (new: Vector, old: Vector) {
    let old = d * Vector(repeating: rate)
    return (d - old, old)
  }

  @inline(__always)
  private func split(_ d: Vector, _ mask: IntVector) -> (new: Vector, old: Vector) {
    let zero = Vector(repeating: 0)
    return (choose(mask, zero, d), choose(mask, d, zero))
  }

  /// All ones where a unit keeps its state.
  @inline(__always)
  private func mask(_ first: UInt32, _ threshold: Int32) -> IntVector {
    var x = laneNumbers &+ UnsignedVector(repeating: first)
    x = mix(x ^ UnsignedVector(repeating: low))
    x = mix(x ^ UnsignedVector(repeating: high))
    let number = unsafeBitCast(x &>> 1, to: IntVector.self)
    return (number &- IntVector(repeating: threshold)) &>> 31
  }

  @inline(__always)
  private func mix(_ number: UnsignedVector) -> UnsignedVector {
    var x = number ^ (number &>> 16)
    x = x &* UnsignedVector(repeating: 0x7FEB_352D)
    x = x ^ (x &>> 15)
    x = x &* UnsignedVector(repeating: 0x846C_A68B)
    return x ^ (x &>> 16)
  }

  /// a where the mask is ones, b where it is zeros.
  @inline(__always)
  private func choose(_ mask: IntVector, _ a: Vector, _ b: Vector) -> Vector {
    let ones = mask & unsafeBitCast(a, to: IntVector.self)
    let zeros = ~mask & unsafeBitCast(b, to: IntVector.self)
    return unsafeBitCast(ones | zeros, to: Vector.self)
  }
}
