import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

/// What training refuses, and how it says so.
@Suite struct TrainingErrorTests {
  private func fit(
    _ source: ToySource, validation: ToySource? = nil, threads: Int = 1,
    optimizer: Optimizer = .adam(), epochs: Int = 1
  ) throws -> History {
    let options = TrainingOptions(epochs: epochs, optimizer: optimizer)
    return try Trainer(try toyNetwork(threads: threads), options: options).fit(
      source, validation: validation)
  }

  @Test func divergedValidationNamesStepAndLayer() throws {
    let source = ToySource(count: 40)
    let poisoned = ToySource(count: 9, poisoned: [7])
    #expect(
      throws: TrainingError.validationNotFinite(epoch: 1, step: 5, layer: 1)
    ) { try fit(source, validation: poisoned) }
    let error = TrainingError.validationNotFinite(epoch: 1, step: 2, layer: 1)
    #expect(
      error.isDivergence && "\(error)".contains("epoch 1, step 2 (first seen in what layer 1"))
    #expect(!TrainingError.noSamples.isDivergence)
  }

  /// What checkpoints record of augmentation is what was done.
  @Test func onlySourcesOfPicturesCanBeAugmented() throws {
    var options = TrainingOptions(epochs: 1)
    options.augmentation = try Augmentation("light")
    let trainer = try Trainer(try toyNetwork(), options: options)
    let refusal = TrainingError.invalidOption(
      "the options ask for augmentation light, and the data come with none; only images can be "
        + "changed, by a source that is told how")
    #expect(throws: refusal) { try trainer.fit(ToySource(count: 9)) }
    #expect(throws: refusal) {
      try LearningRateFinder(try toyNetwork(), options: options).run(ToySource(count: 9))
    }
    _ = try trainer.fit(ToySource(count: 9, augmentation: options.augmentation))
  }

  @Test func numbersBeyondCountingAreRefused() {
    for set: (inout TrainingOptions) -> Void in [
      { $0.epochs = .max }, { $0.batchSize = .max }, { $0.accumulation = .max },
    ] {
      var options = TrainingOptions()
      set(&options)
      #expect(options.problem?.contains("must be at most") == true)
    }
  }

  static let problems: [(set: @Sendable (inout TrainingOptions) -> Void, problem: String)] = [
    ({ $0.epochs = 0 }, "epochs must be at least 1, not 0"),
    ({ $0.batchSize = -1 }, "batch size must be at least 1, not -1"),
    ({ $0.clipNorm = 0 }, "the gradient norm's limit must be positive, not 0.0"),
    ({ $0.clipNorm = .nan }, "the gradient norm's limit must be positive, not nan"),
    (
      { $0.optimizer = .sgd(learningRate: 0) },
      "learning rate must be a positive number, not 0.0"
    ),
    (
      { $0.optimizer = .sgd(momentum: 1) },
      "momentum must be at least 0 and less than 1, not 1.0"
    ),
    (
      { $0.optimizer = .rmsprop(learningRate: .infinity) },
      "learning rate must be a positive number, not inf"
    ),
    (
      { $0.optimizer = .rmsprop(decay: -0.5) },
      "decay must be at least 0 and less than 1, not -0.5"
    ),
    ({ $0.optimizer = .rmsprop(epsilon: 0) }, "epsilon must be a positive number, not 0.0"),
    ({ $0.optimizer = .adam(beta1: 1) }, "beta1 must be at least 0 and less than 1, not 1.0"),
    ({ $0.optimizer = .adam(beta2: .nan) }, "beta2 must be at least 0 and less than 1, not nan"),
    ({ $0.optimizer = .adam(epsilon: -1) }, "epsilon must be a positive number, not -1.0"),
    (
      { $0.optimizer = .adamw(learningRate: -1) },
      "learning rate must be a positive number, not -1.0"
    ),
    ({ $0.optimizer = .adamw(beta1: 2) }, "beta1 must be at least 0 and less than 1, not 2.0"),
    ({ $0.optimizer = .adamw(beta2: 2) }, "beta2 must be at least 0 and less than 1, not 2.0"),
    ({ $0.optimizer = .adamw(epsilon: 0) }, "epsilon must be a positive number, not 0.0"),
    (
      { $0.optimizer = .adamw(weightDecay: 1) },
      "weight decay must be at least 0 and less than 1, not 1.0"
    ),
  ]

  @Test(arguments: problems.indices)
  func invalidOption(_ index: Int) throws {
    var options = TrainingOptions()
    #expect(options.problem == nil)
    Self.problems[index].set(&options)
    let error = TrainingError.invalidOption(Self.problems[index].problem)
    #expect(options.problem == Self.problems[index].problem)
    let network = try toyNetwork()
    #expect(throws: error) { try Trainer(network, options: options) }
    #expect(error.description == Self.problems[index].problem)
  }

  @Test func noSamples() {
    #expect(throws: TrainingError.noSamples) { try fit(ToySource(count: 0)) }
    #expect(throws: TrainingError.noSamples) {
      try fit(ToySource(count: 9), validation: ToySource(count: 0))
    }
    #expect(TrainingError.noSamples.description == "there are no samples to train on")
  }

  @Test func shapeMismatch() {
    let error = TrainingError.shapeMismatch(expected: [4, 3], received: [5, 3])
    #expect(throws: error) { try fit(ToySource(count: 9, timesteps: 5)) }
    #expect(throws: TrainingError.shapeMismatch(expected: [4, 3], received: [4, 2])) {
      try fit(ToySource(count: 9), validation: ToySource(count: 9, features: 2))
    }
    #expect(
      error.description
        == "the data has 5 timesteps of 3 features; the network reads 4 of 3")
  }

  @Test func classMismatch() {
    let error = TrainingError.classMismatch(network: 3, data: 4)
    #expect(throws: error) { try fit(ToySource(count: 9, classCount: 4)) }
    #expect(throws: error) {
      try fit(ToySource(count: 9), validation: ToySource(count: 9, classCount: 4))
    }
    #expect(
      error.description
        == "the data has 4 classes, the network's last layer 3 units; make them equal")
  }

  /// A NaN in the data is named with its step, and the gradient where it arrives first.
  @Test func aNumberThatIsNotFiniteStopsTraining() throws {
    let error = TrainingError.lossNotFinite(
      epoch: 1, step: 3, parameter: "layers.0.input_weight")
    let network = try toyNetwork()
    var options = TrainingOptions(epochs: 2)
    options.shuffles = false
    let source = ToySource(count: 30, poisoned: [17])
    #expect(throws: error) { try Trainer(network, options: options).fit(source) }
    #expect(network.weights.values.allSatisfy { $0.allSatisfy(\.isFinite) }, "nothing was spoilt")
    #expect(
      error.description
        == "the loss is not a finite number in epoch 1, step 3 (first seen in the gradient of "
        + "layers.0.input_weight); try a smaller learning rate or gradient clipping")
  }

  /// A rate so large that the weights overflow: the next step says so.
  @Test func weightsThatOverflowStopTraining() {
    #expect {
      try fit(ToySource(count: 30), optimizer: .sgd(learningRate: 1e39), epochs: 3)
    } throws: { error in
      guard case .lossNotFinite(let epoch, let step, let name) = error as? TrainingError else {
        return false
      }
      return epoch == 1 && step == 2 && name != nil
    }
  }

  /// Also when the step that spoils the weights is the last one.
  @Test func weightsThatOverflowInTheLastStepStopTraining() throws {
    let network = try toyNetwork()
    let options = TrainingOptions(
      epochs: 1, batchSize: 30, optimizer: .sgd(learningRate: 1e39))
    let error = TrainingError.weightsNotFinite(epoch: 1, parameter: "layers.0.input_weight")
    #expect(throws: error) { try Trainer(network, options: options).fit(ToySource(count: 30)) }
    #expect(
      error.description
        == "epoch 1 left weights of layers.0.input_weight that are not finite numbers; try a "
        + "smaller learning rate or gradient clipping")
  }

  @Test(arguments: [1, 2, 3])
  func theSourcesFirstErrorIsThrown(_ threads: Int) {
    #expect(throws: ToySource.Unreadable.self) {
      try fit(ToySource(count: 9, broken: [3]), threads: threads)
    }
    #expect(throws: ToySource.Unreadable.self) {
      try fit(ToySource(count: 9), validation: ToySource(count: 9, broken: [8]), threads: threads)
    }
    // Of several errors in a batch it is the first row's, whichever thread was first.
    var options = TrainingOptions(epochs: 1, batchSize: 40)
    options.shuffles = false
    for _ in 0..<20 {
      #expect(throws: ToySource.Unreadable(index: 11)) {
        try Trainer(try toyNetwork(threads: threads), options: options).fit(
          ToySource(count: 40, broken: [11, 12, 25, 39]))
      }
    }
  }
}
