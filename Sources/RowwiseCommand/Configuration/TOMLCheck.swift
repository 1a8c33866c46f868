/// Finds in a TOML text what TOMLKit's parser, toml++, does not refuse but ends the process for.
///
/// That is the header of a table whose name begins with what no key begins with (`[!]`), a bracket that closes
/// another kind or none (`[}`), and some of what is no time (`1979-05-27Tx:00`). No option is a time, so all
/// are refused. Letters other than ASCII's outside of quotations and comments, where TOML has none, are asked
/// for in tables of toml++ that have no answer for them; quotations that begin within a word would hide some.
///
/// What comes before is read as the parser does, which gives up at the first mistake; what comes behind one
/// does not matter.
struct TOMLCheck {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  /// The brackets that are open.
  private var open: [UInt8] = []
  /// Whether nothing but space has come since the statement's line began.
  private var isAtStart = true

  /// The first mistake of these, with its line from 1; nil where there is none.
  static func problem(of text: String) -> (line: Int, reason: String)? {
    var check = TOMLCheck(bytes: Array(text.utf8))
    return check.run()
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  private mutating func run() -> (line: Int, reason: String)? {
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        isAtStart = open.isEmpty
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "#"):
        while place + 1 < bytes.count, bytes[place + 1] != UInt8(ascii: "\n") { place += 1 }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        if let reason = wordBefore { return (line, reason) }
        isAtStart = false
        skipQuotation(byte)
        continue
      case UInt8(ascii: "["):
        if isAtStart, !headerIsNamed {
          return (line, "expected a table's name behind [, as in [name]")
        }
        isAtStart = false
        open.append(byte)
      case UInt8(ascii: "{"):
        isAtStart = false
        open.append(byte)
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        let opening = UInt8(ascii: byte == UInt8(ascii: "]") ? "[" : "{")
        guard open.popLast() == opening else {
          let mark = Character(UnicodeScalar(byte))
          return (line, "\(mark) closes no \(Character(UnicodeScalar(opening)))")
        }
      case UInt8(ascii: ":"):
        return (line, "no option is a time, and a : stands in quotes; write key = value")
      case 0x80...:
        return (line, "letters other than A to Z stand in quotes, keys included")
      default: isAtStart = false
      }
      place += 1
    }
    return nil
  }

  /// What is wrong where a quotation begins within a word; nil where it does not.
  private var wordBefore: String? {
    guard place > 0 else { return nil }
    switch bytes[place - 1] {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "="),
      UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "{"), 0xBF:
      return nil
    default: return "a quotation begins within a word; expected one of its own"
    }
  }

  /// Whether what follows the bracket, or two, of a header begins a key, or ends a header that the parser
  /// refuses.
  private var headerIsNamed: Bool {
    var next = place + 1
    if next < bytes.count, bytes[next] == UInt8(ascii: "[") { next += 1 }
    while next < bytes.count, [UInt8(ascii: " "), UInt8(ascii: "\t")].contains(bytes[next]) {
      next += 1
    }
    guard next < bytes.count else { return false }
    switch bytes[next] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "]"):
      return true
    default: return false
    }
  }

  /// Goes behind a quotation in one line or, in three marks, in several.
  private mutating func skipQuotation(_ mark: UInt8) {
    func isThree(at place: Int) -> Bool {
      place + 3 <= bytes.count && bytes[place..<place + 3].allSatisfy { $0 == mark }
    }
    let isLong = isThree(at: place)
    place += isLong ? 3 : 1
    while place < bytes.count {
      let byte = bytes[place]
      if byte == mark, !isLong || isThree(at: place) {
        place += isLong ? 3 : 1
        // Up to two marks may stand before the three that end it.
        while isLong, place < bytes.count, bytes[place] == mark { place += 1 }
        return
      }
      if byte == UInt8(ascii: "\n") {
        // A mistake of the text's in one line: the parser gives up.
        if !isLong { return }
        line += 1
      }
      if byte == UInt8(ascii: "\\"), mark == UInt8(ascii: "\""), place + 1 < bytes.count,
        bytes[place + 1] != UInt8(ascii: "\n")
      {
        place += 1
      }
      place += 1
    }
  }
}
