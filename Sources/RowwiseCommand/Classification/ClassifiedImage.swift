import Rowwise
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseRowSequencing

/// What came of classifying one image.
struct ClassifiedImage: Sendable, Equatable {
  /// One class with its probability.
  struct Candidate: Sendable, Equatable {
    /// The class's name.
    var name: String
    /// 0 to 1.
    var probability: Float
  }

  /// Classes or a reason why there are none.
  enum Outcome: Sendable, Equatable {
    /// The likeliest classes, the likeliest first; never empty.
    case classified([Candidate])
    /// Why the image could not be read.
    case failed(String)
  }

  /// As it was given.
  var path: String
  /// See `Outcome`.
  var outcome: Outcome
  /// What is missing of an image that was read leniently.
  var damage: String?
  /// How far the image was read, where it was read by its rows.
  var reading: ReadingMembers?
  /// In what the image is unlike the training images, and what was done about it.
  var finding = PictureFinding()
}

extension ClassifiedImage {
  /// Why an image is refused that gets no probabilities, as `evaluate` refuses it.
  static let noNumber =
    "its probabilities are not numbers; a model that gives NaN has diverged: train it again with a "
    + "lower learning rate"

  /// Takes the likeliest classes of an answer.
  init(
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
}
