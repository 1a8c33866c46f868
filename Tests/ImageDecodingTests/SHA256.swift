/// SHA-256 (FIPS 180-4), to compare decoded pixels with expected ones.
enum SHA256 {
  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = primes(64).map { fraction(cubeRoot: $0) }
  /// The same of the square roots of the first 8 primes.
  private static let initial: [UInt32] = primes(8).map { fraction(squareRoot: $0) }

  /// The digest in hexadecimal.
  static func hex(_ bytes: [UInt8]) -> String {
    var state = initial
    var schedule = [UInt32](repeating: 0, count: 64)
    var tail = Array(bytes.suffix(bytes.count % 64))
    tail.append(0x80)
    while tail.count % 64 != 56 { tail.append(0) }
    let bits = UInt64(bytes.count) * 8
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    constants.withUnsafeBufferPointer { constants in
      schedule.withUnsafeMutableBufferPointer { schedule in
        state.withUnsafeMutableBufferPointer { state in
          func digest(_ bytes: UnsafeBufferPointer<UInt8>) {
            for block in 0..<bytes.count / 64 {
              guard let base = bytes.baseAddress, let w = schedule.baseAddress,
                let k = constants.baseAddress, let h = state.baseAddress
              else { return }
              compress(base + block * 64, w, k, h)
            }
          }
          bytes.withUnsafeBufferPointer { digest($0) }
          tail.withUnsafeBufferPointer { digest($0) }
        }
      }
    }
    return state.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }

  private static func compress(
    _ block: UnsafePointer<UInt8>, _ w: UnsafeMutablePointer<UInt32>, _ k: UnsafePointer<UInt32>,
    _ state: UnsafeMutablePointer<UInt32>
  ) {
    var t = 0
    while t < 16 {
      let high = UInt32(block[4 * t]) &<< 24 | UInt32(block[4 * t + 1]) &<< 16
      w[t] = high | UInt32(block[4 * t + 2]) &<< 8 | UInt32(block[4 * t + 3])
      t &+= 1
    }
    while t < 64 {
      let (x, y) = (w[t &- 15], w[t &- 2])
      let s0 = (x &>> 7 | x &<< 25) ^ (x &>> 18 | x &<< 14) ^ (x &>> 3)
      let s1 = (y &>> 17 | y &<< 15) ^ (y &>> 19 | y &<< 13) ^ (y &>> 10)
      w[t] = w[t &- 16] &+ s0 &+ w[t &- 7] &+ s1
      t &+= 1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    t = 0
    while t < 64 {
      let s1 = (e &>> 6 | e &<< 26) ^ (e &>> 11 | e &<< 21) ^ (e &>> 25 | e &<< 7)
      let first = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ k[t] &+ w[t]
      let s0 = (a &>> 2 | a &<< 30) ^ (a &>> 13 | a &<< 19) ^ (a &>> 22 | a &<< 10)
      let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
      t &+= 1
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }

  private static func primes(_ count: Int) -> [Int] {
    var found: [Int] = []
    var candidate = 2
    while found.count < count {
      if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }

  /// 32 bits of the root's fraction: the greatest x with x² ≤ n · 2^64, modulo 2^32.
  private static func fraction(squareRoot n: Int) -> UInt32 {
    root { x in
      let (high, low) = x.multipliedFullWidth(by: x)
      return high < UInt64(n) || (high == UInt64(n) && low == 0)
    }
  }

  /// The greatest x with x³ ≤ n · 2^96, modulo 2^32.
  private static func fraction(cubeRoot n: Int) -> UInt32 {
    root { x in
      let square = x.multipliedFullWidth(by: x)
      let low = square.low.multipliedFullWidth(by: x)
      let high = square.high * x
      let (sum, carry) = high.addingReportingOverflow(low.high)
      guard !carry else { return false }
      // Compares sum · 2^64 with n · 2^96.
      return sum < UInt64(n) << 32
    }
  }

  private static func root(_ isSmall: (UInt64) -> Bool) -> UInt32 {
    var value: UInt64 = 0
    for bit in (0..<36).reversed() where isSmall(value | 1 << UInt64(bit)) {
      value |= 1 << UInt64(bit)
    }
    return UInt32(truncatingIfNeeded: value)
  }
}
