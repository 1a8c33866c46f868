import RowwiseEvaluation

/// How evidence is looked for.
public struct EvidenceOptions: Sendable, Equatable {
  /// What replaces pixels; nil: the training mean where the model keeps it, else black.
  public var baseline: Evidence.Baseline?
  /// Points on the line of integrated gradients: the first number of them, doubled until they agree or
  /// the last number is reached.
  public var nodes: ClosedRange<Int>

  /// Gathers the options.
  public init(baseline: Evidence.Baseline? = nil, nodes: ClosedRange<Int> = 16...512) {
    precondition(nodes.lowerBound > 0, "\(nodes) points")
    self.baseline = baseline
    self.nodes = nodes
  }
}

/// Why there is no evidence.
public enum EvidenceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The mean is asked for as the baseline, and the model keeps none.
  case noMean
  /// The model has one class, whose log-odds are infinite.
  case oneClass
  /// The model's outputs for the picture are no numbers.
  case notFinite
  /// The network's products are formed in a precision without gradients.
  case noGradients(precision: String)

  /// What is in the way and what to do.
  public var description: String {
    switch self {
    case .noMean:
      "the model keeps no mean of its training pictures, so that it cannot be the baseline; choose white "
        + "or black, or train with --standardize"
    case .oneClass:
      "the model has one class only, which nothing speaks for or against; train one with two or more"
    case .notFinite:
      "the model's outputs are not numbers; a model that gives NaN has diverged: train it again with a "
        + "lower learning rate"
    case .noGradients(let precision):
      "evidence needs gradients, which a network with \(precision) products has not; load the model with "
        + "float32 or bfloat16"
    }
  }
}
