// The register tile: R rows by w vectors of columns. Every product in this package goes through
// `Tile.multiply`: acc[r] += Σ_k a[r, k] · weights[k], k ascending, one fused multiply-add a step,
// so that an element's bits never depend on the tile it was computed in.
// Accumulators are named variables of structs, which the compiler keeps in registers.

/// w vectors side by side: one row of accumulators, or one step's weights.
protocol Columns {
  /// w.
  static var width: Int { get }
  /// Distance between two steps' weights, in vectors.
  static var pitch: Int { get }
  /// All zero.
  init()
  /// Reads w vectors.
  init(_ p: UnsafePointer<Float>)
  /// Reads w vectors, at most `count` elements, the rest zero.
  init(_ p: UnsafePointer<Float>, first count: Int)
  /// Where vector `column` of a step's weights is, in vectors.
  static func offset(_ column: Int) -> Int
  /// Vector `column` += x · weight.
  mutating func accumulate(_ x: Vector, _ weight: Vector, column: Int)
  /// Adds another row.
  mutating func add(_ other: Self)
  /// Writes w vectors; the last ones cut so that at most `count` elements are touched.
  func write(_ p: UnsafeMutablePointer<Float>, first count: Int)
}

/// What a product of two vectors is, lane by lane.
protocol ProductRule {
  /// sum + x · weight.
  static func add(_ x: Vector, _ weight: Vector, _ sum: Vector) -> Vector
}

/// Single precision, one number a lane.
enum SingleProduct: ProductRule {
  @inline(__always)
  static func add(_ x: Vector, _ weight: Vector, _ sum: Vector) -> Vector { fma(x, weight, sum) }
}

typealias Single = SingleOf<SingleProduct>
typealias Pair = PairOf<SingleProduct>
typealias Triple = TripleOf<SingleProduct>
typealias Quad = QuadOf<SingleProduct>

/// One vector.
struct SingleOf<Rule: ProductRule>: Columns {
  @inline(__always) static var width: Int { 1 }
  @inline(__always) static var pitch: Int { 1 }
  var a = Vector(repeating: 0)
  @inline(__always) init() {}
  @inline(__always) init(_ p: UnsafePointer<Float>) {
    a = load(p)
  }
  @inline(__always) init(_ p: UnsafePointer<Float>, first count: Int) {
    a = load(p, first: count)
  }
  @inline(__always) static func offset(_ column: Int) -> Int { column }
  @inline(__always)
  mutating func accumulate(_ x: Vector, _ weight: Vector, column: Int) {
    a = Rule.add(x, weight, a)
  }
  @inline(__always) mutating func add(_ other: Self) {
    a += other.a
  }
  @inline(__always) func write(_ p: UnsafeMutablePointer<Float>, first count: Int) {
    store(a, p, first: count)
  }
}

/// Two vectors.
struct PairOf<Rule: ProductRule>: Columns {
  @inline(__always) static var width: Int { 2 }
  @inline(__always) static var pitch: Int { 2 }
  var a = Vector(repeating: 0)
  var b = Vector(repeating: 0)
  @inline(__always) init() {}
  @inline(__always) init(_ p: UnsafePointer<Float>) {
    a = load(p)
    b = load(p + lanes)
  }
  @inline(__always) init(_ p: UnsafePointer<Float>, first count: Int) {
    a = load(p, first: count)
    b = load(p + lanes, first: count - lanes)
  }
  @inline(__always) static func offset(_ column: Int) -> Int { column }
  @inline(__always)
  mutating func accumulate(_ x: Vector, _ weight: Vector, column: Int) {
    switch column {
    case 0: a = Rule.add(x, weight, a)
    default: b = Rule.add(x, weight, b)
    }
  }
  @inline(__always) mutating func add(_ other: Self) {
    a += other.a
    b += other.b
  }
  @inline(__always) func write(_ p: UnsafeMutablePointer<Float>, first count: Int) {
    store(a, p, first: count)
    store(b, p + lanes, first: count - lanes)
  }
}

/// Three vectors.
struct TripleOf<Rule: ProductRule>: Columns {
  @inline(__always) static var width: Int { 3 }
  @inline(__always) static var pitch: Int { 3 }
  var a = Vector(repeating: 0)
  var b = Vector(repeating: 0)
  var c = Vector(repeating: 0)
  @inline(__always) init() {}
  @inline(__always) init(_ p: UnsafePointer<Float>) {
    a = load(p)
    b = load(p + lanes)
    c = load(p + 2 * lanes)
  }
  @inline(__always) init(_ p: UnsafePointer<Float>, first count: Int) {
    a = load(p, first: count)
    b = load(p + lanes, first: count - lanes)
    c = load(p + 2 * lanes, first: count - 2 * lanes)
  }
  @inline(__always) static func offset(_ column: Int) -> Int { column }
  @inline(__always)
  mutating func accumulate(_ x: Vector, _ weight: Vector, column: Int) {
    switch column {
    case 0: a = Rule.add(x, weight, a)
    case 1: b = Rule.add(x, weight, b)
    default: c = Rule.add(x, weight, c)
    }
  }
  @inline(__always) mutating func add(_ other: Self) {
    a += other.a
    b += other.b
    c += other.c
  }
  @inline(__always) func write(_ p: UnsafeMutablePointer<Float>, first count: Int) {
    store(a, p, first: count)
    store(b, p + lanes, first: count - lanes)
    store(c, p + 2 * lanes, first: count - 2 * lanes)
  }
}

/// Four vectors: a panel of hidden units with its gates i, f, g, o.
struct QuadOf<Rule: ProductRule>: Columns {
  @inline(__always) static var width: Int { 4 }
  @inline(__always) static var pitch: Int { 4 }
  var a = Vector(repeating: 0)
  var b = Vector(repeating: 0)
  var c = Vector(repeating: 0)
  var d = Vector(repeating: 0)
  @inline(__always) init() {}
  @inline(__always) init(_ p: UnsafePointer<Float>) {
    a = load(p)
    b = load(p + lanes)
    c = load(p + 2 * lanes)
    d = load(p + 3 * lanes)
  }
  @inline(__always) init(_ p: UnsafePointer<Float>, first count: Int) {
    a = load(p, first: count)
    b = load(p + lanes, first: count - lanes)
    c = load(p + 2 * lanes, first: count - 2 * lanes)
    d = load(p + 3 * lanes, first: count - 3 * lanes)
  }
  @inline(__always) static func offset(_ column: Int) -> Int { column }
  @inline(__always)
  mutating func accumulate(_ x: Vector, _ weight: Vector, column: Int) {
    switch column {
    case 0: a = Rule.add(x, weight, a)
    case 1: b = Rule.add(x, weight, b)
    case 2: c = Rule.add(x, weight, c)
    default: d = Rule.add(x, weight, d)
    }
  }
  @inline(__always) mutating func add(_ other: Self) {
    a += other.a
    b += other.b
    c += other.c
    d += other.d
  }
  @inline(__always) func write(_ p: UnsafeMutablePointer<Float>, first count: Int) {
    store(a, p, first: count)
    store(b, p + lanes, first: count - lanes)
    store(c, p + 2 * lanes, first: count - 2 * lanes)
    store(d, p + 3 * lanes, first: count - 3 * lanes)
  }
}

/// The three gates i, f, o out of a panel of four: weights and gradients of a full peephole.
struct GatesWithoutCandidate: Columns {
  @inline(__always) static var width: Int { 3 }
  @inline(__always) static var pitch: Int { 4 }
  var a = Vector(repeating: 0)
  var b = Vector(repeating: 0)
  var d = Vector(repeating: 0)
  @inline(__always) init() {}
  @inline(__always) init(_ p: UnsafePointer<Float>) {
    a = load(p)
    b = load(p + lanes)
    d = load(p + 3 * lanes)
  }
  @inline(__always) init(_ p: UnsafePointer<Float>, first count: Int) {
    a = load(p, first: count)
    b = load(p + lanes, first: count - lanes)
    d = load(p + 3 * lanes, first: count - 3 * lanes)
  }
  @inline(__always) static func offset(_ column: Int) -> Int { column == 2 ? 3 : column }
  @inline(__always)
  mutating func accumulate(_ x: Vector, _ weight: Vector, column: Int) {
    switch column {
    case 0: a = fma(x, weight, a)
    case 1: b = fma(x, weight, b)
    default: d = fma(x, weight, d)
    }
  }
  @inline(__always) mutating func add(_ other: Self) {
    a += other.a
    b += other.b
    d += other.d
  }
  @inline(__always) func write(_ p: UnsafeMutablePointer<Float>, first count: Int) {
    store(a, p)
    store(b, p + lanes)
    store(d, p + 3 * lanes)
  }
}
