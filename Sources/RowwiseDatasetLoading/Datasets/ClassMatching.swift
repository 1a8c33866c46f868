import RowwiseTexts

/// Which class of a model each class of some data is, by name.
///
/// Where the data have numbers for names only, and not all of them are names of the model, class i is
/// the model's class i.
struct ClassMatching {
  /// The model's class of each of the data's; -1 where there is none.
  let numbers: [Int32]
  /// Whether samples have a class that the model does not know.
  let skipsSome: Bool
  private let unknown: [String]
  private let unknownCount: Int
  /// The data's classes with samples and the model's that they were taken for, where names played no
  /// part.
  private let byOrder: [(String, String)]
  private let isOther: Bool

  /// The name of the class that takes all that is unknown.
  static let other = "other"

  init(
    _ loaded: LoadedPart, to expected: [String], byNumber: Bool,
    _ policy: DatasetOptions.UnknownClasses, of contents: any DatasetContents
  ) throws(DatasetError) {
    let known = Dictionary(zip(expected, Int32(0)...), uniquingKeysWith: { first, _ in first })
    let present = Set(loaded.labels).sorted().map { Int($0) }
    let unknown = present.filter { known[loaded.classNames[$0]] == nil }
    var numbers = loaded.classNames.map { known[$0] ?? -1 }
    (self.unknown, isOther) = (unknown.map { loaded.classNames[$0] }, policy == .other)
    let strangers = Set(unknown)
    unknownCount = loaded.labels.count { strangers.contains(Int($0)) }
    guard !unknown.isEmpty else {
      (self.numbers, skipsSome, byOrder) = (numbers, false, [])
      return
    }
    if byNumber, policy == .error, loaded.classNames.count <= expected.count {
      self.numbers = loaded.classNames.indices.map { Int32($0) }
      byOrder = present.map { (loaded.classNames[$0], expected[$0]) }
      skipsSome = false
      return
    }
    byOrder = []
    let other = policy == .other ? known[Self.other] : nil
    if let other {
      for index in unknown { numbers[index] = other }
    } else if policy != .skip || unknown.count == present.count {
      if let wrapped = contents.wrapped {
        throw .wrapped(path: contents.path, inner: wrapped)
      }
      guard policy == .skip else {
        throw .unknownClasses(path: contents.path, names: self.unknown, expected: expected)
      }
      throw .noKnownClass(path: contents.path, names: self.unknown, expected: expected)
    }
    self.numbers = numbers
    skipsSome = other == nil
  }

  /// What to say of it.
  func notes(_ part: DatasetPart) -> [DatasetReport.Finding] {
    let place = part == .whole ? "" : " of \(part)"
    if let first = byOrder.first, let last = byOrder.last {
      return [
        .init(
          lines: [
            "the labels\(place) are numbers that are not the model's class names; they are taken in "
              + "their order: \(first.0) is \(first.1), …, \(last.0) is \(last.1)"
          ], isLoss: true)
      ]
    }
    guard unknownCount > 0 else { return [] }
    let fate = isOther ? "taken for the class \(Self.other)" : "left out"
    return [
      .init(
        lines: [
          "\(unknownCount) \(unknownCount == 1 ? "image" : "images")\(place) "
            + "\(unknownCount == 1 ? "is" : "are") \(fate): "
            + "\(unknown.count == 1 ? "the class" : "classes") \(NameList.text(unknown)), which the "
            + "model does not know"
        ], isLoss: true)
    ]
  }
}
