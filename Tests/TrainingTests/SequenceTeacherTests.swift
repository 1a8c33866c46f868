import RowwiseLayers
import RowwiseWorkers
import Testing

@testable import RowwiseTraining

/// Learning from what another network answers.
@Suite struct SequenceTeacherTests {
  /// A network that has learnt the toy sequences.
  private func teacher(threads: Int = 1) throws -> NetworkTeacher<ToySource> {
    let network = try toyNetwork(threads: threads, seed: 3)
    _ = try Trainer(network, options: TrainingOptions(epochs: 12)).fit(ToySource(count: 60))
    return NetworkTeacher(network, ToySource(count: 60))
  }

  private func options(weight: Double, temperature: Double = 2) -> TrainingOptions {
    var options = TrainingOptions(epochs: 12)
    options.loss.distillation = Distillation(weight: weight, temperature: temperature)
    return options
  }

  /// Every label is another class's: what is right the student knows from the teacher alone.
  @Test func aStudentLearnsWhatTheTeacherKnows() throws {
    let wrong = ToySource(count: 60, labelShift: 1)
    let test = ToySource(count: 90, seed: 2)
    let student = try toyNetwork()
    _ = try Trainer(student, options: options(weight: 1)).fit(wrong, teacher: try teacher())
    #expect(try Scorer(student).score(test).accuracy > 0.9)
    let misled = try toyNetwork()
    _ = try Trainer(misled, options: TrainingOptions(epochs: 12)).fit(wrong)
    #expect(try Scorer(misled).score(test).accuracy < 0.1)
  }

  /// Answers are those of the network, of any sequences in any order, however many at once.
  @Test func answersAreTheNetworks() throws {
    let network = try toyNetwork(threads: 2, seed: 3)
    let teacher = NetworkTeacher(network, ToySource(count: 60))
    var expected: [[Float]] = []
    try Scorer(network).forEach(ToySource(count: 60)) { expected.append($2) }
    let indices = [59, 0, 7, 7, 31]
    #expect(
      try teacher.probabilities(of: indices, epoch: 2) == indices.flatMap { expected[$0] })
    #expect(try teacher.probabilities(of: [], epoch: 1).isEmpty)
    let broken = NetworkTeacher(network, ToySource(count: 60, broken: [7]))
    #expect(throws: ToySource.Unreadable(index: 7)) {
      try broken.probabilities(of: indices, epoch: 1)
    }
  }

  /// Of mixed sequences the answers are mixed by the shares of the labels.
  @Test(arguments: [1, 4, 5])
  func answersAreMixedAsSequencesAre(count: Int) {
    let batch = SequenceBatch<Float>(timesteps: 2, features: 3, capacity: count)
    for n in 0..<count { batch.labels[n] = Int32(n) }
    // What the teacher says is the label's own class.
    batch.taught = (0..<count).flatMap { n in (0..<count).map { $0 == n ? 1 : 0 } }
    let plain = batch.taught
    batch.mixTaught()
    #expect(batch.taught == plain, "nothing is mixed")
    BatchMixer(mixing: Mixing(mixup: 1), seed: 1, group: 1).mix(
      batch, step: 0, on: WorkerPool(threads: 1))
    batch.mixTaught()
    for n in 0..<count {
      for k in 0..<count {
        let share = batch.labelShares[n]
        let expected =
          (k == Int(batch.labels[n]) ? share : 0)
          + (k == Int(batch.secondLabels[n]) ? 1 - share : 0)
        #expect(abs(batch.taught[n * count + k] - expected) < 1e-6, "sequence \(n), class \(k)")
      }
    }
  }

  /// Bits do not depend on threads, and a run that goes on from a checkpoint has them too.
  @Test func runsGoOnToTheSameBits() throws {
    var options = options(weight: 0.6, temperature: 3)
    options.mixing = Mixing(mixup: 0.4, cutmix: 1)
    options.loss.labelSmoothing = 0.1
    func train(
      threads: Int, stopAfter: Int = .max, from checkpoint: TrainingCheckpoint? = nil
    ) throws -> (weights: [String: [Float]], last: TrainingCheckpoint?) {
      let network = try toyNetwork(threads: threads, seed: checkpoint == nil ? 1 : 99)
      var last: TrainingCheckpoint?
      var steps = 0
      var callbacks = TrainingCallbacks()
      callbacks.onStepEnd = { _ in steps += 1 }
      callbacks.shouldStop = { steps >= stopAfter }
      callbacks.onCheckpoint = { last = $0 }
      _ = try Trainer(network, options: options).fit(
        ToySource(count: 60), teacher: try teacher(threads: threads), callbacks: callbacks,
        from: checkpoint)
      return (network.weights, last)
    }
    let whole = try train(threads: 1)
    #expect(try train(threads: 3).weights == whole.weights)
    let stopped = try train(threads: 2, stopAfter: 11)
    #expect(stopped.weights != whole.weights)
    #expect(try train(threads: 1, from: stopped.last).weights == whole.weights)
  }

  @Test func lossAndTeacherGoTogether() throws {
    let network = try toyNetwork()
    #expect(throws: TrainingError.self) {
      try Trainer(network, options: options(weight: 0.5)).fit(ToySource(count: 9))
    }
    #expect(throws: TrainingError.self) {
      try Trainer(network, options: TrainingOptions(epochs: 1)).fit(
        ToySource(count: 9), teacher: try teacher())
    }
    for (weight, temperature) in [(0, 2), (1.5, 2), (.nan, 2), (0.5, 0.5), (0.5, .infinity)] {
      #expect(options(weight: weight, temperature: temperature).problem != nil)
    }
  }
}
