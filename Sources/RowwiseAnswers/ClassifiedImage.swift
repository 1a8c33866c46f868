import Rowwise
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

/// What came of classifying one image.
package struct ClassifiedImage: Sendable, Equatable {
  /// One class with its probability.
  package struct Candidate: Sendable, Equatable {
    /// The class's name.
    package var name: String
    /// 0 to 1.
    package var probability: Float

    package init(name: String, probability: Float) {
      (self.name, self.probability) = (name, probability)
    }
  }

  /// Classes or a reason why there are none.
  package enum Outcome: Sendable, Equatable {
    /// The likeliest classes, the likeliest first; never empty.
    case classified([Candidate])
    /// Why the image could not be read.
    case failed(String)
  }

  /// As it was given.
  package var path: String
  /// See `Outcome`.
  package var outcome: Outcome
  /// What is missing of an image that was read leniently.
  package var damage: String?
  /// How far the image was read, where it was read by its rows.
  package var reading: ReadingMembers?
  /// In what the image is unlike the training images, and what was done about it.
  package var finding: PictureFinding

  package init(
    path: String, outcome: Outcome, damage: String? = nil, reading: ReadingMembers? = nil,
    finding: PictureFinding = PictureFinding()
  ) {
    (self.path, self.outcome, self.damage) = (path, outcome, damage)
    (self.reading, self.finding) = (reading, finding)
  }
}

extension ClassifiedImage {
  /// Why an image is refused that gets no probabilities, as `evaluate` refuses it.
  package static let noNumber =
    "its probabilities are not numbers; a model that gives NaN has diverged: train it again with a "
    + "lower learning rate"

  /// Takes the likeliest classes of an answer.
  package init(
    path: String, _ result: Result<FileClassifier.Answer, ImageDecodingError>,
    classNames: [String], top: Int
  ) {
    switch result {
    case .failure(let error):
      self.init(path: path, outcome: .failed(error.descriptionWithoutSource))
    case .success(let answer) where !answer.probabilities.allSatisfy(\.isFinite):
      self.init(path: path, outcome: .failed(Self.noNumber))
    case .success(let answer):
      let candidates = ProbabilityRow.top(top, of: answer.probabilities.span).map { entry in
        Candidate(name: classNames[entry.classIndex], probability: entry.probability)
      }
      self.init(
        path: path, outcome: .classified(candidates), damage: answer.damage,
        reading: answer.reading.map {
          ReadingMembers(prediction: $0.answer, wholeImageReasons: $0.wholeImageReasons)
        }, finding: answer.finding)
    }
  }

  /// Whether there is no class.
  package var isFailed: Bool {
    if case .failed = outcome { true } else { false }
  }

  /// The row as JSON lines have it.
  ///
  /// - Parameters:
  ///   - top: how many classes it names at most.
  ///   - earlyExit: the early exit that was kept to, for an image that was read by its rows.
  package func json(top: Int, earlyExit: EarlyExit? = nil) -> JSONValue {
    var members: [JSONValue.Member] = [.init("path", .string(path))]
    switch outcome {
    case .classified(let candidates):
      members += reading?.before ?? []
      members += [
        .init("prediction", candidates.first.map { .string($0.name) } ?? .null),
        .init("probability", candidates.first.map { .float($0.probability) } ?? .null),
      ]
      members += reading?.between ?? []
      members.append(.init("top", .array(candidates.prefix(top).map(\.json))))
      members += finding.members
      members += reading?.after(earlyExit) ?? []
    case .failed(let reason):
      members += [
        .init("prediction", .null), .init("probability", .null), .init("top", .array([])),
        .init("error", .string(reason)),
      ]
    }
    return .object(members)
  }
}

extension ClassifiedImage.Candidate {
  fileprivate var json: JSONValue {
    .object([.init("class", .string(name)), .init("probability", .float(probability))])
  }
}
