import RowwiseKernelInterface
import RowwiseLayers

/// An optimizer's running averages for one network, and the step it is at.
package final class OptimizerState {
  private let optimizer: Optimizer
  private let moments: any EngineMoments<Float>
  /// Steps done.
  package private(set) var step = 0

  /// All averages zero, before the first step.
  ///
  /// - Parameter frozenLayers: the first layers, whose weights no step moves, whose gradients count nowhere.
  package init(_ optimizer: Optimizer, _ network: Network<Float>, frozenLayers: Int = 0) {
    self.optimizer = optimizer
    moments = network.engine.makeMoments(
      network.parameters.filter { $0.layer >= frozenLayers })
  }

  /// Moves the network's weights against their gradients.
  ///
  /// - Parameters:
  ///   - clipValue: gradients are cut to ± this, before the norm is taken; nil for no limit.
  ///   - clipNorm: the gradients' global norm is scaled down to this; nil for no limit (Pascanu et
  ///     al. 2013).
  ///   - rateFactor: the schedule's share of the learning rate.
  /// - Returns: the gradients' global norm before clipping, or nil without clipping.
  @discardableResult
  package func apply(
    clipValue: Double? = nil, clipNorm: Double? = nil, rateFactor: Double = 1
  ) -> Double? {
    step += 1
    return moments.apply(
      OptimizerStep(
        plain: rule(rateFactor, decays: false), decaying: rule(rateFactor, decays: true),
        clipValue: clipValue, clipNorm: clipNorm))
  }

  /// This step's numbers; bias corrections are in the step size and epsilon.
  private func rule(_ factor: Double, decays: Bool) -> OptimizerRule<Float> {
    switch optimizer {
    case .sgd(let rate, let momentum, let nesterov):
      return .sgd(
        learningRate: Float(rate * factor), momentum: Float(momentum), nesterov: nesterov)
    case .rmsprop(let rate, let decay, let epsilon):
      return .rmsprop(
        learningRate: Float(rate * factor), decay: Float(decay), epsilon: Float(epsilon))
    case .adam(let rate, let beta1, let beta2, let epsilon):
      return adam(rate * factor, beta1, beta2, epsilon, 0)
    case .adamw(let rate, let beta1, let beta2, let epsilon, let decay):
      return adam(rate * factor, beta1, beta2, epsilon, decays ? rate * factor * decay : 0)
    case .lion(let rate, let beta1, let beta2, let decay):
      return .lion(
        learningRate: Float(rate * factor), beta1: Float(beta1), beta2: Float(beta2),
        decay: Float(decays ? rate * factor * decay : 0))
    }
  }

  /// The running averages by parameter.
  func averages(_ network: Network<Float>) -> (first: [[Float]], second: [[Float]]) {
    (network.arrays(of: moments.first), network.arrays(of: moments.second))
  }

  /// Goes on from averages and a number of steps that an earlier run had.
  func restore(
    _ averages: (first: [[Float]], second: [[Float]]), step: Int, _ network: Network<Float>
  ) {
    moments.first = network.flat(averages.first)
    moments.second = network.flat(averages.second)
    self.step = step
  }

  private func adam(
    _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ decay: Double
  ) -> OptimizerRule<Float> {
    let correction1 = 1 - power(beta1, step)
    let correction2 = (1 - power(beta2, step)).squareRoot()
    return .adam(
      stepSize: Float(rate * correction2 / correction1), beta1: Float(beta1),
      beta2: Float(beta2), epsilon: Float(epsilon * correction2), decay: Float(decay))
  }

  /// x^n by repeated squaring: the same bits on every machine.
  private func power(_ x: Double, _ n: Int) -> Double {
    var result = 1.0
    var square = x
    var n = n
    while n > 0 {
      if n & 1 == 1 { result *= square }
      square *= square
      n >>= 1
    }
    return result
  }
}
