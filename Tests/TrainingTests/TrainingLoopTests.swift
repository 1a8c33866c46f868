import RowwiseLayers
import RowwiseTraining
import Testing

/// Callbacks, stopping and going back to the best weights.
@Suite struct TrainingLoopTests {
  private struct Enough: Error {}

  @Test func callbacksComeInOrder() throws {
    var events: [String] = []
    var callbacks = TrainingCallbacks()
    callbacks.onEpochBegin = { events.append("begin \($0)") }
    callbacks.onStepEnd = { events.append("step \($0.epoch).\($0.step)") }
    callbacks.onEpochEnd = { events.append("end \($0.epoch) \($0.validation != nil)") }
    callbacks.shouldStop = {
      events.append("stop?")
      return false
    }
    _ = try Trainer(try toyNetwork(), options: TrainingOptions(epochs: 2)).fit(
      ToySource(count: 12), validation: ToySource(count: 3), callbacks: callbacks)
    #expect(
      events == [
        "begin 1", "step 1.1", "stop?", "step 1.2", "stop?", "end 1 true",
        "begin 2", "step 2.1", "stop?", "step 2.2", "stop?", "end 2 true",
      ])
  }

  @Test func callbacksMayThrow() throws {
    let trainer = try Trainer(try toyNetwork(), options: TrainingOptions(epochs: 2))
    var callbacks = TrainingCallbacks()
    callbacks.onEpochBegin = { if $0 == 2 { throw Enough() } }
    #expect(throws: Enough.self) { try trainer.fit(ToySource(count: 9), callbacks: callbacks) }
    callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { _ in throw Enough() }
    #expect(throws: Enough.self) { try trainer.fit(ToySource(count: 9), callbacks: callbacks) }
    callbacks = TrainingCallbacks()
    callbacks.onEpochEnd = { _ in throw Enough() }
    #expect(throws: Enough.self) { try trainer.fit(ToySource(count: 9), callbacks: callbacks) }
  }

  @Test func stoppingEndsTrainingAfterTheStep() throws {
    var steps = 0
    var ended: [Int] = []
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { _ in steps += 1 }
    callbacks.onEpochEnd = { ended.append($0.epoch) }
    callbacks.shouldStop = { steps == 8 }
    let network = try toyNetwork()
    let history = try Trainer(network, options: TrainingOptions(epochs: 9)).fit(
      ToySource(count: 43), callbacks: callbacks)
    #expect(steps == 8)
    #expect(history.wasStopped)
    #expect(ended == [1])
    #expect(history.epochs.map(\.epoch) == [1])
    // What was reached stays: two steps beyond the first epoch.
    let other = try toyNetwork()
    _ = try Trainer(other, options: TrainingOptions(epochs: 1)).fit(ToySource(count: 43))
    #expect(network.weights != other.weights)
  }

  /// An epoch whose last step meets the request is complete and counts.
  @Test func aStopAtTheLastStepKeepsTheEpoch() throws {
    var steps = 0
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { _ in steps += 1 }
    callbacks.shouldStop = { steps == 6 }
    let network = try toyNetwork()
    let history = try Trainer(network, options: TrainingOptions(epochs: 9)).fit(
      ToySource(count: 43), callbacks: callbacks)
    #expect(history.wasStopped)
    #expect(history.epochs.map(\.epoch) == [1])
    #expect(history.bestEpoch == 1)
    let other = try toyNetwork()
    _ = try Trainer(other, options: TrainingOptions(epochs: 1)).fit(ToySource(count: 43))
    #expect(network.weights == other.weights)
  }

  /// Numbers after a sequence's end have no influence on training or scores.
  @Test func sequencesMayDifferInLength() throws {
    let lengths = [4, 1, 3, 2, 4]
    var trained: [[String: [Float]]] = []
    var scores: [EpochMetrics] = []
    for filling: Float in [0, 9] {
      let source = ToySource(count: 43, lengths: lengths, filling: filling)
      let network = try toyNetwork()
      _ = try Trainer(network, options: TrainingOptions(epochs: 2)).fit(source)
      trained.append(network.weights)
      scores.append(try Scorer(network).score(source))
    }
    #expect(trained[0] == trained[1])
    #expect(scores[0] == scores[1])
    let whole = try toyNetwork()
    _ = try Trainer(whole, options: TrainingOptions(epochs: 2)).fit(ToySource(count: 43))
    #expect(whole.weights != trained[0], "lengths are used")
  }

  /// Labels of the validation data that get wronger the more is learnt: the first epoch is best.
  @Test func restoresTheBestWeights() throws {
    var options = TrainingOptions(epochs: 6)
    var scores: [EpochMetrics] = []
    var weights: [[String: [Float]]] = []
    let network = try toyNetwork()
    var callbacks = TrainingCallbacks()
    callbacks.onEpochEnd = {
      weights.append(network.weights)
      if let validation = $0.validation { scores.append(validation) }
    }
    options.restoresBestWeights = true
    let validation = ToySource(count: 60, seed: 2, labelShift: 1)
    let history = try Trainer(network, options: options).fit(
      ToySource(count: 60), validation: validation, callbacks: callbacks)
    let best = try #require(
      scores.indices.max {
        (scores[$0].accuracy, -scores[$0].loss) < (scores[$1].accuracy, -scores[$1].loss)
      })
    try #require(best < 5, "the case must have its best epoch before the last")
    #expect(history.bestEpoch == best + 1)
    #expect(network.weights == weights[best])
    #expect(try Scorer(network).score(validation) == scores[best])

    options.restoresBestWeights = false
    let other = try toyNetwork()
    let plain = try Trainer(other, options: options).fit(
      ToySource(count: 60), validation: validation)
    #expect(plain.bestEpoch == 6)
    #expect(other.weights == weights[5])
  }

  /// Validation neither trains nor disturbs training.
  @Test func validationChangesNoWeight() throws {
    let with = try toyNetwork()
    let without = try toyNetwork()
    let options = TrainingOptions(epochs: 3)
    _ = try Trainer(with, options: options).fit(
      ToySource(count: 43), validation: ToySource(count: 30, seed: 7))
    _ = try Trainer(without, options: options).fit(ToySource(count: 43))
    #expect(with.weights == without.weights)
  }
}
