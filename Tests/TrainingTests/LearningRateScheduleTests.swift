import Foundation
import Testing

@testable import RowwiseTraining

/// Schedules against PyTorch's; Scripts/goldens/golden_training_torch.py makes the values.
@Suite struct LearningRateScheduleTests {
  private struct Golden: Decodable {
    var step: [Double]
    var cosine: [Double]
    var oneCycle: [Double]
    var warmCosine: [Double]
    var plateauLosses: [Double]
    var plateau: [Double]
  }

  private static func golden() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "schedules", withExtension: "json", subdirectory: "Fixtures"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Golden.self, from: Data(contentsOf: url))
  }

  private func check(_ schedule: LearningRateSchedule, _ expected: [Double]) {
    for (step, rate) in expected.enumerated() {
      let factor = schedule.factor(step: step, of: 40, stepsPerEpoch: 5)
      #expect(abs(factor - rate) < 1e-12, "\(schedule), step \(step): \(factor), not \(rate)")
    }
  }

  @Test func agreesWithPyTorch() throws {
    let golden = try Self.golden()
    check(.step(epochs: 3, factor: 0.3), golden.step)
    check(.cosineAbove(floor: 0.1), golden.cosine)
    check(.oneCycle(), golden.oneCycle)
    check(.constant, [1, 1, 1])
  }

  @Test func plateauAgreesWithPyTorch() throws {
    let golden = try Self.golden()
    let schedule = LearningRateSchedule.plateau(factor: 0.5, patience: 2)
    var state = PlateauState()
    for (loss, rate) in zip(golden.plateauLosses, golden.plateau) {
      #expect(schedule.factor(step: 0, of: 40, plateau: state.share) == rate)
      state.add(loss: loss, schedule)
    }
    var low = PlateauState()
    for _ in 0..<50 { low.add(loss: 1, .plateau(factor: 0.5, patience: 0, floor: 0.2)) }
    #expect(low.share == 0.2)
  }

  /// The rates of a run's steps, seen through plain gradient descent with a constant gradient…
  /// which no network has: through the epochs' learning rates instead.
  @Test func warmUpComesFirst() throws {
    let golden = try Self.golden()
    var options = TrainingOptions(
      epochs: 8, batchSize: 8, optimizer: .sgd(learningRate: 1e-9))
    options.schedule = .cosine
    options.warmUp = 1.2
    // 40 samples in batches of 8: 5 steps an epoch, 6 of warm-up.
    let history = try Trainer(try toyNetwork(), options: options).fit(ToySource(count: 40))
    for (epoch, result) in history.epochs.enumerated() {
      #expect(abs(result.learningRate / 1e-9 - golden.warmCosine[5 * epoch]) < 1e-9)
    }
  }

  @Test func everyScheduleLearns() throws {
    let schedules: [LearningRateSchedule] = [
      .constant, .step(epochs: 3, factor: 0.5), .cosine, .oneCycle(), .plateau(patience: 1),
    ]
    for schedule in schedules {
      var options = TrainingOptions(epochs: 8, optimizer: .adam(learningRate: 0.02))
      options.schedule = schedule
      let history = try Trainer(try toyNetwork(), options: options).fit(ToySource(count: 120))
      let first = try #require(history.epochs.first)
      let last = try #require(history.epochs.last)
      #expect(last.training.loss < first.training.loss / 2, "\(schedule)")
    }
  }
}
