import RowwiseLayers
import RowwiseTraining
import Testing

/// Training as a whole.
@Suite struct TrainerTests {
  static let optimizers: [Optimizer] = [
    .sgd(learningRate: 0.5),
    .sgd(learningRate: 0.1, momentum: 0.9),
    .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true),
    .rmsprop(learningRate: 0.01),
    .adam(learningRate: 0.01),
    .adamw(learningRate: 0.01), .lion(learningRate: 0.003, weightDecay: 0.01),
  ]

  @Test(arguments: optimizers)
  func everyOptimizerLearns(_ optimizer: Optimizer) throws {
    let network = try toyNetwork()
    let trainer = try Trainer(network, options: TrainingOptions(epochs: 8, optimizer: optimizer))
    let history = try trainer.fit(
      ToySource(count: 120), validation: ToySource(count: 90, seed: 2))
    let first = try #require(history.epochs.first)
    let last = try #require(history.epochs.last)
    #expect(history.epochs.map(\.epoch) == Array(1...8))
    #expect(last.training.loss < first.training.loss / 2, "\(optimizer)")
    let accuracy = try #require(last.validation).accuracy
    #expect(accuracy >= 0.95, "\(optimizer): \(accuracy)")
    #expect(!history.wasStopped)
    #expect(history.bestEpoch == 8)
  }

  /// Weights after two epochs with dropout and a partial last batch.
  private func trained(
    threads: Int = 1, seed: UInt64 = 0, shuffles: Bool = true, dropout: Bool = true,
    clipNorm: Double? = 1, optimizer: Optimizer = .adamw(learningRate: 0.01)
  ) throws -> [String: [Float]] {
    let layers: [any Layer] = [
      Bidirectional(LSTM(5, returnSequences: true, peephole: .full)), Dropout(dropout ? 0.3 : 0),
      LSTM(70, peephole: .diagonal), Dense(3, activation: .softmax),
    ]
    let network = try toyNetwork(threads: threads, layers: layers)
    var options = TrainingOptions(epochs: 2, optimizer: optimizer)
    options.seed = seed
    options.shuffles = shuffles
    options.clipNorm = clipNorm
    _ = try Trainer(network, options: options).fit(ToySource(count: 43))
    return network.weights
  }

  @Test func theSeedDecides() throws {
    let weights = try trained()
    #expect(try trained() == weights)
    #expect(try trained(seed: 1) != weights)
    #expect(try trained(shuffles: false) != weights)
    #expect(try trained(seed: 1, shuffles: false) == trained(seed: 2, shuffles: false))
  }

  @Test(arguments: optimizers)
  func threadsChangeNoBit(_ optimizer: Optimizer) throws {
    let weights = try trained(optimizer: optimizer)
    for threads in [2, 3, 5] {
      #expect(try trained(threads: threads, optimizer: optimizer) == weights, "\(threads) threads")
    }
  }

  @Test func clippingChangesTraining() throws {
    #expect(try trained(clipNorm: 0.01) != trained(clipNorm: nil))
    #expect(try trained(clipNorm: 1e9) == trained(clipNorm: nil))
  }

  /// With plain gradient descent a step is as long as the clipped gradient times η.
  @Test func clipNormLimitsTheStep() throws {
    func step(_ clipNorm: Double?) throws -> Double {
      let network = try toyNetwork()
      let before = network.weights
      var options = TrainingOptions(
        epochs: 1, batchSize: 12, optimizer: .sgd(learningRate: 1))
      options.clipNorm = clipNorm
      _ = try Trainer(network, options: options).fit(ToySource(count: 12))
      var sum = 0.0
      for (name, values) in network.weights {
        for (a, b) in zip(values, before[name] ?? []) { sum += Double((a - b) * (a - b)) }
      }
      return sum.squareRoot()
    }
    let free = try step(nil)
    try #require(free > 0.1)
    let short = try step(0.01)
    #expect(abs(short / 0.01 - 1) < 1e-4)
    let half = try step(free / 2)
    #expect(abs(half / (free / 2) - 1) < 1e-4)
    #expect(try step(free * 2) == free, "a limit above the norm does nothing")
  }

  @Test func everySampleOnceAnEpochInItsOwnOrder() throws {
    let log = LoadLog()
    let options = TrainingOptions(epochs: 3)
    _ = try Trainer(try toyNetwork(), options: options).fit(ToySource(count: 43, log: log))
    let epochs = (0..<3).map { Array(log.loaded[$0 * 43..<($0 + 1) * 43]) }
    #expect(log.loaded.count == 3 * 43)
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<43)) }
    #expect(Set(epochs).count == 3, "every epoch has an order of its own")
    // The next batch is announced before the current one is computed; after the last none.
    let announced = log.prefetches.flatMap { $0 }
    #expect(announced == epochs.flatMap { $0.dropFirst(8) })

    let plain = LoadLog()
    var inOrder = options
    inOrder.shuffles = false
    _ = try Trainer(try toyNetwork(), options: inOrder).fit(ToySource(count: 43, log: plain))
    #expect(plain.loaded == Array(0..<43) + Array(0..<43) + Array(0..<43))
  }

  /// 43 samples in steps of 8: five full ones and one of 3.
  @Test func theLastStepMayBeSmaller() throws {
    var steps: [TrainingStep] = []
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { steps.append($0) }
    let history = try Trainer(try toyNetwork(), options: TrainingOptions(epochs: 2)).fit(
      ToySource(count: 43), callbacks: callbacks)
    #expect(steps.map(\.samples) == [8, 16, 24, 32, 40, 43, 8, 16, 24, 32, 40, 43])
    #expect(steps.map(\.step) == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
    #expect(steps.map(\.epoch) == [Int](repeating: 1, count: 6) + [Int](repeating: 2, count: 6))
    #expect(steps.allSatisfy { $0.steps == 6 })
    #expect(steps[5].running == history.epochs[0].training)
    #expect(steps[11].running == history.epochs[1].training)
    // A batch larger than the data is the data.
    var single: [TrainingStep] = []
    callbacks.onStepEnd = { single.append($0) }
    _ = try Trainer(try toyNetwork(), options: TrainingOptions(epochs: 1, batchSize: 1000)).fit(
      ToySource(count: 5), callbacks: callbacks)
    #expect(single.map(\.samples) == [5])
  }

  /// The loss told is the mean over samples, with the weights before each step.
  @Test func theRunningLossIsTheMeanOverSamples() throws {
    let source = ToySource(count: 11)
    let expected = try Scorer(try toyNetwork()).score(source)
    // So small a rate changes nothing that counts.
    let options = TrainingOptions(
      epochs: 1, batchSize: 4, optimizer: .sgd(learningRate: 1e-30))
    let history = try Trainer(try toyNetwork(), options: options).fit(source)
    #expect(abs(history.epochs[0].training.loss - expected.loss) < 1e-6)
    #expect(history.epochs[0].training.accuracy == expected.accuracy)
  }

  @Test func anotherFitGoesOn() throws {
    let network = try toyNetwork()
    let trainer = try Trainer(network, options: TrainingOptions(epochs: 3))
    let first = try trainer.fit(ToySource(count: 60))
    let second = try trainer.fit(ToySource(count: 60))
    #expect(second.epochs[0].training.loss < first.epochs[0].training.loss)
    #expect(second.epochs.map(\.epoch) == [1, 2, 3])
  }
}
