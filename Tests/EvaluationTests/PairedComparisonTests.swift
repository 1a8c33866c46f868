import RowwiseEvaluation
import Testing

@Suite struct PairedComparisonTests {
  @Test func countsDisagreements() {
    let comparison = PairedComparison(
      first: [true, true, true, false, false], second: [true, false, false, true, false])
    #expect(comparison.samples == 5)
    #expect(comparison.onlyFirst == 2 && comparison.onlySecond == 1)
    #expect(isClose(comparison.difference, 0.2))
    #expect(comparison.pValue == 1)
    #expect(comparison.interval.lower < 0.2 && comparison.interval.upper > 0.2)
  }

  @Test func equalModelsDoNotDiffer() {
    let comparison = PairedComparison(first: [true, false], second: [true, false])
    #expect(comparison.difference == 0 && comparison.pValue == 1)
    // Two samples do not tell: p₁ = p₂ = (0 + 1)/(2 + 2).
    #expect(isClose(comparison.interval.upper, 1.959963984540054 * 0.125.squareRoot()))
    #expect(comparison.interval.lower == -comparison.interval.upper)
  }
}
