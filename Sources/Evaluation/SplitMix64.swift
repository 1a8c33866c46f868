/// A small seeded generator of random numbers, the same on every machine.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014, with the constants of its published reference code.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the sequence that belongs to a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from 0 to `limit` − 1: the high word of `next()` · `limit`.
  ///
  /// One draw per number, so that others can repeat the sequence; the bias, less than
  /// `limit` / 2⁶⁴, is nothing to resampling.
  mutating func index(below limit: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(limit)).high)
  }
  /// A number above 0 and at most 1: (⌊`next()` / 2¹¹⌋ + 1) / 2⁵³.
  mutating func share() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

  /// A number of the exponential distribution with mean 1: −ln of a share.
  mutating func exponential() -> Double { -naturalLogarithm(share()) }
}
