import RealModule

/// Random numbers by counting: number k of stream (seed, stream) is a function of the three, so any
/// thread can draw sample i's numbers without the others (Philox 4×32-10; Salmon, Moraes, Dror &
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
///
/// The sequence belongs to the file format: it will not change between versions.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let stream: UInt64
  private var counter: UInt64 = 0
  private var buffer: (UInt64, UInt64) = (0, 0)
  private var left = 0

  /// Stream number `stream` of `seed`; different streams are independent.
  public init(seed: UInt64, stream: UInt64) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.stream = stream
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if left == 0 {
      buffer = Self.block(key: key, counter: counter, stream: stream)
      counter &+= 1
      left = 2
    }
    left -= 1
    return left == 1 ? buffer.0 : buffer.1
  }

  /// Uniform in [0, 1), 53 bits.
  public mutating func nextUniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Standard normal (Box & Muller 1958; one number of each pair is used).
  public mutating func nextNormal() -> Double {
    let radius = (-2 * Double.log(1 - nextUniform())).squareRoot()
    return radius * Double.cos(2 * .pi * nextUniform())
  }

  /// A whole number below `bound`, without bias (Lemire 2019).
  public mutating func next(below bound: Int) -> Int {
    Int(next(upperBound: UInt64(bound)))
  }

  /// A random order of 0 ..< count (Fisher & Yates, as in Knuth, TAOCP 2, algorithm P).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    var i = count - 1
    while i > 0 {
      order.swapAt(i, next(below: i + 1))
      i -= 1
    }
    return order
  }

  /// Ten rounds of Philox 4×32.
  static func block(
    key: (UInt32, UInt32), counter: UInt64, stream: UInt64
  ) -> (UInt64, UInt64) {
    var (k0, k1) = key
    var c0 = UInt32(truncatingIfNeeded: counter)
    var c1 = UInt32(truncatingIfNeeded: counter >> 32)
    var c2 = UInt32(truncatingIfNeeded: stream)
    var c3 = UInt32(truncatingIfNeeded: stream >> 32)
    for _ in 0..<10 {
      let a = UInt64(c0) * 0xD251_1F53
      let b = UInt64(c2) * 0xCD9E_8D57
      let n0 = UInt32(truncatingIfNeeded: b >> 32) ^ c1 ^ k0
      let n2 = UInt32(truncatingIfNeeded: a >> 32) ^ c3 ^ k1
      c1 = UInt32(truncatingIfNeeded: b)
      c3 = UInt32(truncatingIfNeeded: a)
      c0 = n0
      c2 = n2
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (UInt64(c1) << 32 | UInt64(c0), UInt64(c3) << 32 | UInt64(c2))
  }
}
