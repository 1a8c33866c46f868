/// The names under which IDX files come: `train-images-idx3-ubyte.gz` and its kin.
///
/// A prefix tells sets apart (`emnist-balanced-`), a word the part (`train`, `test`, `t10k`,
/// `val`…), `images` or `labels` the content; other separators than dashes, other ranks and types than
/// `idx3-ubyte`, `.idx`, the number that a browser adds to a second download, and a missing `.gz` are
/// fine.
struct IDXName: Equatable {
  enum Content: String {
    case images, labels
  }

  /// What stands before the part, with its dash; often empty.
  let prefix: String
  /// Nil where the name has no such word.
  let part: DatasetPart?
  let content: Content

  private static let types = ["ubyte", "byte", "short", "int", "float", "double"]

  /// Takes a file's name apart; nil where it is none of these.
  init?(_ name: String) {
    var stem = Substring(name.lowercased())
    if stem.hasSuffix(".gz") { stem = stem.dropLast(3) }
    stem = Self.withoutCopyNumber(stem)
    if stem.hasSuffix(".gz") { stem = stem.dropLast(3) }
    guard let own = Self.withoutEnding(stem) else { return nil }
    stem = own.stem
    guard
      let content = [Content.images, .labels].first(where: { stem.hasSuffix($0.rawValue) }),
      own.rank == nil || (content == .images ? 2...4 : 1...2).contains(own.rank ?? 0)
    else { return nil }
    stem = stem.dropLast(content.rawValue.count)
    self.content = content
    guard let separator = stem.last, Self.isSeparator(separator) else {
      guard stem.isEmpty else { return nil }
      prefix = ""
      part = nil
      return
    }
    stem = stem.dropLast()
    let word =
      stem.split(omittingEmptySubsequences: false, whereSeparator: Self.isSeparator).last ?? ""
    part = DatasetPart(word: word)
    prefix = String(name.prefix(part == nil ? stem.count + 1 : stem.count - word.count))
  }

  private static func isSeparator(_ character: Character) -> Bool { "-_.".contains(character) }

  /// Without what a browser adds: "name (1)".
  private static func withoutCopyNumber(_ stem: Substring) -> Substring {
    guard stem.hasSuffix(")"), let open = stem.lastIndex(of: "("),
      stem[stem.index(after: open)...].dropLast().allSatisfy(\.isNumber)
    else { return stem }
    return stem[..<open].hasSuffix(" ") ? stem[..<open].dropLast() : stem[..<open]
  }

  /// What stands before "-idx3-ubyte", ".idx3-ubyte", ".idx3" or ".idx", and the rank.
  private static func withoutEnding(_ stem: Substring) -> (stem: Substring, rank: Int?)? {
    var stem = stem
    if let type = types.first(where: { stem.hasSuffix("-" + $0) || stem.hasSuffix("_" + $0) }) {
      stem = stem.dropLast(type.count + 1)
    }
    var rank: Int?
    if let digit = stem.last?.wholeNumberValue {
      rank = digit
      stem = stem.dropLast()
    }
    guard stem.hasSuffix("idx") else { return nil }
    stem = stem.dropLast(3)
    guard let separator = stem.last, isSeparator(separator) else { return nil }
    return (stem.dropLast(), rank)
  }
}

/// The two files of one part, by their paths.
struct IDXPair: Sendable, Equatable {
  let images: String
  let labels: String
}
