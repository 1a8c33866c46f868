import RealModule

/// A loss that wants the answer before the last timestep, too, for networks that stop reading early.
///
/// With ℓ the loss of one prediction, p_t the probabilities after timestep t of T, and q the targets:
/// L = (1 − β) ℓ(p_T, q) + β Σ_{t = t₀}^{T − 1} w_t ℓ(p_t, (1 − κ) q + κ p_T), w_t ∝ t^γ, Σ w_t = 1.
/// The last prediction teaches the earlier ones and learns nothing from them. One output layer serves
/// all timesteps.
public struct EarlyLoss: Sendable, Equatable, Codable {
  /// β, the share of the timesteps before the last, above 0 and below 1.
  public var weight: Double
  /// t₀ = ⌈T · `from`⌉: the share of the timesteps after which something is to be known, 0 ... 1.
  public var from = 0.25
  /// γ, how much more later timesteps count, at least 0.
  public var power = 1.0
  /// κ, how much the last prediction counts in the targets of the earlier ones, 0 ... 1.
  public var teaching = 0.5

  /// Puts it together with what it was tried with.
  ///
  /// - Parameter weight: β.
  public init(weight: Double) { self.weight = weight }

  /// w_t from t₀ to T − 1; empty where there is no such timestep.
  package func weights(timesteps: Int) -> [Double] {
    let first = max(1, Int((Double(timesteps) * from).rounded(.up)))
    guard first < timesteps else { return [] }
    let weights = (first..<timesteps).map { pow(Double($0)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  private func pow(_ t: Double) -> Double { power == 0 ? 1 : Double.pow(t, power) }

  /// What is wrong with the values, or nil.
  package var problem: String? {
    if !(0 < weight && weight < 1) {
      return "the early loss's weight must be above 0 and below 1, not \(weight)"
    }
    if !(0 <= from && from <= 1) {
      return "the early loss must begin at a share of 0 to 1 of the timesteps, not \(from)"
    }
    if !(power >= 0 && power <= 100) {
      return "the early loss's power must be 0 to 100, not \(power)"
    }
    if !(0 <= teaching && teaching <= 1) {
      return "the early loss's teaching must be 0 to 1, not \(teaching)"
    }
    return nil
  }
}

extension [LayerSpecification] {
  /// The first layer, from 1, that needs the whole sequence: what it gives of a beginning is not known
  /// when that has been read.
  package var stepObstacle: Int? {
    func reads(_ layer: LayerSpecification) -> Bool {
      switch layer {
      case .recurrent(let recurrent): recurrent.direction == .forwards
      case .residual(let inner): reads(inner)
      case .dense, .dropout, .pooling, .norm, .mlp: true
      case .flatten, .sweep, .merge, .convolution: false
      }
    }
    return firstIndex { !reads($0) }.map { $0 + 1 }
  }

  /// The first layer, from 1, for which there is no early loss: one that needs the whole sequence, or
  /// pools it.
  package var earlyLossObstacle: Int? {
    let pooling = firstIndex { if case .pooling = $0 { true } else { false } }.map { $0 + 1 }
    return [stepObstacle, pooling].compactMap { $0 }.min()
  }
}
