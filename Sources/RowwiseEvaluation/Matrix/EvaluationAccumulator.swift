/// Gathers what a report needs from a stream of samples: labels and class probabilities.
///
/// Results depend only on the samples and their order, so samples computed by several workers are
/// to be added in one fixed order. Per sample it keeps 24 bytes, and the probabilities themselves
/// (4 bytes a class) unless told not to; without them a report has no ROC-AUC, average precision
/// or curves.
public struct EvaluationAccumulator: Sendable {
  /// The classes' names.
  public var classNames: [String] { confusion.classNames }
  /// The matrix of all samples added so far.
  public private(set) var confusion: ConfusionMatrix
  /// How far the sum of a row of probabilities may be from one.
  public let tolerance: Double
  /// Whether the probabilities are kept.
  public let keepsProbabilities: Bool

  /// The true class per sample.
  public private(set) var labels: [Int32] = []
  /// The predicted class per sample.
  public private(set) var predictions: [Int32] = []
  /// How many classes came before the true one, per sample.
  public private(set) var ranks: [Int32] = []
  /// The predicted class's probability per sample.
  public private(set) var confidences: [Float] = []
  /// −ln p of the true class per sample, nats.
  public private(set) var losses: [Double] = []
  /// All probabilities, row-major [samples × classes]; empty where they are not kept.
  public private(set) var probabilities: [Float] = []
  /// Σ over samples and classes of (p − [class is the label])².
  private(set) var squaredErrors = 0.0

  /// Makes an accumulator without samples.
  /// - Parameters:
  ///   - classNames: at least one.
  ///   - keepsProbabilities: whether to keep all probabilities, for ROC-AUC and curves.
  ///   - tolerance: how far the sum of a row of probabilities may be from one.
  public init(
    classNames: [String], keepsProbabilities: Bool = true,
    tolerance: Double = ProbabilityRow.defaultTolerance
  ) {
    self.confusion = ConfusionMatrix(classNames: classNames)
    self.keepsProbabilities = keepsProbabilities
    self.tolerance = tolerance
  }

  /// The number of samples added so far.
  public var count: Int { labels.count }

  /// Adds one sample.
  /// - Parameters:
  ///   - label: the true class.
  ///   - probabilities: one per class.
  /// - Throws: `EvaluationError` where the row does not hold probabilities; then nothing was added.
  public mutating func add(label: Int, probabilities row: Span<Float>) throws(EvaluationError) {
    let classes = confusion.classCount
    precondition(row.count == classes, "\(row.count) probabilities but \(classes) classes")
    precondition(0 <= label && label < classes, "label \(label) is not among \(classes) classes")
    try ProbabilityRow.check(row, sample: count, tolerance: tolerance)
    let prediction = ProbabilityRow.prediction(row)
    confusion.add(label: label, prediction: prediction)
    labels.append(Int32(label))
    predictions.append(Int32(prediction))
    ranks.append(Int32(ProbabilityRow.rank(of: label, in: row)))
    confidences.append(row[prediction])
    losses.append(ProbabilityRow.loss(of: label, in: row))
    for index in row.indices {
      let difference = Double(row[index]) - (index == label ? 1 : 0)
      squaredErrors += difference * difference
      if keepsProbabilities { probabilities.append(row[index]) }
    }
  }

  /// Adds one sample.
  /// - Throws: `EvaluationError` where the row does not hold probabilities; then nothing was added.
  public mutating func add(label: Int, probabilities row: [Float]) throws(EvaluationError) {
    try add(label: label, probabilities: row.span)
  }

  /// Adds a batch of samples, in order.
  /// - Parameters:
  ///   - labels: [N] true classes.
  ///   - probabilities: row-major [N × classes].
  /// - Throws: `EvaluationError` at the first row that does not hold probabilities; the rows
  ///   before it were added.
  public mutating func add(labels: [Int], probabilities rows: [Float]) throws(EvaluationError) {
    let classes = confusion.classCount
    precondition(
      rows.count == labels.count * classes,
      "\(labels.count) samples of \(classes) classes need \(labels.count * classes) "
        + "probabilities, got \(rows.count)")
    let span = rows.span
    for (sample, label) in labels.enumerated() {
      let row = span.extracting(sample * classes..<(sample + 1) * classes)
      try add(label: label, probabilities: row)
    }
  }

  /// Adds the samples of the next part of the same evaluation, behind the ones that are here.
  /// - Throws: `EvaluationError.classesDiffer` where the class names are not the same.
  public mutating func merge(_ other: EvaluationAccumulator) throws(EvaluationError) {
    precondition(
      keepsProbabilities == other.keepsProbabilities,
      "one part keeps probabilities and the other does not")
    try confusion.merge(other.confusion)
    labels += other.labels
    predictions += other.predictions
    ranks += other.ranks
    confidences += other.confidences
    losses += other.losses
    probabilities += other.probabilities
    squaredErrors += other.squaredErrors
  }
}

extension EvaluationAccumulator {
  /// The kept probabilities of one sample.
  public func probabilities(of sample: Int) -> ArraySlice<Float> {
    precondition(keepsProbabilities, "the probabilities were not kept")
    let classes = confusion.classCount
    return probabilities[sample * classes..<(sample + 1) * classes]
  }

  /// Whether each prediction is right.
  public var correct: [Bool] { zip(labels, predictions).map(==) }

  /// The share of samples whose true class is among the k most probable; NaN without samples.
  public func topKAccuracy(_ k: Int) -> Double {
    precondition(k > 0, "k must be at least 1, got \(k)")
    return ZeroDivision.undefined.ratio(ranks.count { Int($0) < k }, count)
  }

  /// The mean loss in nats; NaN without samples.
  public var meanLoss: Double { mean(losses) }

  /// Mean over samples of Σₖ (pₖ − [k is the label])², from 0 (best) to 2; NaN without samples.
  ///
  /// Source: G. W. Brier, "Verification of forecasts expressed in terms of probability", 1950.
  /// For two classes this is twice the score that looks at one of them only.
  public var brierScore: Double { count == 0 ? .nan : squaredErrors / Double(count) }
}
