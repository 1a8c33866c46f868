import RealModule
import RowwiseCompute
public import RowwiseLayers

/// Tries learning rates from small to large over some steps of training and watches the loss (Smith
/// 2017, section 3.3).
///
/// The network's weights are afterwards what they were before.
public struct LearningRateFinder {
  /// One step.
  public struct Point: Sendable, Equatable {
    /// η of the step.
    public var rate: Double
    /// Mean loss of its batch, before it.
    public var loss: Double
    /// The loss smoothed over some ten steps.
    public var smoothed: Double
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// Every step, in order.
    public var points: [Point]
    /// Where the smoothed loss falls most steeply over the rate's logarithm; nil where it never
    /// falls.
    public var steepest: Double?
    /// A tenth of the rate with the lowest smoothed loss.
    public var tenthOfLowest: Double

    /// The rate to train with: the steepest, where the loss falls noticeably.
    ///
    /// It does where the lowest smoothed loss is below the mean of the first twenty steps by more
    /// than a hundredth, and by more than 1.5 standard deviations of batches' losses about the
    /// smoothed ones: where nothing is learnt, chance makes it fall by 0.6 of one, seldom by one.
    /// - Throws: `TrainingError.lossNeverFell`.
    public func suggestion() throws(TrainingError) -> Double {
      let known = points.filter { $0.smoothed.isFinite }
      let start = known.prefix(20)
      let first = start.reduce(0) { $0 + $1.loss } / Double(max(start.count, 1))
      // As in the search, the first ten are too noisy to be the lowest.
      let low = known.indices.dropFirst(10).min { known[$0].smoothed < known[$1].smoothed } ?? 0
      let falling = known.prefix(max(low + 1, 20))
      let squares = falling.reduce(0) { $0 + ($1.loss - $1.smoothed) * ($1.loss - $1.smoothed) }
      let spread = (squares / Double(max(falling.count, 1))).squareRoot()
      let lowest = known.isEmpty ? first : known[low].smoothed
      guard let steepest, first - lowest > max(1.5 * spread, first / 100) else {
        throw .lossNeverFell(from: first, to: lowest, spread: spread)
      }
      return steepest
    }
  }

  private let network: Network<Float>
  private let options: TrainingOptions

  /// - Parameter options: batch size, optimizer, loss and the like; their learning rate and schedule
  ///   are not used.
  /// - Throws: `TrainingError.invalidOption`.
  public init(_ network: Network<Float>, options: TrainingOptions) throws(TrainingError) {
    if let problem = options.problem { throw .invalidOption(problem) }
    self.network = network
    self.options = options
  }

  /// Trains with rates that grow by the same factor from step to step.
  ///
  /// It ends before the last where the smoothed loss is four times its lowest.
  ///
  /// - Parameters:
  ///   - rates: the first and the last.
  ///   - steps: at least 2.
  /// - Throws: as `Trainer.fit`, but not where the loss explodes: that is what is looked for.
  public func run(
    _ source: some SequenceSource, rates: ClosedRange<Double> = 1e-6...10, steps: Int = 200
  ) throws -> Result {
    precondition(steps > 1 && rates.lowerBound > 0, "\(steps) steps from \(rates.lowerBound)")
    try network.claim()
    defer { network.endTraining() }
    let kept = network.allValues
    defer { network.allValues = kept }
    var trial = options
    trial.schedule = .constant
    trial.warmUp = 0
    trial.earlyStopping = nil
    trial.averageDecay = nil
    trial.explosionLimit = nil
    trial.accumulation = 1
    let batches = (source.count + trial.batchSize - 1) / trial.batchSize
    trial.epochs = (steps + batches - 1) / batches
    let growth = Double.pow(rates.upperBound / rates.lowerBound, 1 / Double(steps - 1))
    var recorder = Recorder(first: rates.lowerBound, growth: growth, steps: steps)
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { recorder.add($0) }
    callbacks.shouldStop = { recorder.isDone }
    do {
      let loop = try TrainingLoop(network, trial, callbacks, source: source)
      loop.rate = { rates.lowerBound * Double.pow(growth, Double($0)) }
      _ = try loop.run(source, validation: Optional<Self.None>.none)
    } catch TrainingError.lossNotFinite {
      // The end of what can be tried.
    } catch TrainingError.weightsNotFinite {
    }
    return recorder.result
  }

  /// Stands for the type of a validation source that is not there.
  private struct None: SequenceSource {
    var count: Int { 0 }
    var timesteps: Int { 0 }
    var features: Int { 0 }
    var classCount: Int { 0 }
    func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {}
  }
}

/// Takes a loss for every step from means over epochs.
private struct Recorder {
  let first: Double
  let growth: Double
  let steps: Int
  private var points: [LearningRateFinder.Point] = []
  private var average = 0.0
  private var lowest = Double.infinity
  /// Sum of the running epoch up to the step before.
  private var before = (sum: 0.0, samples: 0)
  private(set) var isDone = false

  init(first: Double, growth: Double, steps: Int) {
    self.first = first
    self.growth = growth
    self.steps = steps
  }

  mutating func add(_ step: TrainingStep) {
    if step.step == 1 { before = (0, 0) }
    let sum = step.running.loss * Double(step.samples)
    let loss = (sum - before.sum) / Double(max(step.samples - before.samples, 1))
    before = (sum, step.samples)
    average = 0.9 * average + 0.1 * loss
    // Corrected for beginning at 0, as in Adam.
    let smoothed = average / (1 - Double.pow(0.9, Double(points.count + 1)))
    points.append(
      .init(rate: first * Double.pow(growth, Double(points.count)), loss: loss, smoothed: smoothed))
    // The first few are too noisy to be called the lowest.
    if points.count > 10 { lowest = min(lowest, smoothed) }
    isDone = points.count >= steps || smoothed > 4 * lowest || !smoothed.isFinite
  }

  var result: LearningRateFinder.Result {
    let known = points.filter { $0.smoothed.isFinite }
    let low = known.min { $0.smoothed < $1.smoothed }
    var steepest: (slope: Double, rate: Double)?
    // Over five steps: rates grow evenly, so differences are slopes.
    for (a, b) in zip(known, known.dropFirst(5)) where b.rate <= low?.rate ?? 0 {
      let slope = b.smoothed - a.smoothed
      if slope < steepest?.slope ?? 0 { steepest = (slope, (a.rate * b.rate).squareRoot()) }
    }
    return .init(points: points, steepest: steepest?.rate, tenthOfLowest: (low?.rate ?? first) / 10)
  }
}
