import RowwiseEvaluation
import Testing

@Suite struct ClassMetricsTests {
  private let matrix = ConfusionMatrixTests.small

  @Test func followsTheDefinitions() {
    let metrics = matrix.classMetrics()
    #expect(metrics.map(\.name) == ["a", "b", "c"])
    #expect(metrics.map(\.support) == [4, 2, 1])
    #expect(metrics.map(\.predicted) == [4, 3, 0])
    #expect(metrics.map(\.truePositives) == [3, 2, 0])
    #expect(metrics.map(\.precision) == [3.0 / 4, 2.0 / 3, 0])
    #expect(metrics.map(\.recall) == [3.0 / 4, 1, 0])
    #expect(metrics.map(\.f1) == [6.0 / 8, 4.0 / 5, 0])
    #expect(metrics.map(\.specificity) == [2.0 / 3, 4.0 / 5, 1])
  }

  @Test func meansWeighClasses() {
    let metrics = matrix.classMetrics()
    #expect(isClose(metrics.macroAverage.precision, (3.0 / 4 + 2.0 / 3) / 3))
    #expect(isClose(metrics.weightedAverage.precision, (4 * 3.0 / 4 + 2 * 2.0 / 3) / 7))
    #expect(isClose(metrics.weightedAverage.recall, 5.0 / 7))
    #expect(isClose(metrics.macroAverage.f1, (6.0 / 8 + 4.0 / 5) / 3))
  }

  @Test func zeroDivisionIsAChoice() {
    // Class c is never predicted; class d has no samples either.
    let matrix = ConfusionMatrix(
      classNames: ["a", "c", "d"], counts: [3, 0, 0, 1, 0, 0, 0, 0, 0])
    let zero = matrix.classMetrics(zeroDivision: .zero)
    #expect(zero.map(\.precision) == [3.0 / 4, 0, 0])
    #expect(zero.map(\.recall) == [1, 0, 0])
    #expect(zero.map(\.f1) == [6.0 / 7, 0, 0])
    let one = matrix.classMetrics(zeroDivision: .one)
    #expect(one.map(\.precision) == [3.0 / 4, 1, 1])
    #expect(one.map(\.recall) == [1, 0, 1])
    #expect(one.map(\.f1) == [6.0 / 7, 0, 1])
    let undefined = matrix.classMetrics(zeroDivision: .undefined)
    #expect(undefined.map(\.precision.isNaN) == [false, true, true])
    #expect(undefined.map(\.recall.isNaN) == [false, false, true])
    #expect(undefined.map(\.f1.isNaN) == [false, false, true])
    // Nothing is known of class d: no mean counts it.
    #expect(zero.map(\.occurs) == [true, true, false])
    #expect(zero.macroAverage.precision == 3.0 / 8)
    #expect(one.macroAverage.recall == 0.5)
    #expect(zero.macroAverage.f1 == 3.0 / 7)
    #expect(undefined.macroAverage.precision == 3.0 / 4)
    #expect(undefined.macroAverage.recall == 0.5)
  }
}

/// Whether two numbers agree to 1e-12, absolutely or relatively; NaN agrees with nothing.
func isClose(_ first: Double, _ second: Double, within tolerance: Double = 1e-12) -> Bool {
  (first - second).magnitude <= tolerance * max(1, first.magnitude, second.magnitude)
}
