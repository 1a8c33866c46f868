import Foundation
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

/// Going on from a checkpoint ends in the same bits as never having stopped.
@Suite struct CheckpointTests {
  /// Everything that has a state of its own, at once.
  private static func options() -> TrainingOptions {
    var options = TrainingOptions(
      epochs: 4, batchSize: 8, optimizer: .adamw(learningRate: 0.01))
    options.accumulation = 2
    options.schedule = .plateau(factor: 0.5, patience: 0, threshold: 0.3)
    options.warmUp = 0.5
    options.clipNorm = 1
    options.clipValue = 0.5
    options.averageDecay = 0.9
    options.loss.labelSmoothing = 0.1
    options.classWeighting = .balanced
    options.sampling = .balanced
    options.mixing = Mixing(mixup: 0.4, cutmix: 1)
    options.restoresBestWeights = true
    options.metric = .validationLoss
    options.earlyStopping = EarlyStopping(patience: 4)
    options.seed = 5
    return options
  }

  private static let layers: [any Layer] = [
    LSTM(5, returnSequences: true), Dropout(0.3), LSTM(6), Dense(3, activation: .softmax),
  ]

  private struct Result: Equatable {
    var weights: [String: [Float]]
    var history: History
  }

  /// Trains, from a checkpoint where one is given; keeps every checkpoint that can be had.
  private func train(
    _ options: TrainingOptions, threads: Int = 1, from checkpoint: TrainingCheckpoint? = nil,
    stopAfter: Int = .max
  ) throws -> (result: Result, checkpoints: [TrainingCheckpoint]) {
    // Weights of another seed: a checkpoint brings all of its own.
    let network = try toyNetwork(
      threads: threads, seed: checkpoint == nil ? 1 : 99, layers: Self.layers)
    var checkpoints: [TrainingCheckpoint] = []
    var callbacks = TrainingCallbacks()
    var updates = 0
    callbacks.onStepEnd = { if $0.isUpdate { updates += 1 } }
    callbacks.shouldStop = { updates >= stopAfter }
    callbacks.wantsCheckpoint = { _ in true }
    callbacks.onCheckpoint = { checkpoints.append($0) }
    var history = try Trainer(network, options: options).fit(
      ToySource(count: 43, augmentation: options.augmentation),
      validation: ToySource(count: 20, seed: 3), callbacks: callbacks, from: checkpoint)
    for i in history.epochs.indices { history.epochs[i].seconds = 0 }
    return (Result(weights: network.weights, history: history), checkpoints)
  }

  @Test func everyCheckpointEndsTheSame() throws {
    let options = Self.options()
    let network = try toyNetwork(layers: Self.layers)
    var checkpoints: [TrainingCheckpoint] = []
    var callbacks = TrainingCallbacks()
    callbacks.wantsCheckpoint = { _ in true }
    callbacks.onCheckpoint = { checkpoints.append($0) }
    var expected = try Trainer(network, options: options).fit(
      ToySource(count: 43), validation: ToySource(count: 20, seed: 3), callbacks: callbacks)
    for i in expected.epochs.indices { expected.epochs[i].seconds = 0 }
    // 6 batches in 3 steps an epoch: two checkpoints between them and one after, four epochs long.
    #expect(checkpoints.count == 12)
    #expect(expected.epochs.count == 4)
    for (number, checkpoint) in checkpoints.enumerated() {
      let other = try toyNetwork(threads: 1 + number % 3, layers: Self.layers)
      for parameter in other.parameters {
        other.setValues([Float](repeating: 7, count: parameter.count), of: parameter)
      }
      var history = try Trainer(other, options: options).fit(
        ToySource(count: 43), validation: ToySource(count: 20, seed: 3), from: checkpoint)
      for i in history.epochs.indices { history.epochs[i].seconds = 0 }
      #expect(other.weights == network.weights, "checkpoint \(number)")
      #expect(history == expected, "checkpoint \(number)")
    }
  }

  /// Frozen layers keep the bits that they began with, through stops too, and all others learn.
  @Test func frozenLayersStay() throws {
    var options = Self.options()
    options.frozenLayers = 2
    let before = try toyNetwork(seed: 1, layers: Self.layers)
    let (whole, checkpoints) = try train(options)
    // A checkpoint brings the frozen layers' weights, too.
    let other = try toyNetwork(threads: 2, seed: 1, layers: Self.layers)
    for parameter in other.parameters {
      other.setValues([Float](repeating: 7, count: parameter.count), of: parameter)
    }
    _ = try Trainer(other, options: options).fit(
      ToySource(count: 43), validation: ToySource(count: 20, seed: 3),
      from: checkpoints[checkpoints.count / 2])
    #expect(other.weights == whole.weights)
    for parameter in before.parameters {
      let isSame = whole.weights[parameter.name] == before.values(of: parameter)
      #expect(isSame == parameter.name.hasPrefix("layers.0."), "\(parameter.name)")
    }
    var none = options
    none.frozenLayers = 0
    #expect(try train(none).result.weights != whole.weights)
    // A run goes on as it was begun.
    #expect(throws: TrainingError.self) {
      try train(none, from: checkpoints[0])
    }
    for (count, isRight) in [(3, true), (4, false), (-1, false)] {
      options.frozenLayers = count
      if isRight {
        _ = try train(options)
      } else {
        #expect(throws: TrainingError.self) { try train(options) }
      }
    }
  }

  /// Stopped after every step and resumed, over and over.
  @Test func manyStopsEndTheSame() throws {
    let options = Self.options()
    func run(stopAfter: Int) throws -> [String: [Float]] {
      var checkpoint: TrainingCheckpoint?
      var rounds = 0
      while true {
        rounds += 1
        try #require(rounds < 100)
        let network = try toyNetwork(threads: 1 + rounds % 2, layers: Self.layers)
        var updates = 0
        var callbacks = TrainingCallbacks()
        callbacks.onStepEnd = { if $0.isUpdate { updates += 1 } }
        callbacks.shouldStop = { updates >= stopAfter }
        callbacks.onCheckpoint = { checkpoint = $0 }
        let history = try Trainer(network, options: options).fit(
          ToySource(count: 43), validation: ToySource(count: 20, seed: 3), callbacks: callbacks,
          from: checkpoint)
        if !history.wasStopped { return network.weights }
      }
    }
    let whole = try run(stopAfter: .max)
    #expect(try run(stopAfter: 1) == whole)
    #expect(try run(stopAfter: 5) == whole)
  }

  /// State goes through its file form unchanged.
  @Test func stateSurvivesJSON() throws {
    let checkpoints = try train(Self.options()).checkpoints
    for checkpoint in checkpoints {
      let data = try JSONEncoder().encode(checkpoint.state)
      #expect(try JSONDecoder().decode(TrainingState.self, from: data) == checkpoint.state)
    }
    #expect(checkpoints.last?.state.isFinished == true)
  }

  @Test func foreignCheckpointsAreRefused() throws {
    let checkpoint = try #require(try train(Self.options()).checkpoints.first)
    var other = Self.options()
    other.seed += 1
    #expect(throws: TrainingError.checkpointMismatch("it was made with other options")) {
      try train(other, from: checkpoint)
    }
    other = Self.options()
    other.augmentation.flip = true
    #expect(throws: TrainingError.checkpointMismatch("it was made with other options")) {
      try train(other, from: checkpoint)
    }
    #expect(throws: TrainingError.checkpointMismatch("it was trained on 43 samples, not 44")) {
      try Trainer(try toyNetwork(layers: Self.layers), options: Self.options()).fit(
        ToySource(count: 44), from: checkpoint)
    }
    #expect(throws: TrainingError.self) {
      try Trainer(try toyNetwork(), options: Self.options()).fit(
        ToySource(count: 43), from: checkpoint)
    }
    var broken = checkpoint
    broken.arrays["weights/layers.0.bias"] = [1]
    #expect(
      throws: TrainingError.checkpointMismatch(
        "its array weights/layers.0.bias has 1 numbers, the network's 20")
    ) { try train(Self.options(), from: broken) }
  }

  /// Version 0.1 did not record how pictures are changed: whoever goes on says it.
  @Test func oldCheckpointsGoOnWithAnyAugmentation() throws {
    var options = Self.options()
    options.augmentation = try Augmentation("digits,flip")
    let (whole, checkpoints) = try train(options)
    let middle = checkpoints[checkpoints.count / 2]
    var state = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(middle.state)) as? [String: Any])
    var recorded = try #require(state["options"] as? [String: Any])
    #expect(recorded.removeValue(forKey: "recordedAugmentation") != nil)
    state["options"] = recorded
    let old = try TrainingCheckpoint(
      state: JSONDecoder().decode(
        TrainingState.self, from: JSONSerialization.data(withJSONObject: state)),
      arrays: middle.arrays)
    #expect(old != middle)
    let network = try toyNetwork(layers: Self.layers)
    var last: TrainingCheckpoint?
    var callbacks = TrainingCallbacks()
    callbacks.onCheckpoint = { last = $0 }
    _ = try Trainer(network, options: options).fit(
      ToySource(count: 43, augmentation: options.augmentation),
      validation: ToySource(count: 20, seed: 3), callbacks: callbacks, from: old)
    #expect(network.weights == whole.weights)
    #expect(last?.state.options == options, "from here on it is recorded")
  }

  /// A checksum can be made to fit by anybody: what a state says must be possible.
  @Test(arguments: [
    ("\"epoch\":1,", "\"epoch\":0,", "it is in epoch 0 of 4"),
    ("\"epoch\":1,", "\"epoch\":6,", "it is in epoch 6 of 4"),
    ("\"epoch\":1,", "\"epoch\":2,", "in epoch 2 it knows of 0 epochs before"),
    ("\"step\":2,", "\"step\":-1,", "it is at batch -1 of 6"),
    ("\"step\":2,", "\"step\":7,", "it is at batch 7 of 6"),
    ("\"updates\":1", "\"updates\":-1", "in epoch 1 the weights cannot have changed -1 times"),
    ("\"count\":16", "\"count\":9223372036854775807", "in epoch 1 it has counted what cannot be"),
    (
      "\"epochsWithout\":0", "\"epochsWithout\":9223372036854775807",
      "in epoch 1 it has counted what cannot be"
    ),
  ])
  func impossibleStatesAreRefused(text: String, changed: String, reason: String) throws {
    let checkpoint = try #require(try train(Self.options()).checkpoints.first)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = String(decoding: try encoder.encode(checkpoint.state), as: UTF8.self)
    let other = json.replacingOccurrences(of: text, with: changed)
    try #require(other != json, "no \(text) in \(json)")
    var impossible = checkpoint
    impossible.state = try JSONDecoder().decode(TrainingState.self, from: Data(other.utf8))
    #expect(throws: TrainingError.checkpointMismatch(reason)) {
      try train(Self.options(), from: impossible)
    }
  }

  @Test func finishedRunsDoNothing() throws {
    let (result, checkpoints) = try train(Self.options())
    let last = try #require(checkpoints.last)
    let again = try train(Self.options(), from: last)
    #expect(again.result == result)
    #expect(again.checkpoints.isEmpty)
  }

  /// A task's cancellation stops training where it can be resumed.
  @Test func cancellationStops() async throws {
    let task = Task {
      try Trainer(try toyNetwork(), options: TrainingOptions(epochs: 1_000_000)).fit(
        ToySource(count: 43))
    }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    let history = try await task.value
    #expect(history.wasStopped)
  }
}
