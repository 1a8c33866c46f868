/// The words of one layer's description, taken one after the other.
struct LayerWords {
  /// The layer's name as it stands there.
  let layer: String
  private var words: [Substring]
  /// Where the next word stands.
  private(set) var position: Int

  init(_ text: Substring, position: Int) {
    words = text.split(separator: ":", omittingEmptySubsequences: false).reversed()
    layer = words.last.map { String($0) } ?? ""
    self.position = position
  }

  var hasNext: Bool { !words.isEmpty }

  mutating func next(
    oneOf known: [String], called kind: String
  ) throws(LayersTextError) -> String {
    let (word, start) = try next(called: kind)
    guard known.contains(word) else {
      throw .unknownWord(word, kind: kind, position: start, known: known)
    }
    return word
  }

  mutating func nextInteger(
    called kind: String, _ range: ClosedRange<Int>
  ) throws(LayersTextError) -> Int {
    let (word, start) = try next(called: kind)
    guard let value = Int(word), range.contains(value) else {
      throw .notInRange(
        word, kind: kind, range: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        position: start)
    }
    return value
  }

  mutating func nextShare(called kind: String) throws(LayersTextError) -> Double {
    let (word, start) = try next(called: kind)
    return try Self.share(word, called: kind, at: start)
  }

  private static func share(
    _ word: String, called kind: String, at position: Int
  ) throws(LayersTextError) -> Double {
    guard let value = Double(word), value >= 0, value < 1 else {
      throw .notInRange(
        word, kind: kind, range: "a number from 0 to below 1", position: position)
    }
    return value
  }

  /// An option of a layer.
  enum Option {
    case flag(String)
    case rate(String, Double)
    case choice(String, String)
  }

  /// The next option: `NAME` or, for those that have a rate or a choice, `NAME=…`.
  mutating func nextOption(
    flags: [String], rates: [String], choices: [String: [String]]
  ) throws(LayersTextError) -> Option {
    let kind = "option of \(layer)"
    let (word, start) = try next(called: kind)
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    let text = parts.count == 2 ? String(parts[1]) : ""
    if rates.contains(name) {
      return .rate(name, try Self.share(text, called: name, at: start + name.count + 1))
    }
    if let known = choices[name] {
      guard known.contains(text) else {
        throw .unknownWord(text, kind: name, position: start + name.count + 1, known: known)
      }
      return .choice(name, text)
    }
    guard flags.contains(name) else {
      throw .unknownWord(
        name, kind: kind, position: start, known: flags + rates + choices.keys.sorted())
    }
    guard parts.count == 1 else { throw .unexpected("=\(text)", position: start + name.count) }
    return .flag(name)
  }

  func expectEnd() throws(LayersTextError) {
    guard let word = words.last else { return }
    throw .unexpected(String(word), position: position)
  }

  private mutating func next(
    called kind: String
  ) throws(LayersTextError) -> (word: String, position: Int) {
    guard let word = words.popLast() else {
      throw .missing(kind, layer: layer, position: position)
    }
    defer { position += word.count + 1 }
    return (String(word), position)
  }
}
