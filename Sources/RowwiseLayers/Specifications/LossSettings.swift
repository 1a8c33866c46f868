/// What training makes small: cross-entropy and its variations.
///
/// With targets q [K] of a sequence (its label, or two where the batch is mixed, smoothed), p its
/// probabilities and w the weights of its labels' classes, the loss is
/// w · Σ_k −q_k (1 − p_k)^γ log p_k, its mean taken over the sequences, not over their weights.
public struct LossSettings: Sendable, Equatable, Codable {
  /// ε: q = (1 − ε) · label + ε / K (Szegedy et al. 2016), at least 0 and below 1.
  public var labelSmoothing = 0.0
  /// γ of the focal loss (Lin et al. 2017); 0 is cross-entropy.
  public var focalGamma = 0.0
  /// A weight for each class; nil for 1.
  public var classWeights: [Double]?

  /// What predictions before the last timestep add; nil for nothing.
  public var early: EarlyLoss?
  /// What is learned of a teacher, whose probabilities batches bring; nil for nothing.
  public var distillation: Distillation?

  /// Plain cross-entropy.
  public init() {}

  /// Whether one prediction's loss is plain cross-entropy.
  public var isPlain: Bool {
    labelSmoothing == 0 && focalGamma == 0 && classWeights == nil && distillation == nil
  }
}
