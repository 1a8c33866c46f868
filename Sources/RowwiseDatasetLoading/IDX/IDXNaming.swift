/// The names under which IDX files come: `train-images-idx3-ubyte.gz` and its kin.
///
/// A prefix tells sets apart (`emnist-balanced-`), a word the part (`train`, `test`, `t10k`,
/// `val`…), `images` or `labels` the content; a dot instead of the dash before `idx` and a missing
/// `.gz` are fine.
struct IDXName: Equatable {
  enum Content: String {
    case images, labels
    /// Dimensions of such a file.
    var rank: Int { self == .images ? 3 : 1 }
  }

  /// What stands before the part, with its dash; often empty.
  let prefix: String
  /// Nil where the name has no such word.
  let part: DatasetPart?
  let content: Content

  /// Takes a file's name apart; nil where it is none of these.
  init?(_ name: String) {
    var stem = Substring(name.lowercased())
    if stem.hasSuffix(".gz") { stem = stem.dropLast(3) }
    guard stem.hasSuffix("-ubyte") else { return nil }
    stem = stem.dropLast(6)
    guard let content = [Content.images, .labels].first(where: { stem.hasSuffix("idx\($0.rank)") })
    else { return nil }
    stem = stem.dropLast(4)
    guard let separator = stem.last, separator == "-" || separator == "." else { return nil }
    stem = stem.dropLast()
    guard stem.hasSuffix(content.rawValue) else { return nil }
    stem = stem.dropLast(content.rawValue.count)
    self.content = content
    guard stem.hasSuffix("-") else {
      guard stem.isEmpty else { return nil }
      prefix = ""
      part = nil
      return
    }
    stem = stem.dropLast()
    let word = stem.split(separator: "-", omittingEmptySubsequences: false).last ?? ""
    part = DatasetPart(word: word)
    prefix = String(name.prefix(part == nil ? stem.count + 1 : stem.count - word.count))
  }
}

/// The two files of one part, by their paths.
struct IDXPair: Sendable, Equatable {
  let images: String
  let labels: String
}
