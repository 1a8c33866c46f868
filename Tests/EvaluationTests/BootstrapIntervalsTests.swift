import RowwiseEvaluation
import RowwiseRandomness
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
    #expect(intervals(seed: 1).macroF1 != intervals(seed: 2).macroF1)
  }

  @Test func higherLevelsAreWider() {
    let narrow = intervals(seed: 1, level: 0.5)
    let wide = intervals(seed: 1, level: 0.99)
    #expect(wide.macroF1.lower < narrow.macroF1.lower)
    #expect(wide.macroF1.upper > narrow.macroF1.upper)
    #expect(wide.loss.lower < narrow.loss.lower)
  }

  /// 41 of 41 in any number of classes that occur: as sure as one proportion of 41 samples.
  @Test(arguments: [1, 2, 5])
  func noErrorsAreNotCertainty(classes: Int32) {
    let labels = (0..<41).map { $0 % classes }
    let intervals = BootstrapIntervals(
      labels: labels, predictions: labels, losses: Array(repeating: 0, count: 41), classCount: 6)
    let wilson = ConfidenceInterval.wilson(successes: 41, trials: 41)
    let recall = intervals.balancedAccuracy
    #expect(recall.upper == 1)
    #expect((recall.lower - wilson.lower).magnitude < 0.02, "\(recall) of \(classes)")
    // Where errors go to classes that do not occur, F1 = 2r/(1 + r) of the recall r.
    let f1 = intervals.weightedF1
    #expect(f1.upper == 1 && f1.lower > wilson.lower - 0.02 && f1.lower < 0.97, "\(f1)")
    // The classes that do not occur are no part of the mean.
    #expect(intervals.macroF1.upper == 1)
    #expect(intervals.macroF1.lower < 0.995)
    #expect(intervals.loss == ConfidenceInterval(lower: 0, upper: 0))
  }

  @Test func noHitsAreNotCertainty() {
    let intervals = BootstrapIntervals(
      labels: [0, 1, 0, 1], predictions: [1, 0, 1, 0], losses: [1, 2, 3, 4], classCount: 2)
    #expect(intervals.balancedAccuracy.lower == 0 && intervals.balancedAccuracy.upper > 0.05)
    #expect(intervals.macroF1.lower == 0 && intervals.macroF1.upper > 0.05)
    #expect(isClose(intervals.matthewsCorrelation.lower, -1))
    #expect(intervals.matthewsCorrelation.upper > -0.95)
  }

  /// What is left out of the means of what was measured is left out of every draw.
  @Test func classesThatDoNotOccurAreLeftOut() {
    let labels: [Int32] = [0, 1, 0, 1, 0, 1, 0, 1]
    func macroF1(_ zeroDivision: ZeroDivision) -> ConfidenceInterval {
      BootstrapIntervals(
        labels: labels, predictions: labels, losses: labels.map(Double.init), classCount: 4,
        zeroDivision: zeroDivision
      ).macroF1
    }
    let (undefined, zero, one) = (macroF1(.undefined), macroF1(.zero), macroF1(.one))
    #expect(undefined.upper == 1 && undefined.lower < 0.99)
    #expect(zero == undefined && one == undefined)
  }

  /// Of 300 data sets of a model whose true figures are known, about 95 in 100 have intervals that
  /// hold them; with few errors the bootstrap without a prior holds 72 in 100.
  @Test(arguments: [(0.97, 41), (0.8, 60)])
  func intervalsHoldTheTruth(share: Double, samples: Int) {
    var generator = SplitMix64(seed: 5)
    var held = (balanced: 0, macro: 0, weighted: 0, matthews: 0)
    for trial in 0..<300 {
      let labels = (0..<samples).map { _ in Int32(generator.next() % 3) }
      let predictions = labels.map { label in
        Double(generator.next() >> 11) * 0x1p-53 < share
          ? label : (label + 1 + Int32(generator.next() % 2)) % 3
      }
      let intervals = BootstrapIntervals(
        labels: labels, predictions: predictions, losses: labels.map(Double.init), classCount: 3,
        options: .init(replicates: 150, seed: UInt64(trial)))
      // Three equal classes with errors spread evenly: recall, precision and F1 are all the share.
      func holds(_ interval: ConfidenceInterval, _ value: Double) -> Int {
        (interval.lower...interval.upper).contains(value) ? 1 : 0
      }
      held.balanced += holds(intervals.balancedAccuracy, share)
      held.macro += holds(intervals.macroF1, share)
      held.weighted += holds(intervals.weightedF1, share)
      // (c − 1/3)/(1 − 1/3).
      held.matthews += holds(intervals.matthewsCorrelation, (3 * share - 1) / 2)
    }
    for count in [held.balanced, held.macro, held.weighted, held.matthews] {
      #expect(count >= 264, "\(held) of 300")
    }
    #expect(held.balanced + held.macro + held.weighted + held.matthews < 1_200)
  }

  /// SplitMix64's published first outputs for seed 1234567.
  @Test func generatorIsTheReference() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() }
        == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }
}
