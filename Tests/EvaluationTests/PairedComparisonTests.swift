import Evaluation
import Testing

@Suite struct PairedComparisonTests {
  @Test func countsDisagreements() {
    let comparison = PairedComparison(
      first: [true, true, true, false, false], second: [true, false, false, true, false],
      options: .init(replicates: 500, seed: 3))
    #expect(comparison.samples == 5)
    #expect(comparison.onlyFirst == 2 && comparison.onlySecond == 1)
    #expect(isClose(comparison.difference, 0.2))
    #expect(comparison.pValue == 1)
    #expect(comparison.interval.lower < 0.2 && comparison.interval.upper > 0.2)
  }

  @Test func equalModelsDoNotDiffer() {
    let comparison = PairedComparison(first: [true, false], second: [true, false])
    #expect(comparison.difference == 0 && comparison.pValue == 1)
    #expect(comparison.interval == ConfidenceInterval(lower: 0, upper: 0))
  }
}
