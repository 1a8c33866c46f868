/// The 64-bit hash of Yann Collet's xxHash (XXH64, seed 0), over bytes that arrive in pieces.
///
/// Written from its specification, "xxHash fast digest algorithm", version 0.1.1. Fast and stable
/// over machines and versions, but no protection against someone who wants a collision.
package struct XXHash64 {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )
  private var lanes: (UInt64, UInt64, UInt64, UInt64)
  private var total: UInt64 = 0
  /// Bytes of an unfinished block of 32.
  private var tail: [UInt8] = []

  package init() {
    let p = XXHash64.primes
    lanes = (p.0 &+ p.1, p.1, 0, 0 &- p.0)
    tail.reserveCapacity(32)
  }

  private static func rotate(_ x: UInt64, _ count: UInt64) -> UInt64 {
    x &<< count | x &>> (64 &- count)
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* primes.1, 31) &* primes.0
  }

  private mutating func block(_ bytes: UnsafeRawPointer) {
    func word(_ i: Int) -> UInt64 {
      unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self))
    }
    lanes.0 = XXHash64.round(lanes.0, word(0))
    lanes.1 = XXHash64.round(lanes.1, word(1))
    lanes.2 = XXHash64.round(lanes.2, word(2))
    lanes.3 = XXHash64.round(lanes.3, word(3))
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    total &+= UInt64(bytes.count)
    var next = 0
    if !tail.isEmpty {
      next = min(32 - tail.count, bytes.count)
      unsafe tail.append(contentsOf: bytes[..<next])
      guard tail.count == 32 else { return }
      let filled = tail
      unsafe filled.withUnsafeBytes { if let start = $0.baseAddress { unsafe block(start) } }
      tail.removeAll(keepingCapacity: true)
    }
    while bytes.count - next >= 32 {
      unsafe block(base + next)
      next += 32
    }
    unsafe tail.append(contentsOf: bytes[next...])
  }

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { unsafe update(UnsafeRawBufferPointer($0)) }
  }

  /// A number as its 8 bytes, the lowest first.
  package mutating func update(_ number: Int) {
    unsafe withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { unsafe update($0) }
  }

  /// The hash of everything so far.
  package var value: UInt64 {
    let p = XXHash64.primes
    var hash: UInt64
    if total >= 32 {
      hash = XXHash64.rotate(lanes.0, 1) &+ XXHash64.rotate(lanes.1, 7)
      hash = hash &+ XXHash64.rotate(lanes.2, 12) &+ XXHash64.rotate(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ XXHash64.round(0, lane)) &* p.0 &+ p.3
      }
    } else {
      hash = p.4
    }
    hash = hash &+ total
    var i = 0
    while tail.count - i >= 8 {
      let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(tail[i + $1]) &<< UInt64(8 * $1) }
      hash = XXHash64.rotate(hash ^ XXHash64.round(0, word), 27) &* p.0 &+ p.3
      i += 8
    }
    if tail.count - i >= 4 {
      let word = (0..<4).reduce(UInt64(0)) { $0 | UInt64(tail[i + $1]) &<< UInt64(8 * $1) }
      hash = XXHash64.rotate(hash ^ word &* p.0, 23) &* p.1 &+ p.2
      i += 4
    }
    for byte in tail[i...] {
      hash = XXHash64.rotate(hash ^ UInt64(byte) &* p.4, 11) &* p.0
    }
    hash = (hash ^ hash &>> 33) &* p.1
    hash = (hash ^ hash &>> 29) &* p.2
    return hash ^ hash &>> 32
  }

  /// The hash of bytes that are all there.
  package static func value(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = XXHash64()
    unsafe hash.update(bytes)
    return hash.value
  }

  /// How fingerprints are written: `xxh64:` and 16 hexadecimal digits.
  package static func text(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return "xxh64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
