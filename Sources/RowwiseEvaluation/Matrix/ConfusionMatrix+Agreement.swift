extension ConfusionMatrix {
  /// The mean recall of the classes that have samples; NaN without samples.
  ///
  /// Chance gives 1/classes, however unequal the classes are. Source: K. H. Brodersen et al.,
  /// "The balanced accuracy and its posterior distribution", ICPR 2010.
  public var balancedAccuracy: Double {
    mean(classMetrics(zeroDivision: .undefined).filter { $0.support > 0 }.map(\.recall))
  }

  /// Cohen's kappa, (p_o − p_e) / (1 − p_e): agreement beyond what chance would give.
  ///
  /// p_o is the accuracy and p_e = Σₖ (support_k/n)·(predicted_k/n). NaN where only one class
  /// occurs, as label and as prediction, so that chance explains everything. Source: J. Cohen, "A
  /// coefficient of agreement for nominal scales", 1960.
  public var cohenKappa: Double {
    let total = Double(total)
    let products = zip(labelTotals, predictionTotals).map { Double($0) * Double($1) }
    let chance = products.reduce(0, +) / total
    return chance == total ? .nan : (Double(correct) - chance) / (total - chance)
  }

  /// The Matthews correlation coefficient for any number of classes, −1 to 1.
  ///
  /// (c·n − Σₖ tₖpₖ) / √((n² − Σₖ pₖ²)(n² − Σₖ tₖ²)), with c the number of right predictions, tₖ
  /// the support and pₖ the predictions of class k. 0 where the labels or the predictions are all
  /// of one class, as in scikit-learn; NaN without samples. Source: J. Gorodkin, "Comparing two
  /// K-category assignments by a K-category correlation coefficient", 2004.
  public var matthewsCorrelation: Double {
    matthewsCorrelationCoefficient(
      correct: Double(correct), labelTotals: labelTotals.map(Double.init),
      predictionTotals: predictionTotals.map(Double.init))
  }

  /// The metrics of all classes' one-against-rest decisions pooled.
  ///
  /// With one prediction per sample, micro precision, recall and F1 are all the accuracy;
  /// specificity is Σ true negatives / Σ (true negatives + false positives).
  public var microAverage: AverageMetrics {
    let wrong = total - correct
    let negatives = total * (classCount - 1)
    return AverageMetrics(
      precision: accuracy, recall: accuracy, f1: accuracy,
      specificity: ZeroDivision.undefined.ratio(negatives - wrong, negatives))
  }
}

/// See `ConfusionMatrix.matthewsCorrelation`; of counts, or of the weights of samples.
func matthewsCorrelationCoefficient(
  correct: Double, labelTotals: [Double], predictionTotals: [Double]
) -> Double {
  let total = labelTotals.reduce(0, +)
  guard total > 0 else { return .nan }
  // n² − Σₖ tₖ² as Σₖ tₖ(n − tₖ): exactly zero where all is of one class.
  func spread(_ totals: [Double]) -> Double {
    let all = totals.reduce(0, +)
    return totals.reduce(0) { $0 + $1 * (all - $1) }
  }
  let chance = zip(labelTotals, predictionTotals).reduce(0) { $0 + $1.0 * $1.1 }
  // The roots apart: their product may exceed what a Double counts exactly.
  let divisor = spread(labelTotals).squareRoot() * spread(predictionTotals).squareRoot()
  return divisor == 0 ? 0 : min(1, max(-1, (correct * total - chance) / divisor))
}
