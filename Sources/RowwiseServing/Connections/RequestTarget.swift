/// A request's target, taken apart: the path and what the query asks for.
package struct RequestTarget: Sendable, Equatable {
  /// Parts of the path between its slashes, with escapes taken back.
  package let parts: [String]
  /// Names and values of the query, in their order.
  package let query: [(name: String, value: String)]

  /// Nil where escapes are wrong or are no UTF-8.
  package init?(_ target: String) {
    let halves = target.utf8.split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = halves.first, path.first == UInt8(ascii: "/") else { return nil }
    var parts: [String] = []
    for piece in path.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
      guard let part = Self.decoded(piece, plusIsSpace: false) else { return nil }
      parts.append(part)
    }
    // A slash at the end makes no difference.
    if parts.last == "" { parts.removeLast() }
    self.parts = parts
    var query: [(name: String, value: String)] = []
    if halves.count == 2 {
      for piece in halves[1].split(separator: UInt8(ascii: "&")) {
        let pair = piece.split(
          separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Self.decoded(pair[0], plusIsSpace: true),
          let value = pair.count == 2 ? Self.decoded(pair[1], plusIsSpace: true) : ""
        else { return nil }
        query.append((name, value))
      }
    }
    self.query = query
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.parts == right.parts && left.query.elementsEqual(right.query) { $0 == $1 }
  }

  private static func decoded(
    _ text: some Collection<UInt8>, plusIsSpace: Bool
  ) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index != text.endIndex {
      let byte = text[index]
      text.formIndex(after: &index)
      switch byte {
      case UInt8(ascii: "%"):
        guard index != text.endIndex, let high = hexadecimal(text[index]) else { return nil }
        text.formIndex(after: &index)
        guard index != text.endIndex, let low = hexadecimal(text[index]) else { return nil }
        text.formIndex(after: &index)
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
