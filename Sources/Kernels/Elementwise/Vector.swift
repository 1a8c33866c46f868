import CRowwiseIntrinsics

// One source, compiled once for each instruction set: only the vector's width and the number of
// rows in a register tile differ. A tile of R rows by four vectors needs 4R accumulators and, as the
// compiler orders a step, R broadcast inputs and four weights: R = 5 fills 29 of 32 registers, and
// with R = 6 accumulators go to memory and back in every step. R = 3 fills 16, one weight at a time.
#if KERNELS_AVX512
  typealias Vector = SIMD16<Float>
  typealias IntVector = SIMD16<Int32>
  typealias UnsignedVector = SIMD16<UInt32>
  @inline(__always) var lanes: Int { 16 }
  @inline(__always) var maximumTileRows: Int { 5 }
#elseif KERNELS_AVX2
  typealias Vector = SIMD8<Float>
  typealias IntVector = SIMD8<Int32>
  typealias UnsignedVector = SIMD8<UInt32>
  @inline(__always) var lanes: Int { 8 }
  @inline(__always) var maximumTileRows: Int { 3 }
#else
  typealias Vector = SIMD4<Float>
  typealias IntVector = SIMD4<Int32>
  typealias UnsignedVector = SIMD4<UInt32>
  @inline(__always) var lanes: Int { 4 }
  #if arch(arm64)
    @inline(__always) var maximumTileRows: Int { 5 }
  #else
    @inline(__always) var maximumTileRows: Int { 3 }
  #endif
#endif

/// a · b + c, one rounding where the instruction set has it.
@inline(__always)
func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
  #if KERNELS_AVX512
    rw_f32x16_fma(a, b, c)
  #elseif KERNELS_AVX2
    rw_f32x8_fma(a, b, c)
  #else
    rw_f32x4_fma(a, b, c)
  #endif
}

/// The smaller of each pair of lanes; NaN where x is.
@inline(__always)
func minimum(_ bound: Vector, _ x: Vector) -> Vector {
  #if KERNELS_AVX512
    rw_f32x16_min(bound, x)
  #elseif KERNELS_AVX2
    rw_f32x8_min(bound, x)
  #else
    rw_f32x4_min(bound, x)
  #endif
}

/// The larger of each pair of lanes; NaN where x is.
@inline(__always)
func maximum(_ bound: Vector, _ x: Vector) -> Vector {
  #if KERNELS_AVX512
    rw_f32x16_max(bound, x)
  #elseif KERNELS_AVX2
    rw_f32x8_max(bound, x)
  #else
    rw_f32x4_max(bound, x)
  #endif
}

/// Square roots, correctly rounded.
@inline(__always)
func squareRoot(_ a: Vector) -> Vector {
  #if KERNELS_AVX512
    rw_f32x16_sqrt(a)
  #elseif KERNELS_AVX2
    rw_f32x8_sqrt(a)
  #else
    rw_f32x4_sqrt(a)
  #endif
}

/// Reads a vector from any element-aligned address.
@inline(__always)
func load(_ p: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
}

/// Writes a vector to any element-aligned address.
@inline(__always)
func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}

/// Reads the first `count` lanes (any number, also negative), the rest zero. Never touches memory beyond them.
@inline(__always)
func load(_ p: UnsafePointer<Float>, first count: Int) -> Vector {
  // By a mask where there is one: around a call every vector at hand would go to memory.
  #if KERNELS_AVX512
    rw_f32x16_load_first(p, count)
  #elseif KERNELS_AVX2
    count >= lanes ? load(p) : rw_f32x8_load_first(p, count)
  #else
    count >= lanes ? load(p) : loadPart(p, count)
  #endif
}

/// Writes the first `count` lanes (any number, also negative). Never touches memory beyond them.
@inline(__always)
func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>, first count: Int) {
  #if KERNELS_AVX512
    rw_f32x16_store_first(p, v, count)
  #elseif KERNELS_AVX2
    if count >= lanes { store(v, p) } else { rw_f32x8_store_first(p, v, count) }
  #else
    if count >= lanes { store(v, p) } else { storePart(v, p, count) }
  #endif
}

#if !KERNELS_AVX512 && !KERNELS_AVX2
  /// Apart, so that the loops around it stay small.
  @inline(never)
  private func loadPart(_ p: UnsafePointer<Float>, _ count: Int) -> Vector {
    var v = Vector(repeating: 0)
    var i = 0
    while i < count {
      v[i] = p[i]
      i += 1
    }
    return v
  }

  @inline(never)
  private func storePart(_ v: Vector, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
    var i = 0
    while i < count {
      p[i] = v[i]
      i += 1
    }
  }
#endif

/// Asks for the cache lines of `count` elements that are needed soon; nothing is read.
@inline(__always)
func prefetch(_ p: UnsafePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    rw_prefetch(p + i)
    i += 16
  }
}

/// The same for the second-level cache.
@inline(__always)
func prefetchSecond(_ p: UnsafePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    rw_prefetch_second(p + i)
    i += 16
  }
}

/// The number of vectors that hold `count` elements.
@inline(__always)
func vectors(_ count: Int) -> Int { (count + lanes - 1) / lanes }
