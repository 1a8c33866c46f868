/// Learning from the probabilities of another network, the teacher, beside the labels (Hinton, Vinyals &
/// Dean 2015).
///
/// With ℓ the loss by the label, s = softmax(z / τ) of the logits z and t ∝ p^(1/τ) of the teacher's
/// probabilities p, the loss is (1 − λ) ℓ + λ τ² Σ_k t_k log(t_k / s_k), times the class weight.
public struct Distillation: Sendable, Equatable, Codable {
  /// λ, the teacher's share, above 0 and at most 1.
  public var weight: Double
  /// τ, at least 1: the higher, the more what the teacher knows of wrong classes counts.
  public var temperature: Double

  /// Puts the two together.
  public init(weight: Double = 0.5, temperature: Double = 2) {
    (self.weight, self.temperature) = (weight, temperature)
  }

  /// What is wrong with the values, or nil.
  package var problem: String? {
    if !(0 < weight && weight <= 1) {
      return "the teacher's weight must be above 0 and at most 1, not \(weight)"
    }
    if !(1 <= temperature && temperature <= 100) {
      return "the teacher's temperature must be 1 to 100, not \(temperature)"
    }
    return nil
  }
}
