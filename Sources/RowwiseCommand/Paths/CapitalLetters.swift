import RowwiseFiles

/// Names that differ in nothing but capital letters, as those of cameras and of copies do.
enum CapitalLetters {
  /// A pattern that matches what the last part of `pattern` matches, and the same in other capitals.
  static func patternForBoth(_ pattern: String) -> String {
    let start = pattern.lastIndex(of: "/").map { pattern.index(after: $0) } ?? pattern.startIndex
    var text = String(pattern[..<start])
    var isInBrackets = false
    for character in pattern[start...] {
      let (small, large) = (character.lowercased(), character.uppercased())
      if character == "[" { isInBrackets = true }
      text +=
        small == large ? String(character) : isInBrackets ? small + large : "[\(small)\(large)]"
      if character == "]" { isInBrackets = false }
    }
    return text
  }

  /// The name beside `path` that is the same in other capitals; nil where there is none.
  static func neighbor(of path: String) -> String? {
    let folder = FileSystem.folder(of: path)
    let name = path.split(separator: "/").last.map { String($0).lowercased() }
    let names = (try? FileSystem.names(in: folder)) ?? []
    return names.filter { $0.lowercased() == name }.min().map {
      FileSystem.sibling($0, besides: path)
    }
  }

  /// What to say of paths of which two differ in capital letters only; nil where there are none.
  ///
  /// The first two are named, and whether they have the same bytes: then it is one picture twice.
  static func warning(_ paths: [String]) -> String? {
    var groups: [String: Set<String>] = [:]
    for path in paths { groups[path.lowercased(), default: []].insert(path) }
    let twins = groups.values.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    guard let first = twins.first else { return nil }
    let more = twins.count == 1 ? "" : "; so do \(twins.count - 1) more"
    let isSame = haveSameBytes(first[0], first[1])
    return "\(first[0]) and \(first[1]) differ in capital letters only"
      + (isSame ? " and are the same picture" : "") + more
  }

  private static func haveSameBytes(_ first: String, _ second: String) -> Bool {
    guard let bytes = try? InputFile.bytes(path: first) else { return false }
    return (try? InputFile.bytes(path: second)) == bytes
  }
}
