/// Loss and accuracy over one pass of a data set.
public struct EpochMetrics: Sendable, Equatable, Codable {
  /// Mean −log p(label), nats.
  public var loss: Double
  /// Share of sequences whose most probable class is their label.
  public var accuracy: Double
  /// Mean of the classes' F1; nil where it was not counted.
  public var macroF1: Double?

  /// Puts the two together.
  public init(loss: Double, accuracy: Double) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

/// What one epoch of training gave.
public struct EpochResult: Sendable, Equatable, Codable {
  /// From 1.
  public var epoch: Int
  /// On the training data, while the weights were changing.
  public var training: EpochMetrics
  /// On the validation data, after the epoch; nil without any.
  public var validation: EpochMetrics?
  /// Learning rate at the epoch's first step.
  public var learningRate: Double
  /// Wall-clock seconds, validation included.
  public var seconds: Double
}

/// What `fit` did, epoch by epoch.
public struct History: Sendable, Equatable, Codable {
  /// In order.
  public var epochs: [EpochResult] = []
  /// The epoch whose weights the network has now; 0 for those it started with. After a stop in the
  /// middle of an epoch without restored weights they are those of the steps since, too.
  public var bestEpoch = 0
  /// Whether training was stopped before its last epoch.
  public var wasStopped = false
  /// Whether early stopping ended it.
  public var stoppedEarly = false

  /// No epoch yet.
  public init() {}
}
