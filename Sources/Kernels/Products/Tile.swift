/// R rows of accumulators.
protocol Tile<C> {
  associatedtype C: Columns
  /// R.
  static var rows: Int { get }
  /// All zero.
  init()
  /// Row r of the tile.
  subscript(row r: Int) -> C { get set }
  /// acc[r] += Σ_k a[r · rowStride + k · stepStride] · weights[k · weightStride …], k = 0 ..< steps.
  mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, weightStride: Int, steps: Int)
}

extension Tile {
  /// The same with the steps' weights side by side.
  @inline(__always) mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, steps: Int
  ) {
    multiply(
      a, rowStride: rowStride, stepStride: stepStride, weights: weights,
      weightStride: C.pitch * lanes, steps: steps)
  }
}

/// A tile of 1 row.
struct Tile1<C: Columns>: Tile {
  @inline(__always) static var rows: Int { 1 }
  var r0 = C()
  @inline(__always) init() {}
  @inline(__always) subscript(row r: Int) -> C {
    get {
      r0
    }
    set {
      r0 = newValue
    }
  }
  @inline(__always) mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, weightStride: Int, steps: Int
  ) {
    var a = a
    var weights = weights
    for _ in 0..<steps {
      let x0 = Vector(repeating: a[0])
      for column in 0..<C.width {
        let w = load(weights + C.offset(column) * lanes)
        r0.accumulate(x0, w, column: column)
      }
      a += stepStride
      weights += weightStride
    }
  }
}

/// A tile of 2 rows.
struct Tile2<C: Columns>: Tile {
  @inline(__always) static var rows: Int { 2 }
  var r0 = C()
  var r1 = C()
  @inline(__always) init() {}
  @inline(__always) subscript(row r: Int) -> C {
    get {
      switch r {
      case 0: r0
      default: r1
      }
    }
    set {
      switch r {
      case 0: r0 = newValue
      default: r1 = newValue
      }
    }
  }
  @inline(__always) mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, weightStride: Int, steps: Int
  ) {
    var a = a
    var weights = weights
    for _ in 0..<steps {
      let x0 = Vector(repeating: a[0])
      let x1 = Vector(repeating: a[rowStride])
      for column in 0..<C.width {
        let w = load(weights + C.offset(column) * lanes)
        r0.accumulate(x0, w, column: column)
        r1.accumulate(x1, w, column: column)
      }
      a += stepStride
      weights += weightStride
    }
  }
}

/// A tile of 3 rows.
struct Tile3<C: Columns>: Tile {
  @inline(__always) static var rows: Int { 3 }
  var r0 = C()
  var r1 = C()
  var r2 = C()
  @inline(__always) init() {}
  @inline(__always) subscript(row r: Int) -> C {
    get {
      switch r {
      case 0: r0
      case 1: r1
      default: r2
      }
    }
    set {
      switch r {
      case 0: r0 = newValue
      case 1: r1 = newValue
      default: r2 = newValue
      }
    }
  }
  @inline(__always) mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, weightStride: Int, steps: Int
  ) {
    var a = a
    var weights = weights
    for _ in 0..<steps {
      let x0 = Vector(repeating: a[0])
      let x1 = Vector(repeating: a[rowStride])
      let x2 = Vector(repeating: a[2 * rowStride])
      for column in 0..<C.width {
        let w = load(weights + C.offset(column) * lanes)
        r0.accumulate(x0, w, column: column)
        r1.accumulate(x1, w, column: column)
        r2.accumulate(x2, w, column: column)
      }
      a += stepStride
      weights += weightStride
    }
  }
}

/// A tile of 4 rows.
struct Tile4<C: Columns>: Tile {
  @inline(__always) static var rows: Int { 4 }
  var r0 = C()
  var r1 = C()
  var r2 = C()
  var r3 = C()
  @inline(__always) init() {}
  @inline(__always) subscript(row r: Int) -> C {
    get {
      switch r {
      case 0: r0
      case 1: r1
      case 2: r2
      default: r3
      }
    }
    set {
      switch r {
      case 0: r0 = newValue
      case 1: r1 = newValue
      case 2: r2 = newValue
      default: r3 = newValue
      }
    }
  }
  @inline(__always) mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, weightStride: Int, steps: Int
  ) {
    var a = a
    var weights = weights
    for _ in 0..<steps {
      let x0 = Vector(repeating: a[0])
      let x1 = Vector(repeating: a[rowStride])
      let x2 = Vector(repeating: a[2 * rowStride])
      let x3 = Vector(repeating: a[3 * rowStride])
      for column in 0..<C.width {
        let w = load(weights + C.offset(column) * lanes)
        r0.accumulate(x0, w, column: column)
        r1.accumulate(x1, w, column: column)
        r2.accumulate(x2, w, column: column)
        r3.accumulate(x3, w, column: column)
      }
      a += stepStride
      weights += weightStride
    }
  }
}

/// A tile of 5 rows.
struct Tile5<C: Columns>: Tile {
  @inline(__always) static var rows: Int { 5 }
  var r0 = C()
  var r1 = C()
  var r2 = C()
  var r3 = C()
  var r4 = C()
  @inline(__always) init() {}
  @inline(__always) subscript(row r: Int) -> C {
    get {
      switch r {
      case 0: r0
      case 1: r1
      case 2: r2
      case 3: r3
      default: r4
      }
    }
    set {
      switch r {
      case 0: r0 = newValue
      case 1: r1 = newValue
      case 2: r2 = newValue
      case 3: r3 = newValue
      default: r4 = newValue
      }
    }
  }
  @inline(__always) mutating func multiply(
    _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int,
    weights: UnsafePointer<Float>, weightStride: Int, steps: Int
  ) {
    var a = a
    var weights = weights
    for _ in 0..<steps {
      let x0 = Vector(repeating: a[0])
      let x1 = Vector(repeating: a[rowStride])
      let x2 = Vector(repeating: a[2 * rowStride])
      let x3 = Vector(repeating: a[3 * rowStride])
      let x4 = Vector(repeating: a[4 * rowStride])
      for column in 0..<C.width {
        let w = load(weights + C.offset(column) * lanes)
        r0.accumulate(x0, w, column: column)
        r1.accumulate(x1, w, column: column)
        r2.accumulate(x2, w, column: column)
        r3.accumulate(x3, w, column: column)
        r4.accumulate(x4, w, column: column)
      }
      a += stepStride
      weights += weightStride
    }
  }
}
