import RealModule
import RowwiseCompute
import RowwiseKernelInterface

/// The loss of one sequence and its gradient by the logits, for every variation of the loss.
package struct SequenceLoss {
  private let settings: LossSettings
  /// The label, and a second one for what is missing to 1 of `share`.
  private let label: Int
  private let second: Int
  private let share: Double
  /// A teacher's K probabilities, where there is something to learn of one.
  private let taught: ArraySlice<Float>

  /// The loss of a sequence with one label or two; the first has the share `share`.
  ///
  /// - Parameter taught: K probabilities, where the settings have `LossSettings.distillation`.
  package init(
    _ settings: LossSettings, label: Int, second: Int? = nil, share: Double = 1,
    taught: ArraySlice<Float> = []
  ) {
    self.settings = settings
    self.label = label
    self.second = second ?? label
    self.share = share
    self.taught = taught
  }

  /// The loss of sequence n of a batch.
  init<Scalar: ComputeScalar>(
    _ settings: LossSettings, _ batch: SequenceBatch<Scalar>, _ n: Int, classCount: Int
  ) {
    let label = Int(batch.labels[n])
    let second = batch.isMixed ? Int(batch.secondLabels[n]) : label
    precondition(
      0 <= label && label < classCount && 0 <= second && second < classCount,
      "labels \(label) and \(second) of \(classCount) classes")
    precondition(
      settings.distillation == nil || batch.taught.count == batch.count * classCount,
      "\(batch.taught.count) probabilities of a teacher for \(batch.count) × \(classCount)")
    self.init(
      settings, label: label, second: second,
      share: batch.isMixed ? Double(batch.labelShares[n]) : 1,
      taught: settings.distillation == nil
        ? [] : batch.taught[n * classCount..<(n + 1) * classCount])
  }

  /// Whether the largest of K numbers is that of the label, or of the one with the larger share.
  func hits<Scalar: ComputeScalar>(_ logits: UnsafePointer<Scalar>, count: Int) -> Bool {
    var best = 0
    for k in 1..<max(count, 1) where logits[k] > logits[best] { best = k }
    return best == (share >= 0.5 ? label : second)
  }

  /// Turns logits into probabilities and writes the gradient.
  ///
  /// With A_k = (1 − p_k)^γ − γ p_k (1 − p_k)^{γ−1} log p_k, ∂loss/∂z_k = w (p_k Σ_j q_j A_j − q_k A_k).
  ///
  /// - Parameters:
  ///   - logits: K; become probabilities.
  ///   - gradient: K; become ∂loss/∂z · `scale`.
  ///   - teacher: K probabilities that have the share `teaching` in the targets; nothing is learned of
  ///     where they come from.
  /// - Returns: the loss in nats, without `scale`.
  package func differentiate<Scalar: ComputeScalar>(
    _ logits: UnsafeMutablePointer<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>, count: Int,
    scale: Double, kernels: KernelSet<Scalar>, teacher: UnsafePointer<Scalar>? = nil,
    teaching: Double = 0
  ) -> Double {
    func target(_ k: Int) -> Double {
      let own = self.target(k, of: count)
      return teacher.map { (1 - teaching) * own + teaching * Double($0[k]) } ?? own
    }
    let lesson = settings.distillation.map { self.lesson($0, UnsafePointer(logits), count: count) }
    let own = 1 - (settings.distillation?.weight ?? 0)
    // Logarithms of probabilities come from the logits: those of vanished ones would be lost.
    for k in 0..<count { gradient[k] = logits[k] }
    let logSum = kernels.softmax(logits, count)
    let weight = self.weight
    var loss = 0.0
    var sum = 0.0
    for k in 0..<count {
      let target = target(k)
      guard target != 0 else { continue }
      let logP = Double(gradient[k]) - logSum
      loss -= target * modulation(logP) * logP
      sum += target * slope(logP)
    }
    for k in 0..<count {
      let target = target(k)
      let hit = target == 0 ? 0 : target * slope(Double(gradient[k]) - logSum)
      let whole = own * (Double(logits[k]) * sum - hit) + (lesson?.gradient[k] ?? 0)
      gradient[k] = Scalar(weight * scale * whole)
    }
    return weight * (own * loss + (lesson?.loss ?? 0))
  }

  /// The teacher's part of the loss, λ τ² Σ t log(t / s), and its gradient by the logits, λ τ (s − t).
  private func lesson<Scalar: ComputeScalar>(
    _ distillation: Distillation, _ logits: UnsafePointer<Scalar>, count: Int
  ) -> (loss: Double, gradient: [Double]) {
    let (weight, temperature) = (distillation.weight, distillation.temperature)
    var largest = Double(logits[0])
    for k in 1..<max(count, 1) { largest = max(largest, Double(logits[k])) }
    var targets = taught.map { $0 > 0 ? Double.pow(Double($0), 1 / temperature) : 0 }
    let whole = targets.reduce(0, +)
    var gradient = (0..<count).map { (Double(logits[$0]) - largest) / temperature }
    let logSum = Double.log(gradient.reduce(0) { $0 + Double.exp($1) })
    var loss = 0.0
    for k in 0..<count {
      targets[k] /= whole
      let logS = gradient[k] - logSum
      if targets[k] > 0 { loss += targets[k] * (Double.log(targets[k]) - logS) }
      gradient[k] = weight * temperature * (Double.exp(logS) - targets[k])
    }
    return (weight * temperature * temperature * loss, gradient)
  }

  /// The same for cross-entropy of one label: ∂loss/∂z = p − 1{label}.
  static func differentiatePlain<Scalar: ComputeScalar>(
    _ logits: UnsafeMutablePointer<Scalar>, _ gradient: UnsafeMutablePointer<Scalar>, count: Int,
    label: Int, scale: Scalar, kernels: KernelSet<Scalar>
  ) -> Double {
    let logit = Double(logits[label])
    let loss = kernels.softmax(logits, count) - logit
    for k in 0..<count { gradient[k] = logits[k] * scale }
    gradient[label] -= scale
    return loss
  }

  private func target(_ k: Int, of count: Int) -> Double {
    let hard = (k == label ? share : 0) + (k == second ? 1 - share : 0)
    return (1 - settings.labelSmoothing) * hard + settings.labelSmoothing / Double(count)
  }

  private var weight: Double {
    guard let weights = settings.classWeights else { return 1 }
    return share * weights[label] + (1 - share) * weights[second]
  }

  /// (1 − p)^γ.
  private func modulation(_ logP: Double) -> Double {
    let gamma = settings.focalGamma
    return gamma == 0 ? 1 : Double.pow(max(-Double.expMinusOne(logP), 0), gamma)
  }

  /// A; see `differentiate`.
  private func slope(_ logP: Double) -> Double {
    let gamma = settings.focalGamma
    guard gamma != 0 else { return 1 }
    let rest = max(-Double.expMinusOne(logP), .leastNormalMagnitude)
    let p = Double.exp(logP)
    return Double.pow(rest, gamma) - gamma * p * Double.pow(rest, gamma - 1) * logP
  }
}
