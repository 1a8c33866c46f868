/// ROC-AUC and average precision of each class against the rest, and their means.
///
/// A class without samples, or with nothing but samples, has no ROC-AUC, and one without samples
/// no average precision: these are NaN and left out of the means.
public struct RankingMetrics: Sendable, Equatable {
  /// The area under each class's ROC curve.
  public let rocArea: [Double]
  /// Each class's average precision.
  public let averagePrecision: [Double]
  /// The plain mean of the areas.
  public let macroROCArea: Double
  /// The mean of the areas weighted by support.
  public let weightedROCArea: Double
  /// The plain mean of the average precisions.
  public let macroAveragePrecision: Double
  /// The mean of the average precisions weighted by support.
  public let weightedAveragePrecision: Double

  /// Works the metrics out, sorting the samples once per class.
  /// - Parameters:
  ///   - probabilities: row-major [N × classes].
  ///   - labels: [N] true classes.
  public init(probabilities: [Float], labels: [Int32], classCount: Int) {
    var areas: [Double] = []
    var precisions: [Double] = []
    var supports: [Double] = []
    for index in 0..<classCount {
      let curve = RankingCurve(
        ofClass: index, probabilities: probabilities, labels: labels, classCount: classCount)
      areas.append(curve.rocArea)
      precisions.append(curve.averagePrecision)
      supports.append(Double(curve.positives))
    }
    rocArea = areas
    averagePrecision = precisions
    macroROCArea = mean(areas)
    weightedROCArea = weightedMean(areas, weights: supports)
    macroAveragePrecision = mean(precisions)
    weightedAveragePrecision = weightedMean(precisions, weights: supports)
  }
}
