/// How far the metrics of one class could lie from what was measured.
///
/// None has width zero, not even where all samples were predicted right. An interval of nothing,
/// such as that of the recall of a class without samples, has NaN for its ends.
public struct ClassIntervals: Sendable, Equatable {
  /// Wilson's interval of the precision, as a share of the predictions of the class.
  public let precision: ConfidenceInterval
  /// Wilson's interval of the recall, as a share of the samples of the class.
  public let recall: ConfidenceInterval
  /// The interval of F1; see `ConfidenceInterval.f1`.
  public let f1: ConfidenceInterval
  /// Wilson's interval of the specificity, as a share of the samples of other classes.
  public let specificity: ConfidenceInterval

  /// - Parameters:
  ///   - metrics: the class.
  ///   - total: the number of samples of all classes.
  init(_ metrics: ClassMetrics, total: Int, level: Double) {
    func share(_ successes: Int, _ trials: Int) -> ConfidenceInterval {
      trials == 0
        ? .unknown : .wilson(successes: successes, trials: trials, level: level)
    }
    let hits = metrics.truePositives
    let negatives = total - metrics.support
    precision = share(hits, metrics.predicted)
    recall = share(hits, metrics.support)
    f1 = .f1(
      truePositives: hits, support: metrics.support, predicted: metrics.predicted, level: level)
    specificity = share(negatives - (metrics.predicted - hits), negatives)
  }
}

extension ConfusionMatrix {
  /// The intervals of each class's precision, recall, F1 and specificity.
  /// - Parameter level: the confidence, between 0 and 1.
  public func classIntervals(level: Double = 0.95) -> [ClassIntervals] {
    let total = total
    return classMetrics().map { ClassIntervals($0, total: total, level: level) }
  }
}
