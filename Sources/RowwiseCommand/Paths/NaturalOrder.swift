/// The order in which people list names: "2" before "10", "a" beside "A".
enum NaturalOrder {
  /// Whether `left` comes before `right`.
  ///
  /// Runs of digits compare as numbers of any length, ASCII letters without regard to case,
  /// everything else by its UTF-8 bytes; names that are alike so far by all their bytes.
  static func precedes(_ left: String, _ right: String) -> Bool {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      if isDigit(a[i]), isDigit(b[j]) {
        let (first, second) = (number(in: a, at: &i), number(in: b, at: &j))
        if first.count != second.count { return first.count < second.count }
        if first != second { return first.lexicographicallyPrecedes(second) }
      } else {
        let (first, second) = (folded(a[i]), folded(b[j]))
        if first != second { return first < second }
        i += 1
        j += 1
      }
    }
    if (i == a.count) != (j == b.count) { return i == a.count }
    return a.lexicographicallyPrecedes(b)
  }

  /// The digits from `position` on without leading zeros; moves `position` behind them.
  private static func number(in bytes: [UInt8], at position: inout Int) -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    return bytes[start..<position].drop { $0 == UInt8(ascii: "0") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }
}
