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
  /// Whether the suggestion's probability reaches what is usual for its class.
  public let isConfident: Bool
}

extension EvaluationAccumulator {
  /// Finds samples whose labels are likely to be wrong, the most suspect first: confident learning.
  ///
  /// A sample is a confident suspect where, of the classes k whose probability reaches tₖ — the
  /// mean probability of k over the samples labelled k — the most probable is not its label.
  /// Behind these, for who wants a longer list, come the samples for which another class is more
  /// probable than the label but does not reach its tₖ. Either kind is ordered by margin, equal
  /// ones as they were added.
  ///
  /// This holds only where the model has not been trained on these samples; a model repeats the
  /// labels it learnt. Needs kept probabilities.
  ///
  /// Source: C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident learning: estimating uncertainty
  /// in dataset labels", 2021, section 3 (confident joint), ranked by normalised margin.
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
      var confident: (index: Int, value: Float)?
      var other: (index: Int, value: Float)?
      for (index, value) in row.enumerated() {
        if index != label && value > (other?.value ?? -1) { other = (index, value) }
        if Double(value) >= thresholds[index] && value > (confident?.value ?? -1) {
          confident = (index, value)
        }
      }
      guard let other else { continue }
      let margin = row[row.startIndex + Int(label)] - other.value
      let suggestion = confident.flatMap { $0.index == label ? nil : $0.index }
      guard suggestion != nil || margin < 0 else { continue }
      suspects.append(
        SuspectedLabelError(
          sample: sample, label: Int(label), suggestion: suggestion ?? other.index,
          margin: margin, isConfident: suggestion != nil))
    }
    return suspects.sorted {
      ($0.isConfident ? 0 : 1, $0.margin, $0.sample)
        < ($1.isConfident ? 0 : 1, $1.margin, $1.sample)
    }
  }
}
