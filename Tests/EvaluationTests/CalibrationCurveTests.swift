import RowwiseEvaluation
import Testing

@Suite struct CalibrationCurveTests {
  @Test func equalWidthBinsHoldTheirUpperEdge() {
    let curve = CalibrationCurve(
      confidences: [0.25, 0.5, 0.5, 0.75, 1], correct: [true, false, true, true, true],
      binCount: 4)
    #expect(curve.bins.map(\.count) == [1, 2, 1, 1])
    #expect(curve.bins.map(\.lower) == [0, 0.25, 0.5, 0.75])
    #expect(curve.bins.map(\.upper) == [0.25, 0.5, 0.75, 1])
    #expect(curve.bins.map(\.confidence) == [0.25, 0.5, 0.75, 1])
    #expect(curve.bins.map(\.accuracy) == [1, 0.5, 1, 1])
    #expect(curve.expectedError == (0.75 + 0.25) / 5)
    #expect(curve.maximumError == 0.75)
  }

  @Test func emptyBinsCountForNothing() {
    let curve = CalibrationCurve(confidences: [1, 1], correct: [true, false], binCount: 3)
    #expect(curve.bins.map(\.count) == [0, 0, 2])
    #expect(curve.bins[0].gap == 0 && curve.bins[0].accuracy.isNaN)
    #expect(curve.expectedError == 0.5)
    #expect(CalibrationCurve(confidences: [], correct: []).expectedError.isNaN)
  }

  @Test func equalMassBinsHoldEquallyMany() {
    let confidences = (1...100).map { Float($0) / 128 }
    let curve = CalibrationCurve(
      confidences: confidences, correct: confidences.map { $0 > 0.3 }, binCount: 5,
      binning: .equalMass)
    #expect(curve.bins.map(\.count) == [20, 20, 20, 20, 20])
  }

  @Test func equalConfidencesStayTogether() {
    let curve = CalibrationCurve(
      confidences: Array(repeating: 0.5, count: 9), correct: Array(repeating: true, count: 9),
      binCount: 3, binning: .equalMass)
    #expect(curve.bins.map(\.count).sorted() == [0, 0, 9])
  }

  @Test func quantilesLieBetweenNeighbours() {
    #expect(quantile(0, ofSorted: [1, 2, 4]) == 1)
    #expect(quantile(0.5, ofSorted: [1, 2, 4]) == 2)
    #expect(quantile(0.75, ofSorted: [1, 2, 4]) == 3)
    #expect(quantile(1, ofSorted: [1, 2, 4]) == 4)
    #expect(quantile(0.3, ofSorted: [7]) == 7)
  }
}
