import Evaluation
import Testing

@Suite struct BootstrapIntervalsTests {
  private func intervals(seed: UInt64, level: Double = 0.95) -> BootstrapIntervals {
    let pairs = PairGenerator(seed: 9, classes: 3).pairs(300)
    return BootstrapIntervals(
      labels: pairs.map { Int32($0.label) }, predictions: pairs.map { Int32($0.prediction) },
      losses: pairs.map { Double($0.label) }, classCount: 3,
      options: .init(replicates: 200, seed: seed, level: level))
  }

  @Test func seedsDecide() {
    #expect(intervals(seed: 1) == intervals(seed: 1))
    #expect(intervals(seed: 1).accuracy != intervals(seed: 2).accuracy)
  }

  @Test func higherLevelsAreWider() {
    let narrow = intervals(seed: 1, level: 0.5)
    let wide = intervals(seed: 1, level: 0.99)
    #expect(wide.accuracy.lower < narrow.accuracy.lower)
    #expect(wide.accuracy.upper > narrow.accuracy.upper)
    #expect(wide.perClass[1].f1.lower < narrow.perClass[1].f1.lower)
  }

  @Test func certaintyHasNoWidth() {
    let intervals = BootstrapIntervals(
      labels: [0, 1, 0], predictions: [0, 1, 0], losses: [0, 0, 0], classCount: 2)
    #expect(intervals.accuracy == ConfidenceInterval(lower: 1, upper: 1))
    #expect(intervals.loss == ConfidenceInterval(lower: 0, upper: 0))
  }

  /// SplitMix64's published first outputs for seed 1234567.
  @Test func generatorIsTheReference() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() }
        == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }
}
