/// Orders names the way people do: "2" before "10", "apple" before "Banana".
///
/// Runs of digits are compared by their number, letters of ASCII without regard to case; what is
/// then still equal ("01" and "1", "a" and "A") by its bytes.
package struct NaturalKey: Comparable, Sendable {
  private let name: String
  private let folded: [UInt8]

  package init(_ name: String) {
    self.name = name
    folded = NaturalKey.fold(name)
  }

  /// Bytes that compare one by one as the names should: a number becomes a digit, the count of its
  /// digits (two bytes, zeros in front left out) and the digits.
  private static func fold(_ name: String) -> [UInt8] {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    let bytes = Array(name.utf8)
    var folded: [UInt8] = []
    folded.reserveCapacity(bytes.count + 8)
    var i = 0
    while i < bytes.count {
      if digits.contains(bytes[i]) {
        while i < bytes.count, bytes[i] == UInt8(ascii: "0") { i += 1 }
        let start = i
        while i < bytes.count, digits.contains(bytes[i]) { i += 1 }
        let count = min(i - start, Int(UInt16.max))
        folded += [UInt8(ascii: "0"), UInt8(count >> 8), UInt8(count & 255)]
        folded += bytes[start..<i]
      } else {
        folded.append(capitals.contains(bytes[i]) ? bytes[i] + 32 : bytes[i])
        i += 1
      }
    }
    return folded
  }

  package static func < (a: NaturalKey, b: NaturalKey) -> Bool {
    if a.folded != b.folded { return a.folded.lexicographicallyPrecedes(b.folded) }
    return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
  }

  package static func == (a: NaturalKey, b: NaturalKey) -> Bool {
    a.name.utf8.elementsEqual(b.name.utf8)
  }

  /// The names in natural order.
  package static func sorted(_ names: some Sequence<String>) -> [String] {
    names.map { NaturalKey($0) }.sorted().map(\.name)
  }
}
