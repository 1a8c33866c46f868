/// One step of an optimizer on a run of parameters; every array has `count` elements.
public struct OptimizerCall<Scalar> {
  /// Elements to update.
  public var count: Int
  /// θ, updated in place.
  public var parameters: UnsafeMutablePointer<Scalar>
  /// ∂loss/∂θ.
  public var gradients: UnsafePointer<Scalar>
  /// First state array (velocity, first moment or mean square).
  public var first: UnsafeMutablePointer<Scalar>
  /// Second state array, where the rule has one.
  public var second: UnsafeMutablePointer<Scalar>?
  /// Multiplies the gradients first (clipping by global norm).
  public var gradientScale: Scalar

  /// Gathers the call.
  public init(
    count: Int, parameters: UnsafeMutablePointer<Scalar>, gradients: UnsafePointer<Scalar>,
    first: UnsafeMutablePointer<Scalar>, second: UnsafeMutablePointer<Scalar>?,
    gradientScale: Scalar
  ) {
    self.count = count
    self.parameters = parameters
    self.gradients = gradients
    self.first = first
    self.second = second
    self.gradientScale = gradientScale
  }
}

/// The update rule's numbers.
public enum OptimizerRule<Scalar: Sendable>: Sendable {
  /// v ← m v + g; θ ← θ − η v, or θ ← θ − η (g + m v) with Nesterov (PyTorch's form).
  case sgd(learningRate: Scalar, momentum: Scalar, nesterov: Bool)
  /// s ← ρ s + (1 − ρ) g²; θ ← θ − η g / (√s + ε) (Tieleman & Hinton 2012).
  case rmsprop(learningRate: Scalar, decay: Scalar, epsilon: Scalar)
  /// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; θ ← θ − η λ θ − α m / (√v + ε̂), where
  /// `stepSize` α and `epsilon` ε̂ hold the bias corrections of this step (Kingma & Ba 2015, end of
  /// section 2) and `decay` is η λ (Loshchilov & Hutter 2019; 0 for Adam).
  case adam(stepSize: Scalar, beta1: Scalar, beta2: Scalar, epsilon: Scalar, decay: Scalar)
  /// c = β₁ m + (1 − β₁) g; θ ← θ − η λ θ − η sign(c); m ← β₂ m + (1 − β₂) g, where `decay` is η λ
  /// (Chen et al. 2023, algorithm 2). The sign of 0 is 0.
  case lion(learningRate: Scalar, beta1: Scalar, beta2: Scalar, decay: Scalar)
}
