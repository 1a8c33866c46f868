import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseRowSequencing
import RowwiseTexts

/// Counts images that are unlike those that a model was trained on, and tells of them once.
struct UnusualPictures: Sendable, Equatable {
  /// Images looked at.
  private(set) var count = 0
  /// Those with something unlike.
  private(set) var unusual = 0
  /// Those whose light and dark were exchanged.
  private(set) var inverted = 0
  private var kinds: [PictureOddity.Kind: Int] = [:]
  /// Of those of one colour, those that are transparent.
  private var transparent = 0
  private var blackened = 0
  private var widened: [Int: Int] = [:]
  /// Those that are the first of several in their file.
  private var first = 0

  /// Kinds that hardly any image that the model is for has.
  private static let telling: [PictureOddity.Kind] = [.inverted, .constant, .range]
  /// Share of other kinds that is told.
  private static let share = 0.01

  /// None yet.
  init() {}

  /// Those of a data set that was loaded for a model.
  init(_ dataset: ImageDataset) {
    for index in 0..<dataset.count { add(dataset.finding(at: index)) }
  }

  /// Counts an image.
  mutating func add(_ finding: PictureFinding?) {
    count += 1
    guard let finding else { return }
    if !finding.oddities.isEmpty { unusual += 1 }
    if finding.isInverted { inverted += 1 }
    if finding.background == .black { blackened += 1 }
    if let value = finding.greatestValue { widened[value, default: 0] += 1 }
    if finding.pictureCount != nil { first += 1 }
    for oddity in finding.oddities {
      kinds[oddity.kind, default: 0] += 1
      if case .constant(let source) = oddity, source.hasAlpha { transparent += 1 }
    }
  }

  /// The kinds and how many images of each there are, the most frequent first.
  var tally: [(kind: PictureOddity.Kind, count: Int)] {
    PictureOddity.Kind.allCases.compactMap { kind in kinds[kind].map { (kind, $0) } }
      .enumerated()
      .sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }.map(\.element)
  }

  /// What a report says of them.
  var counts: PictureCounts {
    PictureCounts(
      unusual: unusual, kinds: tally.map { .init(name: $0.kind.rawValue, count: $0.count) },
      inverted: inverted)
  }

  /// Tells of all images of a run, in one row each: what was done, and what is unlike.
  func tell(_ console: Console, _ adaptation: PictureAdaptation) {
    let all = NumberText.grouped(count)
    if adaptation.inversion == .auto, inverted > 0 {
      console.log("inverted: \(NumberText.grouped(inverted)) of \(all) images (--invert auto)")
    }
    if adaptation.background == .auto, blackened > 0 {
      console.log(
        "black behind them: \(NumberText.grouped(blackened)) of \(all) images, white behind the others "
          + "(--background auto)")
    }
    for (value, images) in widened.sorted(by: { $0.key < $1.key }) {
      console.log(
        "white is \(value) in \(NumberText.grouped(images)) of \(all) images (--range auto)")
    }
    if first > 0 {
      console.caution(
        "\(NumberText.grouped(first)) of \(all) images \(first == 1 ? "is a file" : "are files") of "
          + "several pictures (animated PNG, multi-picture JPEG), of which the first is read")
    }
    if let warning { console.caution(warning) }
  }

  /// What to say of images that are unlike; nil where these are too few to be sure.
  var warning: String? {
    let isTelling = Self.telling.contains { kinds[$0] != nil }
    guard isTelling || Double(unusual) > Self.share * Double(count), unusual > 0 else { return nil }
    let parts = tally.map { "\(NumberText.grouped($0.count)) \($0.kind.rawValue)" }
    let subject =
      count == 1
      ? "the image is unlike those"
      : "\(NumberText.grouped(unusual)) of \(NumberText.grouped(count)) images "
        + "\(unusual == 1 ? "is" : "are") unlike those"
    return "\(subject) that the model was trained on (\(parts.joined(separator: ", ")))"
      + advice.map { "; \($0)" }.joined()
  }

  private var advice: [String] {
    var advice: [String] = []
    if kinds[.inverted] != nil {
      advice.append("--invert auto exchanges light and dark of such")
      // Paper that is not white: what is on it must be cut out to be seen for what it is.
      if kinds[.border] != nil || kinds[.brightness] != nil {
        advice.append("with --trim, too, what is on paper is cut out")
      }
    }
    if transparent > 0 { advice.append("--background auto shows what is on transparent ones") }
    if kinds[.range] != nil { advice.append("--range auto takes the bits that are used for all") }
    if kinds[.shape] != nil {
      advice.append("--fit crop, --fit letterbox or --trim keep proportions")
    }
    return advice
  }
}
