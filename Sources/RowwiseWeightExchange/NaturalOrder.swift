/// Names that differ in their numbers only, such as `lstm1`, `lstm2` or `layers.0`, `layers.10`.
enum NaturalOrder {
  /// The names in the order of their numbers; nil where they differ in more than numbers, so that
  /// nothing tells their order.
  static func sorted(_ names: [String]) -> [String]? {
    guard names.count > 1 else { return names }
    let keys = names.map { key($0) }
    guard keys.allSatisfy({ $0.text == keys[0].text }) else { return nil }
    guard Set(keys.map(\.numbers)).count == keys.count else { return nil }
    let places = names.indices.sorted {
      keys[$0].numbers.lexicographicallyPrecedes(keys[$1].numbers)
    }
    return places.map { names[$0] }
  }

  private static func key(_ name: String) -> (text: String, numbers: [Int]) {
    var text = ""
    var numbers: [Int] = []
    var digits = ""
    for character in name + "." {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      if !digits.isEmpty {
        numbers.append(Int(digits) ?? .max)
        digits = ""
        text.append("#")
      }
      text.append(character)
    }
    return (text, numbers)
  }
}
