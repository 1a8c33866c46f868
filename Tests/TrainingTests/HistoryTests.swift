import Foundation
import RowwiseTraining
import Testing

/// History and optimizers as JSON, which checkpoints are made of.
@Suite struct HistoryTests {
  @Test func roundTrip() throws {
    var options = TrainingOptions(epochs: 2)
    options.restoresBestWeights = true
    let history = try Trainer(try toyNetwork(), options: options).fit(
      ToySource(count: 20), validation: ToySource(count: 9))
    #expect(history.epochs.allSatisfy { $0.seconds > 0 && $0.validation != nil })
    let data = try JSONEncoder().encode(history)
    #expect(try JSONDecoder().decode(History.self, from: data) == history)
  }

  @Test(arguments: TrainerTests.optimizers)
  func optimizers(_ optimizer: Optimizer) throws {
    let data = try JSONEncoder().encode(optimizer)
    #expect(try JSONDecoder().decode(Optimizer.self, from: data) == optimizer)
    #expect(optimizer.problem == nil)
  }

  @Test func learningRates() {
    let rates = TrainerTests.optimizers.map(\.learningRate)
    #expect(rates == [0.5, 0.1, 0.1, 0.01, 0.01, 0.01, 0.003])
  }
}
