/// What is gained by leaving out the samples the model is least sure of.
///
/// Coverage is the share of samples kept, the most confident first; risk is the share of errors
/// among them. Samples of equal confidence are kept or left together, and between their ends
/// errors are taken as evenly spread, so that the order of samples does not matter.
///
/// Source: Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks", 2017.
public struct RiskCoverageCurve: Sendable, Equatable {
  /// The points by rising coverage: x coverage, y risk; one per distinct confidence.
  public let points: [CurvePoint]
  /// The mean risk over all coverages 1/n, 2/n, … 1 (AURC); NaN without samples.
  public let area: Double

  /// Sorts predictions by confidence.
  /// - Parameters:
  ///   - confidences: [N] probabilities of the predicted classes.
  ///   - correct: [N] whether each prediction was right.
  public init(confidences: [Float], correct: [Bool]) {
    precondition(
      confidences.count == correct.count,
      "\(confidences.count) confidences but \(correct.count) results")
    // As a ranking curve, right predictions are hits and wrong ones are misses.
    let ranking = RankingCurve(scores: confidences, positive: correct)
    let count = Double(confidences.count)
    var points: [CurvePoint] = []
    var sum = 0.0
    var (kept, errors) = (0, 0)
    for (hits, misses) in zip(ranking.truePositives, ranking.falsePositives) {
      let added = hits + misses - kept
      let rate = Double(misses - errors) / Double(added)
      for step in 1...added {
        sum += (Double(errors) + rate * Double(step)) / Double(kept + step)
      }
      (kept, errors) = (hits + misses, misses)
      points.append(CurvePoint(x: Double(kept) / count, y: Double(errors) / Double(kept)))
    }
    self.points = points
    area = confidences.isEmpty ? .nan : sum / count
  }
}
