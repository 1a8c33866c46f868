import RowwiseEvaluation
import Testing

@Suite struct RankingCurveTests {
  @Test func tiesCountHalf() {
    let curve = RankingCurve(
      scores: [0.5, 0.5, 0.25, 1], positive: [true, false, false, true])
    #expect(curve.thresholds == [1, 0.5, 0.25])
    #expect(curve.truePositives == [1, 2, 2])
    #expect(curve.falsePositives == [0, 1, 2])
    #expect(curve.rocArea == 3.5 / 4)
    #expect(isClose(curve.averagePrecision, 0.5 + 0.5 * 2 / 3))
    #expect(
      curve.rocPoints
        == [(0, 0), (0, 0.5), (0.5, 1), (1, 1)].map { CurvePoint(x: $0.0, y: $0.1) })
  }

  @Test func oneKindHasNoArea() {
    let none = RankingCurve(scores: [0.5, 0.25], positive: [false, false])
    #expect(none.rocArea.isNaN && none.averagePrecision.isNaN)
    #expect(none.rocPoints.isEmpty && none.precisionRecallPoints.isEmpty)
    let all = RankingCurve(scores: [0.5, 0.25], positive: [true, true])
    #expect(all.rocArea.isNaN && all.averagePrecision == 1)
    let empty = RankingCurve(scores: [], positive: [])
    #expect(empty.positives == 0 && empty.rocArea.isNaN)
  }

  @Test func negativeZeroIsZero() {
    #expect(RankingCurve(scores: [-0.0, 0], positive: [true, false]).thresholds == [0])
  }

  @Test func riskDoesNotDependOnTheOrderOfTies() {
    let one = RiskCoverageCurve(
      confidences: [0.9, 0.5, 0.5, 0.5], correct: [true, true, false, true])
    let other = RiskCoverageCurve(
      confidences: [0.5, 0.5, 0.5, 0.9], correct: [false, true, true, true])
    #expect(one == other)
    // Kept 1: 0; then a third of an error each: (1/3)/2, (2/3)/3, 1/4.
    #expect(isClose(one.area, (0 + 1.0 / 6 + 2.0 / 9 + 0.25) / 4))
    #expect(one.points == [CurvePoint(x: 0.25, y: 0), CurvePoint(x: 1, y: 0.25)])
  }
}
