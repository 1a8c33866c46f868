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
}
