/// How weights follow their gradients.
public enum Optimizer: Sendable, Equatable, Codable {
  /// Stochastic gradient descent with momentum (0 for none), optionally Nesterov's.
  case sgd(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false)
  /// RMSprop (Tieleman & Hinton 2012).
  case rmsprop(learningRate: Double = 0.001, decay: Double = 0.9, epsilon: Double = 1e-7)
  /// Adam (Kingma & Ba 2015).
  case adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7)
  /// Adam with decoupled weight decay (Loshchilov & Hutter 2019); biases do not decay.
  case adamw(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, weightDecay: Double = 0.01)
  /// Lion, the sign of a blend of momentum and gradient (Chen et al. 2023); biases do not decay. Its
  /// learning rate is a third to a tenth of Adam's.
  case lion(
    learningRate: Double = 0.0001, beta1: Double = 0.9, beta2: Double = 0.99,
    weightDecay: Double = 0)

  /// The rules by name, as people write them.
  package enum Name: String, Sendable, CaseIterable {
    case adam, adamw, lion, rmsprop, sgd
  }

  /// Which rule it is.
  package var name: Name {
    switch self {
    case .sgd: .sgd
    case .rmsprop: .rmsprop
    case .adam: .adam
    case .adamw: .adamw
    case .lion: .lion
    }
  }

  /// η.
  public var learningRate: Double {
    switch self {
    case .sgd(let rate, _, _), .rmsprop(let rate, _, _), .adam(let rate, _, _, _),
      .adamw(let rate, _, _, _, _), .lion(let rate, _, _, _):
      rate
    }
  }

  /// What is wrong with the numbers, or nil.
  public var problem: String? {
    func positive(_ name: String, _ x: Double) -> String? {
      x > 0 && x.isFinite ? nil : "\(name) must be a positive number, not \(x)"
    }
    func fraction(_ name: String, _ x: Double) -> String? {
      0 <= x && x < 1 ? nil : "\(name) must be at least 0 and less than 1, not \(x)"
    }
    switch self {
    case .sgd(let rate, let momentum, _):
      return positive("learning rate", rate) ?? fraction("momentum", momentum)
    case .rmsprop(let rate, let decay, let epsilon):
      return positive("learning rate", rate) ?? fraction("decay", decay)
        ?? positive("epsilon", epsilon)
    case .adam(let rate, let beta1, let beta2, let epsilon):
      return positive("learning rate", rate) ?? fraction("beta1", beta1)
        ?? fraction("beta2", beta2) ?? positive("epsilon", epsilon)
    case .adamw(let rate, let beta1, let beta2, let epsilon, let decay):
      return positive("learning rate", rate) ?? fraction("beta1", beta1)
        ?? fraction("beta2", beta2) ?? positive("epsilon", epsilon)
        ?? fraction("weight decay", decay)
    case .lion(let rate, let beta1, let beta2, let decay):
      return positive("learning rate", rate) ?? fraction("beta1", beta1)
        ?? fraction("beta2", beta2) ?? fraction("weight decay", decay)
    }
  }
}
