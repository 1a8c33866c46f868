/// A sample whose label is likely to be wrong.
public struct SuspectedLabelError: Sendable, Equatable {
  /// The sample's number.
  public let sample: Int
  /// The label it has.
  public let label: Int
  /// The class it more likely is of.
  public let suggestion: Int
  /// The label's probability minus the greatest of the others; the lower, the more suspect.
  public let margin: Float
}

extension EvaluationAccumulator {
  /// Finds samples whose labels are likely to be wrong, the most suspect first (equal ones in
  /// their order): confident learning.
  ///
  /// A sample is suspect where, of the classes k whose probability reaches tₖ — the mean
  /// probability of k over the samples labelled k — the most probable is not its label. This holds
  /// only where the model has not been trained on these samples; a model repeats the labels it
  /// learnt.
  ///
  /// Needs kept probabilities. Source: C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident
  /// learning: estimating uncertainty in dataset labels", 2021, section 3 (confident joint) and
  /// the ranking by normalised margin.
  public func suspectedLabelErrors() -> [SuspectedLabelError] {
    precondition(keepsProbabilities, "label errors need the probabilities, which were not kept")
    let classes = confusion.classCount
    var sums = Array(repeating: 0.0, count: classes)
    for (sample, label) in labels.enumerated() {
      sums[Int(label)] += Double(probabilities[sample * classes + Int(label)])
    }
    let thresholds = zip(sums, confusion.labelTotals).map { sum, support in
      support == 0 ? Double.infinity : sum / Double(support)
    }
    var suspects: [SuspectedLabelError] = []
    for (sample, label) in labels.enumerated() {
      let row = probabilities[sample * classes..<(sample + 1) * classes]
      var best: (index: Int, value: Float)?
      var greatestOther: Float = 0
      for (index, value) in row.enumerated() {
        if index != label { greatestOther = max(greatestOther, value) }
        if Double(value) >= thresholds[index] && value > (best?.value ?? -1) {
          best = (index, value)
        }
      }
      guard let best, best.index != label else { continue }
      suspects.append(
        SuspectedLabelError(
          sample: sample, label: Int(label), suggestion: best.index,
          margin: row[row.startIndex + Int(label)] - greatestOther))
    }
    return suspects.sorted { ($0.margin, $0.sample) < ($1.margin, $1.sample) }
  }
}
