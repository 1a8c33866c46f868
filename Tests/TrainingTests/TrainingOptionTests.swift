import RowwiseLayers
import Testing

@testable import RowwiseTraining

/// What the options beyond optimizer and schedule do.
@Suite struct TrainingOptionTests {
  private func weights(
    _ options: TrainingOptions, _ source: ToySource = ToySource(count: 48), threads: Int = 1
  ) throws -> [String: [Float]] {
    let network = try toyNetwork(threads: threads)
    _ = try Trainer(network, options: options).fit(source)
    return network.weights
  }

  private func largestDifference(_ a: [String: [Float]], _ b: [String: [Float]]) -> Float {
    a.map { name, values in zip(values, b[name] ?? []).map { abs($0 - $1) }.max() ?? .infinity }
      .max() ?? .infinity
  }

  /// Small batches whose gradients are summed step as one large batch does.
  @Test func accumulationIsALargeBatch() throws {
    var large = TrainingOptions(epochs: 2, batchSize: 24, optimizer: .sgd(learningRate: 0.1))
    let expected = try weights(large)
    large.batchSize = 8
    large.accumulation = 3
    #expect(largestDifference(try weights(large), expected) < 1e-6)
    // 43 = 24 + 19: the last group is smaller, its last batch too.
    large.batchSize = 24
    large.accumulation = 1
    let odd = try weights(large, ToySource(count: 43))
    large.batchSize = 8
    large.accumulation = 3
    #expect(largestDifference(try weights(large, ToySource(count: 43)), odd) < 1e-6)
  }

  @Test func clippingByValueLimitsEveryGradient() throws {
    let network = try toyNetwork()
    let before = network.weights
    var options = TrainingOptions(epochs: 1, batchSize: 12, optimizer: .sgd(learningRate: 1))
    options.clipValue = 0.001
    _ = try Trainer(network, options: options).fit(ToySource(count: 12))
    var largest: Float = 0
    for (name, values) in network.weights {
      for (a, b) in zip(values, before[name] ?? []) { largest = max(largest, abs(a - b)) }
    }
    #expect(abs(largest / 0.001 - 1) < 1e-3)
  }

  /// The average follows its formula step by step.
  @Test func averagesWeights() throws {
    var options = TrainingOptions(epochs: 2, optimizer: .sgd(learningRate: 0.2))
    options.averageDecay = 0.6
    let network = try toyNetwork()
    var average = network.weights.mapValues { $0.map { Double($0) } }
    var plain: [String: [Float]] = [:]
    var step = 0
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { _ in
      step += 1
      let d = min(0.6, Double(1 + step) / Double(10 + step))
      plain = network.weights
      for (name, values) in plain {
        average[name] = zip(average[name] ?? [], values).map { d * $0 + (1 - d) * Double($1) }
      }
    }
    _ = try Trainer(network, options: options).fit(ToySource(count: 48), callbacks: callbacks)
    #expect(step == 12)
    for (name, values) in network.weights {
      for (value, expected) in zip(values, average[name] ?? []) {
        #expect(abs(Double(value) - expected) < 1e-6, "\(name)")
      }
    }
    #expect(network.weights != plain, "the last weights are not the average")
  }

  /// Validation sees the average, and training goes on from the weights themselves.
  @Test func averagingDoesNotDisturbTraining() throws {
    var options = TrainingOptions(epochs: 3)
    var losses: [[Double]] = []
    for decay in [nil, 0.9] {
      options.averageDecay = decay
      let history = try Trainer(try toyNetwork(), options: options).fit(
        ToySource(count: 48), validation: ToySource(count: 20, seed: 2))
      losses.append(history.epochs.map(\.training.loss))
    }
    #expect(losses[0] == losses[1])
  }

  @Test func balancedWeightsCountClassesAlike() throws {
    #expect(ClassWeighting.balanced.weights(counts: [30, 10, 0, 20]) == [2.0 / 3, 2, 1, 1])
    #expect(ClassWeighting.none.weights(counts: [1, 2]) == nil)
    var options = TrainingOptions(epochs: 1)
    options.loss.classWeights = [1, 1]
    #expect(
      throws: TrainingError.invalidOption("2 class weights for 3 classes; give one each")
    ) { try weights(options) }
    // Weights of 1 are no weights, but for rounding.
    options.loss.classWeights = [1, 1, 1]
    let given = try weights(options)
    options.loss.classWeights = nil
    #expect(largestDifference(try weights(options), given) < 1e-5)
    options.classWeighting = .balanced
    #expect(largestDifference(try weights(options), given) < 1e-5, "48 samples of 3 classes")
    options.loss.classWeights = [3, 1, 0]
    #expect(largestDifference(try weights(options), given) > 1e-3)
  }

  @Test func balancedSamplingDrawsEveryClassAlike() {
    var options = TrainingOptions()
    options.sampling = .balanced
    // 50 samples: 40 of class 0, 8 of class 1, 2 of class 3, none of class 2.
    let labels = (0..<50).map { $0 < 40 ? 0 : $0 < 48 ? 1 : 3 }
    let order = SampleOrder(options, count: 50, labels: labels)
    var seen: Set<Int> = []
    for epoch in 1...6 {
      let indices = order.indices(epoch: epoch)
      #expect(indices.count == 50)
      #expect(indices == order.indices(epoch: epoch))
      let counts = indices.reduce(into: [0, 0, 0, 0]) { $0[labels[$1]] += 1 }
      #expect(counts[2] == 0)
      #expect([counts[0], counts[1], counts[3]].allSatisfy { (16...17).contains($0) })
      let times = indices.filter { labels[$0] == 1 }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      #expect(times.values.allSatisfy { (2...3).contains($0) }, "spread evenly in a class")
      seen.formUnion(indices)
    }
    #expect(seen.count > 45, "large classes are seen whole over the epochs")
  }

  @Test func labelsAreNeededForBalance() throws {
    struct Unlabelled: SequenceSource {
      var toy = ToySource(count: 9)
      var count: Int { 9 }
      var timesteps: Int { 4 }
      var features: Int { 3 }
      var classCount: Int { 3 }
      func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws {
        try toy.load(indices, rows: rows, into: batch)
      }
    }
    var options = TrainingOptions(epochs: 1)
    options.sampling = .balanced
    #expect(throws: TrainingError.self) {
      try Trainer(try toyNetwork(), options: options).fit(Unlabelled())
    }
  }

  @Test func earlyStoppingGoesBackToTheBest() throws {
    var options = TrainingOptions(epochs: 50)
    options.metric = .validationLoss
    options.earlyStopping = EarlyStopping(patience: 2)
    options.restoresBestWeights = true
    let network = try toyNetwork()
    let validation = ToySource(count: 60, seed: 2, labelShift: 1)
    let history = try Trainer(network, options: options).fit(
      ToySource(count: 60), validation: validation)
    #expect(history.stoppedEarly && !history.wasStopped)
    let losses = history.epochs.compactMap(\.validation?.loss)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(history.epochs.count == best + 1 + 2)
    #expect(history.bestEpoch == best + 1)
    #expect(try Scorer(network).score(validation).loss == losses[best])
  }

  @Test func macroF1IsTheMeanOverClasses() {
    // Class 0: F1 = 2·3/(2·3+1+1) = 0.75; class 1: 2·4/(2·4+1+1) = 0.8; class 2 has nothing.
    #expect(Scorer.macroF1([3, 1, 0, 1, 4, 0, 0, 0, 0], 3) == (0.75 + 0.8) / 2)
  }

  /// A learning rate far too high is met while the loss is still a number.
  @Test func explosionIsMet() throws {
    var options = TrainingOptions(epochs: 50, optimizer: .sgd(learningRate: 3000))
    var received: TrainingError?
    do { _ = try weights(options) } catch let error as TrainingError { received = error }
    guard case .lossExploded(let epoch, let step, let loss, let parameter) = received else {
      Issue.record("expected an explosion, not \(String(describing: received))")
      return
    }
    #expect(epoch >= 1 && step >= 1 && loss.isFinite)
    #expect(parameter.hasPrefix("layers."))
    options.optimizer = .sgd(learningRate: 0.1)
    _ = try weights(options)
  }
}
