import Foundation
import RowwiseEvaluation
import Testing

@Suite struct ConfidenceIntervalTests {
  @Test func wilsonStaysWithinShares() {
    let none = ConfidenceInterval.wilson(successes: 0, trials: 10)
    #expect(none.lower == 0 && isClose(none.upper, 0.2775327998628892, within: 1e-9))
    let all = ConfidenceInterval.wilson(successes: 10, trials: 10)
    #expect(all.upper == 1 && isClose(all.lower, 1 - 0.2775327998628892, within: 1e-9))
  }

  @Test func anyLevel() {
    var last = 0.0
    for level in [0.001, 0.1, 0.5, 0.6826894921370859, 0.95, 0.999, 0.999999] {
      let interval = ConfidenceInterval.wilson(successes: 40, trials: 100, level: level)
      #expect(interval.upper - interval.lower > last)
      last = interval.upper - interval.lower
    }
    // z = 1 covers erf(1/√2): (0.4 + 1/200 ± √(0.24/100 + 1/40000)) / 1.01.
    let one = ConfidenceInterval.wilson(successes: 40, trials: 100, level: 0.6826894921370859)
    #expect(isClose(one.lower, (0.405 - 0.002425.squareRoot()) / 1.01, within: 1e-12))
  }

  /// The first example of Newcombe's table II, method 10.
  @Test func newcombeExample() {
    let interval = ConfidenceInterval.newcombe(first: (56, 70), second: (48, 80))
    #expect((interval.lower - 0.0524).magnitude < 5e-5)
    #expect((interval.upper - 0.3339).magnitude < 5e-5)
  }

  @Test func baselineTellsDropsFromNoise() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b"])
    for sample in 0..<1000 {
      try accumulator.add(label: 0, probabilities: sample < 900 ? [1, 0] : [0, 1])
    }
    let report = try ClassificationReport(accumulator)
    let json = #"{"samples": 1000, "accuracy": 0.91, "loss": 0.3}"#
    let near = try JSONDecoder().decode(Baseline.self, from: Data(json.utf8))
    #expect(near == Baseline(samples: 1000, accuracy: 0.91))
    #expect(near.change(to: report).upper > 0)
    #expect(Baseline(samples: 1000, accuracy: 0.95).change(to: report).upper < 0)
    let own = try JSONDecoder().decode(Baseline.self, from: Data(report.json.utf8))
    #expect(own == Baseline(samples: 1000, accuracy: 0.9))
  }

  @Test(arguments: [
    #"{"samples": 0, "accuracy": 0.5}"#, #"{"samples": 3, "accuracy": 1.5}"#, #"{"samples": 3}"#,
  ])
  func refusesWhatIsNoBaseline(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Baseline.self, from: Data(json.utf8))
    }
  }
}
