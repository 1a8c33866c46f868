public import RowwiseLayers
public import RowwiseTraining
import RowwiseWorkers

/// A model built and trained step by step, with Keras's names.
///
///     let model = Sequential()
///     model.add(LSTM(128), inputShape: (timesteps: 28, features: 28))
///     model.add(Dense(10, activation: .softmax))
///     try model.compile(loss: .categoricalCrossentropy, optimizer: .adam(), metrics: [.accuracy])
///     let history = try model.fit(x, y, epochs: 10, batchSize: 32, validationData: (xVal, yVal))
public final class Sequential {
  /// What training makes small.
  public enum Loss: Sendable {
    /// Mean −log p(label), of class indices.
    case categoricalCrossentropy
  }

  /// What is counted beside the loss.
  public enum Metric: Sendable {
    /// Share of right answers.
    case accuracy
  }

  private var layers: [any Layer] = []
  private var inputShape: (timesteps: Int, features: Int)?
  private var optimizer: Optimizer?
  private let seed: UInt64
  private let pool: WorkerPool
  private var network: Network<Float>?

  /// An empty model.
  ///
  /// - Parameters:
  ///   - seed: of weights, order of samples and dropout.
  ///   - threads: nil: as many as the machine runs at once.
  public init(seed: UInt64 = 0, threads: Int? = nil) {
    self.seed = seed
    pool = WorkerPool(threads: threads ?? WorkerPool.availableThreads)
  }

  /// Puts a layer on top.
  ///
  /// - Parameters:
  ///   - layer: reads what the layer below gives.
  ///   - inputShape: T and D, for the first layer; without it the first data decide.
  public func add(_ layer: any Layer, inputShape: (timesteps: Int, features: Int)? = nil) {
    precondition(network == nil, "layers are added before the model is built")
    layers.append(layer)
    if let inputShape { self.inputShape = inputShape }
  }

  /// Chooses how to train, and builds the network if the input's shape is known and it is not built
  /// yet: compiling again keeps the weights, as in Keras.
  ///
  /// - Throws: `LayerError`, `TrainingError`.
  public func compile(
    loss: Loss = .categoricalCrossentropy, optimizer: Optimizer = .adam(),
    metrics: [Metric] = [.accuracy]
  ) throws {
    if let problem = optimizer.problem { throw TrainingError.invalidOption(problem) }
    self.optimizer = optimizer
    if network == nil, let inputShape {
      network = try build(inputShape.timesteps, inputShape.features)
    }
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - x: sequences.
  ///   - y: the class of each, from 0.
  ///   - epochs: passes over the data.
  ///   - batchSize: sequences a step.
  ///   - validationData: scored after every epoch.
  ///   - callbacks: told what happens.
  /// - Throws: `LayerError`, `TrainingError`; what callbacks throw.
  public func fit(
    _ x: Sequences, _ y: [Int], epochs: Int = 1, batchSize: Int = 32,
    validationData: (x: Sequences, y: [Int])? = nil,
    callbacks: TrainingCallbacks = TrainingCallbacks()
  ) throws -> History {
    let network = try built(for: x)
    var options = TrainingOptions()
    options.epochs = epochs
    options.batchSize = batchSize
    options.seed = seed
    options.optimizer = optimizer ?? .adam()
    let trainer = try Trainer(network, options: options)
    let source = try source(x, y, network)
    guard let (xVal, yVal) = validationData else {
      return try trainer.fit(source, callbacks: callbacks)
    }
    return try trainer.fit(
      source, validation: try self.source(xVal, yVal, network), callbacks: callbacks)
  }

  /// Trains with everything that training can do: schedules, class weights, averages, early stopping.
  ///
  /// - Parameters:
  ///   - x: sequences.
  ///   - y: the class of each, from 0.
  ///   - options: how to train; the optimizer and seed of this model are not used.
  ///   - validationData: scored after every epoch.
  ///   - callbacks: told what happens.
  ///   - checkpoint: where an earlier run had come to; training goes on from there.
  /// - Throws: `LayerError`, `TrainingError`; what callbacks throw.
  public func fit(
    _ x: Sequences, _ y: [Int], options: TrainingOptions,
    validationData: (x: Sequences, y: [Int])? = nil,
    callbacks: TrainingCallbacks = TrainingCallbacks(), from checkpoint: TrainingCheckpoint? = nil
  ) throws -> History {
    let network = try built(for: x)
    let trainer = try Trainer(network, options: options)
    let source = try source(x, y, network)
    guard let (xVal, yVal) = validationData else {
      return try trainer.fit(source, callbacks: callbacks, from: checkpoint)
    }
    return try trainer.fit(
      source, validation: try self.source(xVal, yVal, network), callbacks: callbacks,
      from: checkpoint)
  }

  /// Loss and accuracy on labelled sequences.
  public func evaluate(_ x: Sequences, _ y: [Int]) throws -> EpochMetrics {
    let network = try built(for: x)
    return try Scorer(network).score(try source(x, y, network))
  }

  /// Class probabilities of every sequence.
  public func predict(_ x: Sequences) throws -> [[Float]] {
    let network = try built(for: x)
    var result: [[Float]] = []
    result.reserveCapacity(x.count)
    let source = ArraySource(
      sequences: x, answers: [Int](repeating: 0, count: x.count), classCount: network.classCount)
    try Scorer(network).forEach(source) { _, _, probabilities in result.append(probabilities) }
    return result
  }

  /// One row a weight array, and their sum.
  public func summary() -> String {
    guard let network else { return "not built yet: give inputShape or fit first\n" }
    let rows = network.parameters.map { parameter in
      "\(parameter.name)  \(parameter.shape)  \(parameter.count)\n"
    }
    return rows.joined() + "parameters: \(network.parameterCount)\n"
  }

  private func built(for x: Sequences) throws -> Network<Float> {
    if let network {
      guard network.timesteps == x.timesteps, network.features == x.features else {
        throw TrainingError.shapeMismatch(
          expected: [network.timesteps, network.features], received: [x.timesteps, x.features])
      }
      return network
    }
    let network = try build(x.timesteps, x.features)
    self.network = network
    return network
  }

  private func build(_ timesteps: Int, _ features: Int) throws(LayerError) -> Network<Float> {
    try Network(layers, timesteps: timesteps, features: features, seed: seed, pool: pool)
  }

  private func source(
    _ x: Sequences, _ y: [Int], _ network: Network<Float>
  ) throws(TrainingError) -> ArraySource {
    guard x.count == y.count else {
      throw .invalidOption("\(x.count) sequences and \(y.count) labels; give one label each")
    }
    if let wrong = y.first(where: { !(0..<network.classCount).contains($0) }) {
      throw .invalidOption("label \(wrong); expected 0 to \(network.classCount - 1)")
    }
    return ArraySource(sequences: x, answers: y, classCount: network.classCount)
  }
}
