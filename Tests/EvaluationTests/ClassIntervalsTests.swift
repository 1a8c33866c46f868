import RowwiseEvaluation
import RowwiseRandomness
import Testing

@Suite struct ClassIntervalsTests {
  /// 41 of 41 is no certainty: 41/(41 + z²) is the lower end.
  @Test func noErrorsAreNotCertainty() {
    let matrix = ConfusionMatrix(classNames: ["a", "b"], counts: [41, 0, 0, 41])
    let z = 1.959963984540054
    for interval in matrix.classIntervals() {
      for share in [interval.precision, interval.recall, interval.specificity] {
        #expect(isClose(share.lower, 41 / (41 + z * z)) && share.upper == 1)
        #expect((share.lower - 0.914).magnitude < 0.0005)
      }
      // 2J/(1 + J) of the same J.
      #expect(isClose(interval.f1.lower, 82 / (82 + z * z)) && interval.f1.upper == 1)
    }
  }

  @Test func whatWasNotMeasuredHasNoInterval() {
    // The second class has no samples and was never predicted, the third was never predicted.
    let matrix = ConfusionMatrix(classNames: ["a", "b", "c"], counts: [5, 0, 0, 0, 0, 0, 2, 0, 0])
    let intervals = matrix.classIntervals()
    #expect(intervals[1].recall.lower.isNaN && intervals[1].recall.upper.isNaN)
    #expect(intervals[1].precision.lower.isNaN && intervals[1].f1.upper.isNaN)
    #expect(intervals[1].specificity.upper == 1 && intervals[1].specificity.lower > 0.6)
    #expect(intervals[2].precision.lower.isNaN)
    #expect(intervals[2].recall.lower == 0 && intervals[2].recall.upper < 0.7)
    #expect(intervals[2].f1.lower == 0 && intervals[2].f1.upper < 0.8)
  }

  @Test func higherLevelsAreWider() {
    let matrix = ConfusionMatrix(classNames: ["a", "b"], counts: [9, 3, 2, 8])
    let (narrow, wide) = (
      matrix.classIntervals(level: 0.5)[0], matrix.classIntervals(level: 0.99)[0]
    )
    #expect(wide.f1.lower < narrow.f1.lower && wide.f1.upper > narrow.f1.upper)
    #expect(wide.recall.lower < narrow.recall.lower)
  }

  /// Of 2,000 data sets drawn at random from known shares, about 95 in 100 have intervals that
  /// hold what is true.
  @Test(arguments: [(50, 0.9), (200, 0.98)])
  func intervalsHoldTheTruth(samples: Int, share: Double) {
    var generator = SplitMix64(seed: 11)
    var held = (recall: 0, precision: 0, f1: 0, specificity: 0)
    for _ in 0..<2_000 {
      var matrix = ConfusionMatrix(classCount: 2)
      for _ in 0..<samples {
        let label = Int(generator.next() % 2)
        let isHit = Double(generator.next() >> 11) * 0x1p-53 < share
        matrix.add(label: label, prediction: isHit ? label : 1 - label)
      }
      let interval = matrix.classIntervals()[0]
      func holds(_ interval: ConfidenceInterval) -> Int {
        (interval.lower...interval.upper).contains(share) ? 1 : 0
      }
      held.recall += holds(interval.recall)
      held.precision += holds(interval.precision)
      held.f1 += holds(interval.f1)
      held.specificity += holds(interval.specificity)
    }
    for count in [held.recall, held.precision, held.f1, held.specificity] {
      #expect((1_860...1_960).contains(count), "\(held) of 2,000")
    }
  }
}
