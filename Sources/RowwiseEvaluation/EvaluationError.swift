import RowwiseTexts

/// What can be wrong with the data handed to an evaluation.
///
/// Samples are counted from zero, in the order in which they were added.
public enum EvaluationError: Error, Sendable, Equatable {
  /// A probability is NaN.
  case notANumber(sample: Int, classIndex: Int)
  /// A probability lies outside [0, 1].
  case probabilityOutOfRange(sample: Int, classIndex: Int, value: Float)
  /// A row of probabilities does not sum to one.
  case probabilitiesDoNotSumToOne(sample: Int, sum: Double, tolerance: Double)
  /// There are samples whose classes are not known where they are needed.
  case missingLabels
  /// There is nothing to evaluate.
  case noSamples
  /// Two results that should be put together speak of different classes.
  case classesDiffer(expected: [String], received: [String])
  /// A requirement is not of the form `METRIC OP NUMBER`.
  case invalidRequirement(text: String, reason: String)
  /// A requirement speaks of a metric or a class that the report does not have.
  case unknownMetric(String, known: [String])
}

extension EvaluationError: CustomStringConvertible {
  /// One sentence: where, what was expected, what came, and what to do about it.
  public var description: String {
    switch self {
    case .notANumber(let sample, let classIndex):
      "sample \(sample): the probability of class \(classIndex) is not a number; "
        + "a model that gives NaN has diverged: train it again with a lower learning rate"
    case .probabilityOutOfRange(let sample, let classIndex, let value):
      "sample \(sample): the probability of class \(classIndex) is \(value), "
        + "expected a value from 0 to 1; pass probabilities (after softmax), not logits"
    case .probabilitiesDoNotSumToOne(let sample, let sum, let tolerance):
      "sample \(sample): its probabilities sum to \(sum), expected 1 within \(tolerance); "
        + "pass probabilities (after softmax), not logits"
    case .missingLabels:
      "the classes of some samples are not known; without them only disagreement can be counted"
    case .noSamples:
      "there are no samples to evaluate; expected at least one"
    case .classesDiffer(let expected, let received):
      "the classes differ: expected \(Self.summary(expected)), received \(Self.summary(received)); "
        + "only results of the same classes in the same order can be put together"
    case .invalidRequirement(let text, let reason):
      "the requirement \"\(TerminalText.printable(text))\" cannot be read: \(reason); "
        + "expected a metric, an operator and a number, such as accuracy>=0.95"
    case .unknownMetric(let name, let known):
      "the report has no metric \"\(TerminalText.printable(name))\"; it has "
        + known.map(TerminalText.printable).joined(separator: ", ")
    }
  }

  private static func summary(_ names: [String]) -> String {
    let shown = names.prefix(5).map(TerminalText.printable).joined(separator: ", ")
    return "\(names.count) (\(shown)\(names.count > 5 ? ", …" : ""))"
  }
}
