/// What a model with products of less precision costs on some data, against the same with float32 ones.
public struct PrecisionCost: Sendable, Equatable {
  /// What the products were formed in.
  public let precision: String
  /// The share of samples predicted right in float32.
  public let plainAccuracy: Double
  /// Samples whose predicted class is another one.
  public let changed: Int

  /// - Parameters:
  ///   - precision: what the products of `scores` were formed in.
  ///   - scores, plain: the same samples in the same order, in that precision and in float32.
  public init(
    _ precision: String, _ scores: EvaluationAccumulator, against plain: EvaluationAccumulator
  ) {
    precondition(scores.count == plain.count, "the same samples are needed")
    self.precision = precision
    plainAccuracy = plain.topKAccuracy(1)
    changed = zip(scores.predictions, plain.predictions).count { $0 != $1 }
  }
}
