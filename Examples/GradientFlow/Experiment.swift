import RealModule
import RowwiseCompute
import RowwiseLayers
import RowwiseTraining
import RowwiseWorkers

/// One network and how it is trained.
struct Experiment {
  let name: String
  /// Below the output layer.
  let hidden: [any Layer]
  /// Limit of the gradients' norm; nil for none.
  let clipNorm: Double?

  static let units = 48
  static let epochs = 12
  static let batchSize = 32
  static let learningRate = 0.003

  /// What is compared, each with the one before it in mind.
  static let all: [Experiment] = {
    func lstm(chrono: Bool = false, sequences: Bool = false) -> Recurrent {
      var layer = LSTM(units, returnSequences: sequences)
      layer.chronoInitialization = chrono
      return layer
    }
    func stack(chrono: Bool) -> [any Layer] {
      (0..<3).map { lstm(chrono: chrono, sequences: $0 < 2) }
    }
    func residual(chrono: Bool) -> [any Layer] {
      (0..<3).map { _ in Residual(lstm(chrono: chrono, sequences: true)) as any Layer }
        + [Pooling(.last)]
    }
    return [
      Experiment(name: "SimpleRNN", hidden: [SimpleRNN(units)], clipNorm: nil),
      Experiment(name: "SimpleRNN, clipped", hidden: [SimpleRNN(units)], clipNorm: 1),
      Experiment(name: "LSTM", hidden: [lstm()], clipNorm: nil),
      Experiment(name: "LSTM, clipped", hidden: [lstm()], clipNorm: 1),
      Experiment(name: "LSTM, chrono", hidden: [lstm(chrono: true)], clipNorm: 1),
      Experiment(name: "3 LSTMs, chrono", hidden: stack(chrono: true), clipNorm: 1),
      Experiment(
        name: "3 LSTMs, chrono, residual", hidden: residual(chrono: true), clipNorm: 1),
    ]
  }()

  /// Trains, and looks at the gradients before and after.
  func run(_ train: PixelSource, test: PixelSource, pool: WorkerPool) throws -> Outcome {
    let network = try Network<Float>(
      hidden + [Dense(train.classCount, activation: .softmax)], timesteps: train.timesteps,
      features: 1, seed: 1, pool: pool)
    var outcome = Outcome(
      name: name, weights: network.parameterCount, before: Profile(network, train))
    var options = TrainingOptions()
    options.epochs = Self.epochs
    options.batchSize = Self.batchSize
    options.optimizer = .adam(learningRate: Self.learningRate)
    options.clipNorm = clipNorm
    options.seed = 1
    var epoch = 1
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { _ in
      let squares = network.parameters.reduce(0.0) { sum, parameter in
        network.gradient(of: parameter).reduce(sum) { $0 + Double($1) * Double($1) }
      }
      outcome.largestNorm = max(outcome.largestNorm, squares.squareRoot())
    }
    callbacks.onEpochEnd = { result in
      epoch = result.epoch + 1
      let score = result.validation ?? result.training
      outcome.accuracies.append(score.accuracy)
      outcome.loss = score.loss
    }
    do {
      _ = try Trainer(network, options: options).fit(train, validation: test, callbacks: callbacks)
      outcome.after = Profile(network, train)
    } catch let error as TrainingError {
      // What exploding gradients end in: the figures of the epochs before stay.
      switch error {
      case .lossNotFinite, .weightsNotFinite: outcome.divergedInEpoch = epoch
      default: throw error
      }
    }
    return outcome
  }
}

/// What came of an experiment.
struct Outcome {
  let name: String
  /// Weights, all layers together.
  let weights: Int
  let before: Profile
  var after: Profile
  /// Largest norm of a step's gradient by all weights, before clipping.
  var largestNorm = 0.0
  /// On the test part after every epoch.
  var accuracies: [Double] = []
  var loss = Double.nan
  var divergedInEpoch: Int?

  init(name: String, weights: Int, before: Profile) {
    self.name = name
    self.weights = weights
    self.before = before
    after = before
  }

  /// After the last epoch.
  var accuracy: Double { accuracies.last ?? .nan }
}

/// How large the gradient of the loss by the input is at every timestep.
struct Profile {
  /// ‖∂loss/∂x_t‖ over a batch, by timestep.
  let norms: [Double]

  init(_ network: Network<Float>, _ source: PixelSource) {
    let count = 64
    _ = network.gradients(source.batch(first: count), wantsInputGradient: true)
    let gradient = network.inputGradient
    norms = (0..<source.timesteps).map { t in
      gradient[t * count..<(t + 1) * count].reduce(0.0) { $0 + Double($1) * Double($1) }
        .squareRoot()
    }
  }

  /// The share of timesteps whose gradient is at least a thousandth of the largest, in percent: how
  /// much of the sequence training can learn from.
  var reach: Double {
    guard let largest = norms.max(), largest > 0 else { return 0 }
    return 100 * Double(norms.count { $0 >= largest / 1000 }) / Double(norms.count)
  }

  /// Points of a curve: timestep, log₁₀ of the norm as a share of the largest, at least −12.
  var logarithms: [(Double, Double)] {
    let largest = norms.max() ?? 1
    return norms.enumerated().map { t, norm in
      (Double(t), max(-12, Double.log(norm / max(largest, 1e-300)) / Double.log(10)))
    }
  }
}
