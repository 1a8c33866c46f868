public import RowwiseLayers
public import RowwiseRowSequencing

/// How to train.
public struct TrainingOptions: Sendable, Equatable, Codable {
  /// Passes over the training data.
  public var epochs = 10
  /// Sequences a batch; the last one of an epoch may have fewer.
  public var batchSize = 32
  /// Batches whose gradients make up one step, as one large batch would; the last step of an epoch
  /// may have fewer.
  public var accumulation = 1
  /// The update rule.
  public var optimizer = Optimizer.adam()
  /// How the learning rate changes over the run.
  public var schedule = LearningRateSchedule.constant
  /// Epochs during which the learning rate rises in a straight line before the schedule begins.
  public var warmUp = 0.0
  /// Limit of the gradients' global norm; nil for none.
  public var clipNorm: Double?
  /// Limit of every single gradient, up and down, before that of the norm; nil for none.
  public var clipValue: Double?
  /// Decay of the exponential moving average of the weights, which then take the place of the last
  /// ones wherever weights are validated, kept or left behind; nil for none. In step n it is
  /// min(decay, (1 + n) / (10 + n)), so that the first weights are soon forgotten.
  public var averageDecay: Double?
  /// What is made small.
  public var loss = LossSettings()
  /// Weights of classes beside those of `loss`.
  public var classWeighting = ClassWeighting.none
  /// Which samples an epoch has.
  public var sampling = Sampling.each
  /// How pairs of sequences are mixed.
  public var mixing = Mixing.none
  /// How pictures are changed at random, by `seed`: the work of sources that read pictures, and an
  /// error with any other.
  public var augmentation: Augmentation {
    get { recordedAugmentation ?? Augmentation() }
    set { recordedAugmentation = newValue }
  }
  /// nil in checkpoints of version 0.1, which did not record it.
  var recordedAugmentation: Augmentation? = Augmentation()
  /// The first so many layers, counted from the input with those that have no weights, keep what they have: no
  /// step moves their weights, none decays, and the norm of the gradients that is limited has not theirs.
  public var frozenLayers: Int {
    get { recordedFrozenLayers ?? 0 }
    set { recordedFrozenLayers = newValue == 0 ? nil : newValue }
  }
  /// nil for none, as in checkpoints of versions that froze none.
  var recordedFrozenLayers: Int?
  /// Whether every epoch has an order of its own.
  public var shuffles = true
  /// Of the order of samples and of all else that is random in training.
  public var seed: UInt64 = 0
  /// Whether to go back, at the end, to the weights of the epoch that is best by `metric`.
  public var restoresBestWeights = false
  /// What epochs are compared by.
  public var metric = MonitoredMetric.validationAccuracy
  /// When to stop early; nil for never.
  public var earlyStopping: EarlyStopping?
  /// Training stops where the loss, smoothed, is this many times what guessing gives; nil for never.
  public var explosionLimit: Double? = 20

  /// Keras's defaults.
  public init() {}

  /// What is wrong with the values, or nil.
  public var problem: String? {
    // Far above what anybody trains, and low enough that steps can be counted.
    for (name, value, most) in [
      ("epochs", epochs, 1_000_000_000), ("batch size", batchSize, 1 << 31),
      ("accumulation", accumulation, 1 << 31),
    ] where value > most {
      return "\(name) must be at most \(most), not \(value)"
    }
    if epochs < 1 { return "epochs must be at least 1, not \(epochs)" }
    if batchSize < 1 { return "batch size must be at least 1, not \(batchSize)" }
    if accumulation < 1 { return "accumulation must be at least 1, not \(accumulation)" }
    if frozenLayers < 0 { return "frozen layers must be at least 0, not \(frozenLayers)" }
    if let clipNorm, !(clipNorm > 0) {
      return "the gradient norm's limit must be positive, not \(clipNorm)"
    }
    if let clipValue, !(clipValue > 0) {
      return "the gradients' limit must be positive, not \(clipValue)"
    }
    if !(warmUp >= 0 && warmUp < Double(epochs)) {
      return "the warm-up must be from 0 to below the number of epochs, not \(warmUp)"
    }
    if warmUp > 0, case .oneCycle = schedule {
      return "the one-cycle schedule rises by itself; leave the warm-up out"
    }
    if let averageDecay, !(0 < averageDecay && averageDecay < 1) {
      return "the average's decay must be above 0 and below 1, not \(averageDecay)"
    }
    if let explosionLimit, !(explosionLimit > 1) {
      return "the loss's limit must be above 1, not \(explosionLimit)"
    }
    return lossProblem ?? mixing.problem ?? earlyStopping?.problem ?? schedule.problem
      ?? optimizer.problem
  }

  private var lossProblem: String? {
    if !(0 <= loss.labelSmoothing && loss.labelSmoothing < 1) {
      return "label smoothing must be at least 0 and less than 1, not \(loss.labelSmoothing)"
    }
    if !(loss.focalGamma >= 0 && loss.focalGamma.isFinite) {
      return "the focal loss's gamma must be at least 0, not \(loss.focalGamma)"
    }
    if let wrong = loss.classWeights?.first(where: { !($0 >= 0 && $0.isFinite) }) {
      return "class weights must be at least 0, not \(wrong)"
    }
    return loss.early?.problem ?? loss.distillation?.problem
  }
}

/// Weights that classes get from their number of samples.
public enum ClassWeighting: String, Sendable, Codable, CaseIterable {
  /// All 1.
  case none
  /// n / (K n_k): a class with half the samples counts twice. Their mean over the samples is 1.
  case balanced

  /// The weight of each class.
  ///
  /// - Parameter counts: samples of each class; one without any gets 1.
  public func weights(counts: [Int]) -> [Double]? {
    guard self == .balanced else { return nil }
    let present = counts.filter { $0 > 0 }.count
    let total = counts.reduce(0, +)
    return counts.map { $0 > 0 ? Double(total) / Double(present * $0) : 1 }
  }
}

/// Which samples an epoch has.
public enum Sampling: String, Sendable, Codable, CaseIterable {
  /// Each once.
  case each
  /// As many as there are, the same number from each class: those of small classes come several
  /// times, of large ones not all.
  case balanced
}

/// What epochs are compared by.
public enum MonitoredMetric: String, Sendable, Codable, CaseIterable {
  /// Higher accuracy on the validation data; of equals the lower loss.
  case validationAccuracy = "validation-accuracy"
  /// Lower loss on the validation data.
  case validationLoss = "validation-loss"
  /// Higher mean of the classes' F1 on the validation data; of equals the lower loss.
  case validationMacroF1 = "validation-macro-f1"
  /// Higher accuracy on the training data.
  case accuracy
  /// Lower loss on the training data.
  case loss

  /// The number to be made large; nil where the epoch has none, for want of validation data.
  public func score(_ result: EpochResult) -> Double? {
    switch self {
    case .validationAccuracy: result.validation?.accuracy
    case .validationLoss: result.validation.map { -$0.loss }
    case .validationMacroF1: result.validation?.macroF1
    case .accuracy: result.training.accuracy
    case .loss: -result.training.loss
    }
  }

  /// Whether `result` is better than `other`; without validation data the newer one always is.
  public func isBetter(_ result: EpochResult, than other: EpochResult) -> Bool {
    guard let score = score(result), let otherScore = self.score(other) else { return true }
    let losses = (result.validation ?? result.training, other.validation ?? other.training)
    return (score, -losses.0.loss) > (otherScore, -losses.1.loss)
  }
}

/// Stops training that no longer gets better.
public struct EarlyStopping: Sendable, Equatable, Codable {
  /// Epochs without a better one after which training stops.
  public var patience: Int
  /// By how much a metric has to be better to count.
  public var minimumDelta: Double

  /// Puts the two together.
  public init(patience: Int, minimumDelta: Double = 0) {
    self.patience = patience
    self.minimumDelta = minimumDelta
  }

  /// What is wrong with the values, or nil.
  var problem: String? {
    if patience < 1 { return "the patience must be at least 1, not \(patience)" }
    if !(minimumDelta >= 0 && minimumDelta.isFinite) {
      return "the least difference must be at least 0, not \(minimumDelta)"
    }
    return nil
  }
}

/// Where early stopping stands.
struct EarlyStoppingState: Sendable, Equatable, Codable {
  private var best: Double?
  private var epochsWithout = 0

  /// Whether training can have come to it in an epoch.
  func isPossible(in epoch: Int) -> Bool { (0...epoch).contains(epochsWithout) }

  /// Takes in an epoch; true: stop.
  mutating func add(_ score: Double?, _ rule: EarlyStopping) -> Bool {
    guard let score else { return false }
    if best.map({ score > $0 + rule.minimumDelta }) ?? true {
      best = score
      epochsWithout = 0
    } else {
      epochsWithout += 1
    }
    return epochsWithout >= rule.patience
  }
}
