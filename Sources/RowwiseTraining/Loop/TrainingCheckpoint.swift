import RowwiseLayers

/// Where training is: with the weights, all that decides how it goes on.
///
/// Random numbers need no state: each is a function of seed, step and sample.
public struct TrainingState: Sendable, Equatable, Codable {
  /// What the run was started with.
  public internal(set) var options: TrainingOptions
  /// Samples of the training data.
  public internal(set) var samples: Int
  /// The running epoch, from 1; one more than there are after the last.
  public internal(set) var epoch = 1
  /// Batches done in it.
  public internal(set) var step = 0
  /// Changes of the weights so far.
  public internal(set) var updates = 0
  /// The epochs that are complete.
  public internal(set) var history = History()
  /// Sums over the running epoch.
  var sums = EpochSums()
  /// Of the running epoch, before the last resumption.
  var seconds = 0.0
  var plateau = PlateauState()
  var earlyStopping = EarlyStoppingState()
  var explosion = ExplosionGuard()
  var best: EpochResult?

  init(options: TrainingOptions, samples: Int) {
    self.options = options
    self.samples = samples
  }

  /// Gives the run more epochs; fewer, or as many, change nothing.
  ///
  /// The learning rate goes on along the schedule of a run that long, as if it had been one from the
  /// beginning; a run that early stopping has ended goes on too, and its patience starts anew.
  public mutating func extend(toEpochs epochs: Int) {
    guard epochs > options.epochs else { return }
    options.epochs = epochs
    earlyStopping = EarlyStoppingState()
    history.stoppedEarly = false
  }

  /// What of it cannot be, whoever wrote it; nil where nothing is.
  func problem(stepsPerEpoch: Int) -> String? {
    guard (1...options.epochs + 1).contains(epoch) else {
      return "it is in epoch \(epoch) of \(options.epochs)"
    }
    guard (0...stepsPerEpoch).contains(step) else {
      return "it is at batch \(step) of \(stepsPerEpoch)"
    }
    guard (0...epoch * stepsPerEpoch).contains(updates) else {
      return "in epoch \(epoch) the weights cannot have changed \(updates) times"
    }
    guard history.epochs.count == epoch - 1 else {
      return "in epoch \(epoch) it knows of \(history.epochs.count) epochs before"
    }
    guard sums.isPossible(of: samples), plateau.isPossible(in: epoch),
      earlyStopping.isPossible(in: epoch)
    else { return "in epoch \(epoch) it has counted what cannot be" }
    return nil
  }

  /// Whether nothing is left to do.
  public var isFinished: Bool { epoch > options.epochs || history.stoppedEarly }
}

/// Sums over the batches of an epoch.
struct EpochSums: Sendable, Equatable, Codable {
  var loss = 0.0
  var correct = 0
  var count = 0

  mutating func add(_ result: Network<Float>.BatchResult) {
    loss += result.lossSum
    correct += result.correct
    count += result.count
  }

  /// Whether an epoch of so many samples can have come to it.
  func isPossible(of samples: Int) -> Bool {
    (0...samples).contains(count) && (0...count).contains(correct)
  }

  var metrics: EpochMetrics {
    EpochMetrics(
      loss: loss / Double(max(count, 1)), accuracy: Double(correct) / Double(max(count, 1)))
  }
}

/// A run in the middle, as a value: training goes on from it to the same bits as if it had never
/// stopped, with any number of threads.
public struct TrainingCheckpoint: Sendable, Equatable {
  /// Position and history.
  public var state: TrainingState
  /// Numbers by name: `weights/…`, `first/…`, `second/…` (of the optimizer), and where the options
  /// ask for them `average/…` and `best/…`, each with a parameter's name.
  public var arrays: [String: [Float]]

  /// Puts the two together.
  public init(state: TrainingState, arrays: [String: [Float]]) {
    self.state = state
    self.arrays = arrays
  }

  /// The arrays of one group by parameter, in the network's order.
  ///
  /// - Throws: `TrainingError.checkpointMismatch` where one is missing or has another size.
  func group(_ name: String, _ network: Network<Float>) throws(TrainingError) -> [[Float]] {
    var result: [[Float]] = []
    for parameter in network.parameters {
      let key = "\(name)/\(parameter.name)"
      guard let values = arrays[key] else {
        throw .checkpointMismatch("it has no array \(key)")
      }
      guard values.count == parameter.count else {
        throw .checkpointMismatch(
          "its array \(key) has \(values.count) numbers, the network's \(parameter.count)")
      }
      result.append(values)
    }
    return result
  }

  /// Adds the arrays of one group.
  mutating func add(_ name: String, _ values: [[Float]], _ network: Network<Float>) {
    for (parameter, values) in zip(network.parameters, values) {
      arrays["\(name)/\(parameter.name)"] = values
    }
  }
}
