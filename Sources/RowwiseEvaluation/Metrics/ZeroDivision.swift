/// What a metric is worth where its definition divides zero by zero.
///
/// Precision is 0/0 for a class that was never predicted, recall for a class without samples,
/// F1 for a class that is neither. The choice is scikit-learn's `zero_division`.
public enum ZeroDivision: String, Sendable, Equatable, Codable, CaseIterable {
  /// The metric is 0 and takes part in means.
  case zero
  /// The metric is 1 and takes part in means.
  case one
  /// The metric is NaN (`null` in JSON, "–" in tables) and means leave it out.
  case undefined

  /// What the metric is worth.
  public var value: Double {
    switch self {
    case .zero: 0
    case .one: 1
    case .undefined: .nan
    }
  }

  /// `numerator / denominator`, or the policy's value where the denominator is zero.
  func ratio(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? value : Double(numerator) / Double(denominator)
  }
}

/// Σ wᵢ·vᵢ / Σ wᵢ over the values that are numbers; NaN where their weights sum to zero.
func weightedMean(_ values: [Double], weights: [Double]) -> Double {
  precondition(
    values.count == weights.count, "\(values.count) values but \(weights.count) weights")
  var sum = 0.0
  var total = 0.0
  for (value, weight) in zip(values, weights) where !value.isNaN {
    sum += value * weight
    total += weight
  }
  return total == 0 ? .nan : sum / total
}

/// The mean of the values that are numbers; NaN where there are none.
func mean(_ values: [Double]) -> Double {
  weightedMean(values, weights: Array(repeating: 1, count: values.count))
}
