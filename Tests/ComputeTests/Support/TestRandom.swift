/// Reproducible random numbers for tests (SplitMix64: Steele, Lea & Flood 2014).
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(bitPattern: Int64(seed))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform values in -scale ..< scale that Float can hold exactly.
  mutating func uniform(_ count: Int, scale: Double = 1) -> [Double] {
    (0..<count).map { _ in
      let unit = Double(next() >> 40) / Double(1 << 23) - 1
      return Double(Float(unit * scale))
    }
  }

  /// A whole number of a range.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }
}
