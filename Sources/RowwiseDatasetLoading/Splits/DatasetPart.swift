/// The parts into which data sets come divided.
public enum DatasetPart: String, Sendable, Equatable, Hashable, CaseIterable,
  CustomStringConvertible
{
  /// To learn from.
  case train
  /// To choose by.
  case validation
  /// To judge by.
  case test
  /// All there is, where nothing says how to divide it.
  case whole

  /// The word used in messages.
  public var description: String { rawValue }

  /// The part that a column's value or a word in a file's name stands for.
  init?(word: some StringProtocol) {
    switch word.lowercased() {
    case "train", "training": self = .train
    case "val", "valid", "validation", "dev": self = .validation
    case "test", "testing", "t10k", "eval", "evaluation": self = .test
    default: return nil
    }
  }
}

/// What a folder's or a file's name says about the part that it holds: `training_set`, `asl_train`.
struct PartName: Equatable {
  let part: DatasetPart
  /// The words that tell data sets apart, joined: "asl" of `asl_train`; empty where there are none.
  let set: String

  /// Words that say nothing.
  private static let fillers: Set<String> = [
    "set", "data", "dataset", "split", "images", "image", "imgs", "img", "pictures", "samples",
    "folder", "part",
  ]

  /// Takes a name apart; nil where not exactly one of its words is a part's.
  init?(_ name: String) {
    var words = name.lowercased().split { "_-. ".contains($0) }.map { String($0) }
    words = words.map { word in
      let stem = ["set", "data", "images", "imgs"].first { word.hasSuffix($0) }.map {
        String(word.dropLast($0.count))
      }
      return stem.flatMap { DatasetPart(word: $0) == nil ? nil : $0 } ?? word
    }
    let parts = words.compactMap { DatasetPart(word: $0) }
    guard parts.count == 1 else { return nil }
    part = parts[0]
    set = words.filter { DatasetPart(word: $0) == nil && !Self.fillers.contains($0) }
      .joined(separator: "_")
  }

  /// The parts among names: those of names that say nothing else, and those that differ in the part
  /// only, as `asl_train` and `asl_test`: `steam_train` alone is a class.
  static func parts(of names: [String]) -> [String: DatasetPart] {
    let parsed = names.compactMap { name in PartName(name).map { (name, $0) } }
    var members: [String: Set<DatasetPart>] = [:]
    for (_, name) in parsed { members[name.set, default: []].insert(name.part) }
    var parts: [String: DatasetPart] = [:]
    for (name, parsed) in parsed
    where parsed.set.isEmpty || (members[parsed.set]?.count ?? 0) > 1 {
      parts[name] = parsed.part
    }
    return parts
  }
}
