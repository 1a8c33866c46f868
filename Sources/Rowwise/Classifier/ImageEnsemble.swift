public import RowwiseDatasetLoading
public import RowwiseImageDecoding
import RowwiseLayers
package import RowwiseRowSequencing

/// Several classifiers of the same classes, which answer with the mean of their class probabilities.
///
/// Members may differ in layers, reading order, size and preprocessing. The mean is summed in Double in their
/// order: it has the same bits with any number of threads and whatever else is asked. An ensemble of one
/// answers as its member does, to the bit.
public struct ImageEnsemble: Sendable {
  /// One of the classifiers.
  public struct Member: Sendable {
    /// The classifier.
    public let classifier: ImageClassifier
    /// How it came to be.
    public let provenance: Provenance
    /// Which of its classes each of the ensemble's is; nil where they are in one order.
    let order: [Int]?
  }

  /// The classifiers, at least one.
  public let members: [Member]
  /// Those of the first member, in its order.
  public let classNames: [String]

  /// Puts classifiers together.
  ///
  /// - Parameter members: at least one; their classes are the same, in any order.
  /// - Throws: `EnsembleError.classesDiffer`.
  public init(
    _ members: [(classifier: ImageClassifier, provenance: Provenance)]
  ) throws(EnsembleError) {
    precondition(!members.isEmpty, "an ensemble needs members")
    try self.init(members, classNames: members[0].classifier.classNames)
  }

  /// Puts classifiers together that answer with given classes in their order.
  private init(
    _ members: [(classifier: ImageClassifier, provenance: Provenance)], classNames names: [String]
  ) throws(EnsembleError) {
    classNames = names
    var all: [Member] = []
    for (index, (classifier, provenance)) in members.enumerated() {
      let own = classifier.classNames
      let places = Dictionary(zip(own, own.indices)) { first, _ in first }
      let order = names.compactMap { places[$0] }
      guard order.count == names.count, own.count == names.count else {
        let known = Set(names)
        throw .classesDiffer(
          member: index, missing: names.filter { places[$0] == nil },
          unknown: own.filter { !known.contains($0) })
      }
      all.append(
        Member(
          classifier: classifier, provenance: provenance, order: own == names ? nil : order))
    }
    self.members = all
  }

  /// An ensemble of one.
  public init(_ classifier: ImageClassifier, provenance: Provenance = Provenance()) {
    self.init(
      members: [Member(classifier: classifier, provenance: provenance, order: nil)],
      classNames: classifier.classNames)
  }

  init(members: [Member], classNames: [String]) {
    (self.members, self.classNames) = (members, classNames)
  }

  /// The same ensemble with other forms of its members, such as `ImageClassifier.adapted(to:)` and
  /// `averaging(_:)` give them.
  ///
  /// - Parameter change: keeps the class names.
  public func mapMembers<Failure: Error>(
    _ change: (Member) throws(Failure) -> ImageClassifier
  ) throws(Failure) -> ImageEnsemble {
    var changed: [Member] = []
    for member in members {
      let classifier = try change(member)
      precondition(classifier.classNames == member.classifier.classNames, "other classes")
      changed.append(
        Member(classifier: classifier, provenance: member.provenance, order: member.order))
    }
    return ImageEnsemble(members: changed, classNames: classNames)
  }

  /// The same ensemble with its classes in another order, which answers as it does.
  ///
  /// - Parameter names: the same classes.
  /// - Throws: `EnsembleError.classesDiffer`, where they are not.
  public func ordered(as names: [String]) throws(EnsembleError) -> ImageEnsemble {
    try ImageEnsemble(
      members.map { ($0.classifier, $0.provenance) }, classNames: names)
  }

  /// The numbers of weights, together.
  public var parameterCount: Int {
    members.reduce(0) { $0 + $1.classifier.network.parameterCount }
  }

  /// Class probabilities of a decoded picture of any size.
  public func probabilities(of image: DecodedImage) -> [Float] {
    mean(members.map { [$0.classifier.probabilities(of: image)] })[0]
  }

  /// Class probabilities of pictures, in order.
  ///
  /// - Parameter pictures: the same pictures for each member, in its size: [height × width × channels] bytes
  ///   each.
  public func probabilities(ofModelPixels pictures: [[[UInt8]]]) -> [[Float]] {
    precondition(
      pictures.count == members.count, "pictures for \(pictures.count) of \(members.count) members")
    return mean(
      zip(members, pictures).map { $0.classifier.probabilities(ofModelPixels: $1) })
  }

  /// Calls `body` with every sample of a data set in order: index, label, probabilities.
  ///
  /// - Parameters:
  ///   - datasets: the same samples for each member, in its size and channels, with the ensemble's classes;
  ///     see `ImageClassifier.readsPictures(as:)`.
  ///   - body: called with each sample's index, label and probabilities.
  /// - Throws: `DatasetError` when a picture can no longer be read; what `body` throws.
  public func forEachPrediction(
    of datasets: [ImageDataset],
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    precondition(
      datasets.count == members.count && Set(datasets.map(\.count)).count == 1,
      "data sets of \(datasets.map(\.count)) samples for \(members.count) members")
    let (_, places) = members.map(\.classifier).distinctReaders
    let largest = datasets.map(\.byteCount).max() ?? 1
    // Some at a time, so that the members' answers, and pictures that several read, need little memory.
    let count = max(1, min(Self.portion.samples, Self.portion.bytes / largest))
    for first in stride(from: 0, to: datasets[0].count, by: count) {
      let samples = Array(first..<min(first + count, datasets[0].count))
      var shared: [Int: ImageDataset] = [:]
      let answers = try members.indices.map { index in
        let place = places[index]
        var portion = datasets[index]
        if let known = shared[place] {
          portion = known
        } else {
          if samples.count < portion.count { portion = portion.subset(samples) }
          if places[(index + 1)...].contains(place) {
            portion = try portion.held(threads: members[0].classifier.network.pool.threads)
            shared[place] = portion
          }
        }
        var rows: [[Float]] = []
        try members[index].classifier.forEachPrediction(of: portion) { rows.append($2) }
        return rows
      }
      for (sample, probabilities) in zip(samples, mean(answers)) {
        try body(sample, Int(datasets[0].labels[sample]), probabilities)
      }
    }
  }

  /// Samples that all members are asked about before the next ones, at most, and bytes of these.
  private static let portion = (samples: 2048, bytes: 1 << 26)

  /// The mean of the members' answers, [member][picture][class].
  func mean(_ answers: [[[Float]]]) -> [[Float]] {
    // Nothing is rounded twice where there is one answer in the right order.
    if members.count == 1, members[0].order == nil { return answers[0] }
    var mean = ProbabilityMean(classCount: classNames.count)
    return answers[0].indices.map { picture in
      for (member, rows) in zip(members, answers) { mean.add(rows[picture], classes: member.order) }
      return mean.take()
    }
  }
}

extension ImageClassifier {
  /// Whether pictures that another classifier reads have the same bytes for this one: size, channels, and
  /// what is done to them.
  public func readsPictures(as other: ImageClassifier) -> Bool {
    preprocessing.takesPictures(as: other.preprocessing)
      && preprocessing.pictures == other.preprocessing.pictures
  }
}

extension Preprocessing {
  /// Whether size, channels and what is done to pictures are the same, wherever it is measured against the
  /// same training pictures.
  package func takesPictures(as other: Preprocessing) -> Bool {
    width == other.width && height == other.height && color == other.color
      && adaptation == other.adaptation
  }
}

/// Why classifiers cannot be put together.
public enum EnsembleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A member, counted from 0, has other classes than the first; `missing` are those that it lacks,
  /// `unknown` those that only it has.
  case classesDiffer(member: Int, missing: [String], unknown: [String])

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .classesDiffer(let member, _, _):
      "model \(member + 1) \(difference); models that answer together name the same classes"
    }
  }

  /// In what the member's classes are others.
  package var difference: String {
    switch self {
    case .classesDiffer(_, let missing, let unknown):
      [("lacks", missing), ("alone has", unknown)].filter { !$0.1.isEmpty }
        .map { "\($0.0) \(Self.summary($0.1))" }.joined(separator: ", and ")
    }
  }

  private static func summary(_ names: [String]) -> String {
    let shown = names.prefix(5).map { "\"\($0.prefix(80))\"" }.joined(separator: ", ")
    return "the class\(names.count == 1 ? "" : "es") \(shown)\(names.count > 5 ? ", …" : "")"
  }
}
