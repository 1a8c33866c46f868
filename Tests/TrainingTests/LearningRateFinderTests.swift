import Testing
import Training

/// The range test of learning rates.
@Suite struct LearningRateFinderTests {
  @Test func findsWhereLearningBegins() throws {
    let network = try toyNetwork()
    let before = network.weights
    let finder = try LearningRateFinder(network, options: TrainingOptions(epochs: 1))
    let result = try finder.run(ToySource(count: 240), rates: 1e-6...100, steps: 120)
    #expect(network.weights == before, "weights are put back")
    #expect(result.points.count > 40 && result.points.count <= 120)
    #expect(result.points.first?.rate == 1e-6)
    for (a, b) in zip(result.points, result.points.dropFirst()) {
      #expect(abs(b.rate / a.rate - 1.16746) < 1e-3)
    }
    let steepest = try #require(result.steepest)
    // Adam on this task: with 1e-4 nothing moves, with 10 it diverges.
    #expect(steepest > 1e-4 && steepest < 2, "\(steepest)")
    #expect(result.tenthOfLowest > 1e-4 && result.tenthOfLowest < 2, "\(result.tenthOfLowest)")
    let again = try finder.run(ToySource(count: 240), rates: 1e-6...100, steps: 120)
    #expect(again == result)
  }

  /// The rates are really used: the first steps of a run with one rate have the same losses.
  @Test func lossesAreThoseOfTraining() throws {
    let options = TrainingOptions(epochs: 1, optimizer: .sgd(learningRate: 0.1))
    let finder = try LearningRateFinder(try toyNetwork(), options: options)
    let result = try finder.run(ToySource(count: 80), rates: 0.1...0.1000001, steps: 10)
    var losses: [Double] = []
    var sum = 0.0
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = {
      let total = $0.running.loss * Double($0.samples)
      losses.append((total - sum) / 8)
      sum = total
    }
    _ = try Trainer(try toyNetwork(), options: options).fit(
      ToySource(count: 80), callbacks: callbacks)
    #expect(losses.count == result.points.count)
    for (a, b) in zip(losses, result.points) { #expect(abs(a - b.loss) < 1e-4) }
  }
}
