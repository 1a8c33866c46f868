import RealModule

/// The SplitMix64 generator: a 64-bit counter and a mixing function.
///
/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014. It decides
/// permutations and splits that are stored by their seed only, so its output, and that of
/// ``next(below:)`` and ``shuffle(_:)``, must never change.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// A number in `0..<bound`, every one equally likely.
  ///
  /// The high half of a 128-bit product, rejecting the few draws that would favour some numbers
  /// (Lemire: "Fast random integer generation in an interval", 2019). `bound` is at least 1.
  package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0, "bound is \(bound), expected at least 1")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// A number from 0 to `limit` − 1: the high word of `next()` · `limit`.
  ///
  /// One draw per number, so that others can repeat the sequence; the bias, less than
  /// `limit` / 2⁶⁴, is nothing to resampling. The bootstrap's seeds mean this rule, those of
  /// permutations and splits ``next(below:)``.
  package mutating func index(below limit: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(limit)).high)
  }

  /// A number above 0 and at most 1: (⌊`next()` / 2¹¹⌋ + 1) / 2⁵³.
  package mutating func share() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

  /// A number of the exponential distribution with mean 1: −ln of a share.
  package mutating func exponential() -> Double { -Double.log(share()) }

  /// Shuffles by Fisher and Yates, from the last element down: element i changes places with
  /// element `next(below: i + 1)`.
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    var i = elements.count - 1
    while i > 0 {
      elements.swapAt(i, next(below: i + 1))
      i -= 1
    }
  }
}
