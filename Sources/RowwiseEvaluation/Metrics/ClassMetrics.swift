/// How well one class is told from the others.
public struct ClassMetrics: Sendable, Equatable {
  /// The class's name.
  public let name: String
  /// How many samples are of the class.
  public let support: Int
  /// How often the class was predicted.
  public let predicted: Int
  /// How often it was predicted rightly.
  public let truePositives: Int
  /// truePositives / predicted: how far a prediction of this class can be trusted.
  public let precision: Double
  /// truePositives / support: how much of the class was found.
  public let recall: Double
  /// 2·truePositives / (support + predicted): the harmonic mean of precision and recall.
  public let f1: Double
  /// True negatives / (true negatives + false positives): how much of the rest was left out.
  public let specificity: Double

  /// Whether the class is any sample's, or any prediction; otherwise nothing is known of it.
  public var occurs: Bool { support + predicted > 0 }
}

/// Means of the per-class metrics over classes.
public struct AverageMetrics: Sendable, Equatable {
  /// The mean of the classes' precisions.
  public let precision: Double
  /// The mean of the classes' recalls.
  public let recall: Double
  /// The mean of the classes' F1 (not the F1 of the means).
  public let f1: Double
  /// The mean of the classes' specificities.
  public let specificity: Double
}

extension ConfusionMatrix {
  /// Precision, recall, F1 and specificity of each class.
  ///
  /// Source: the definitions of `precision_recall_fscore_support` in scikit-learn, with every
  /// class of the matrix as a label.
  public func classMetrics(zeroDivision: ZeroDivision = .zero) -> [ClassMetrics] {
    let labels = labelTotals
    let predictions = predictionTotals
    let all = labels.reduce(0, +)
    return classNames.indices.map { index in
      let support = labels[index]
      let predicted = predictions[index]
      let hits = counts[index * classCount + index]
      let negatives = all - support
      return ClassMetrics(
        name: classNames[index], support: support, predicted: predicted, truePositives: hits,
        precision: zeroDivision.ratio(hits, predicted),
        recall: zeroDivision.ratio(hits, support),
        f1: zeroDivision.ratio(2 * hits, support + predicted),
        specificity: zeroDivision.ratio(negatives - (predicted - hits), negatives))
    }
  }
}

extension [ClassMetrics] {
  /// The plain means over classes, each class counting the same; classes that are neither any sample's
  /// nor any prediction, and undefined values, are left out.
  ///
  /// Source: `precision_recall_fscore_support` in scikit-learn, which takes for labels those that occur.
  public var macroAverage: AverageMetrics {
    average(weights: map { $0.occurs ? 1 : 0 })
  }

  /// The means over classes weighted by their support; undefined values left out.
  public var weightedAverage: AverageMetrics {
    average(weights: map { Double($0.support) })
  }

  private func average(weights: [Double]) -> AverageMetrics {
    AverageMetrics(
      precision: weightedMean(map(\.precision), weights: weights),
      recall: weightedMean(map(\.recall), weights: weights),
      f1: weightedMean(map(\.f1), weights: weights),
      specificity: weightedMean(map(\.specificity), weights: weights))
  }
}
