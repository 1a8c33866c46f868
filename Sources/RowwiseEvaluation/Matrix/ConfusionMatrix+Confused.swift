/// A class that was taken for another.
public struct ConfusedPair: Sendable, Equatable {
  /// The true class's index.
  public let label: Int
  /// The predicted class's index.
  public let prediction: Int
  /// How many samples of the one were taken for the other.
  public let count: Int
  /// Their share of the true class's samples.
  public let shareOfLabel: Double
}

extension ConfusionMatrix {
  /// The pairs of classes confused most often, most frequent first; equal ones by index.
  public func mostConfusedPairs(_ limit: Int = 10) -> [ConfusedPair] {
    precondition(limit >= 0, "a limit cannot be negative, got \(limit)")
    let labels = labelTotals
    var pairs: [ConfusedPair] = []
    for label in classNames.indices {
      for prediction in classNames.indices where prediction != label {
        let count = counts[label * classCount + prediction]
        guard count > 0 else { continue }
        pairs.append(
          ConfusedPair(
            label: label, prediction: prediction, count: count,
            shareOfLabel: Double(count) / Double(labels[label])))
      }
    }
    pairs.sort { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
    return Array(pairs.prefix(limit))
  }
}
