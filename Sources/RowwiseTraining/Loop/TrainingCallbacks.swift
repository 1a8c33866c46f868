/// Where training is, told after every batch.
public struct TrainingStep: Sendable, Equatable {
  /// From 1.
  public var epoch: Int
  /// Batches done in this epoch.
  public var step: Int
  /// Batches an epoch has.
  public var steps: Int
  /// Samples done in this epoch.
  public var samples: Int
  /// Means over this epoch so far.
  public var running: EpochMetrics
  /// η of the change of the weights that the batch is part of.
  public var learningRate: Double
  /// Whether the weights have just been changed: not after a batch whose gradients are kept for a
  /// later one's.
  public var isUpdate = true
}

/// What is told while training, as Keras's callbacks; every one may be left out.
public struct TrainingCallbacks {
  /// Before an epoch, with its number from 1. An epoch that is resumed begins a second time.
  public var onEpochBegin: ((_ epoch: Int) throws -> Void)?
  /// After every batch.
  public var onStepEnd: ((TrainingStep) throws -> Void)?
  /// After an epoch's validation, before `onEpochEnd`: how many samples of class i (row) were taken
  /// for class j, [K, K].
  public var onValidation: ((_ epoch: Int, _ confusion: [Int]) throws -> Void)?
  /// After an epoch and its validation; the network has the weights that were validated.
  public var onEpochEnd: ((EpochResult) throws -> Void)?
  /// Asked after every change of the weights; true ends training there, with what was reached. So does the
  /// cancellation of the task that trains.
  public var shouldStop: (() -> Bool)?
  /// Asked after every change of the weights: whether to make a checkpoint here. After every epoch
  /// and where training is stopped one is always made.
  public var wantsCheckpoint: ((TrainingStep) -> Bool)?
  /// Receives all that is needed to go on from here.
  public var onCheckpoint: ((TrainingCheckpoint) throws -> Void)?

  /// None.
  public init() {}
}
