import Testing

@testable import RowwiseTraining

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
    #expect(try result.suggestion() == steepest)
    let again = try finder.run(ToySource(count: 240), rates: 1e-6...100, steps: 120)
    #expect(again == result)
  }

  private func result(_ losses: [Double]) -> LearningRateFinder.Result {
    var average = 0.0
    var share = 1.0
    let points = losses.enumerated().map { step, loss in
      average = 0.9 * average + 0.1 * loss
      share *= 0.9
      return LearningRateFinder.Point(
        rate: 1e-6 * Double(step + 1), loss: loss, smoothed: average / (1 - share))
    }
    return LearningRateFinder.Result(points: points, steepest: 0.5, tenthOfLowest: 0.25)
  }

  /// A loss that only wavers suggests nothing; of the same wavering, one that falls does.
  @Test func flatCurvesAreRefused() throws {
    var state: UInt64 = 3
    // Knuth's linear congruential generator; its upper bits from −½ to ½.
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 - 0.5
    }
    for _ in 0..<200 {
      let flat = (0..<200).map { _ in 2.3 + 0.4 * noise() }
      #expect(throws: TrainingError.self) { try self.result(flat).suggestion() }
      let falling = flat.enumerated().map { $1 - 0.006 * Double(max(0, $0 - 100)) }
      #expect(try result(falling).suggestion() == 0.5)
    }
    // Steady, but by less than a hundredth.
    #expect(throws: TrainingError.self) {
      try self.result((0..<200).map { 2.3 - 1e-4 * Double($0) }).suggestion()
    }
    #expect(throws: TrainingError.self) {
      try LearningRateFinder.Result(points: [], steepest: nil, tenthOfLowest: 1).suggestion()
    }
    let error = TrainingError.lossNeverFell(from: 2.30259, to: 2.29, spread: 0.0512)
    #expect(
      "\(error)".hasPrefix(
        "the loss never fell noticeably at any learning rate (from 2.303 to 2.29 nats, while "
          + "batches differ by ±0.051), so that none can be suggested; try larger batches, "))
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
