import RowwiseEvaluation
import Testing

@Suite struct ProbabilityRowTests {
  private let row: [Float] = [0.125, 0.375, 0.125, 0.375]

  @Test func firstOfEqualsComesFirst() {
    #expect(ProbabilityRow.prediction(row.span) == 1)
    #expect((0..<4).map { ProbabilityRow.rank(of: $0, in: row.span) } == [2, 0, 3, 1])
    #expect(ProbabilityRow.top(3, of: row.span).map(\.classIndex) == [1, 3, 0])
    #expect(ProbabilityRow.top(9, of: row.span).map(\.classIndex) == [1, 3, 0, 2])
    #expect(ProbabilityRow.top(1, of: row.span).map(\.probability) == [0.375])
  }

  @Test func lossIsInNats() {
    #expect(isClose(ProbabilityRow.loss(of: 0, in: row.span), 2.0794415416798357))  // ln 8
    let sure: [Float] = [1, 0]
    #expect(ProbabilityRow.loss(of: 0, in: sure.span) == 0)
    #expect(isClose(ProbabilityRow.loss(of: 1, in: sure.span), 36.04365338911715))  // 52 ln 2
  }

  @Test func refusesWhatAreNoProbabilities() {
    #expect(throws: EvaluationError.notANumber(sample: 4, classIndex: 1)) {
      try ProbabilityRow.check([0.5, .nan].span, sample: 4)
    }
    #expect(
      throws: EvaluationError.probabilityOutOfRange(sample: 0, classIndex: 0, value: -0.5)
    ) {
      try ProbabilityRow.check([-0.5, 1.5].span, sample: 0)
    }
    #expect(
      throws: EvaluationError.probabilityOutOfRange(sample: 0, classIndex: 1, value: .infinity)
    ) {
      try ProbabilityRow.check([0, .infinity].span, sample: 0)
    }
    #expect(
      throws: EvaluationError.probabilitiesDoNotSumToOne(sample: 2, sum: 0.75, tolerance: 0.001)
    ) {
      try ProbabilityRow.check([0.5, 0.25].span, sample: 2)
    }
  }

  @Test func roundingIsNoError() throws {
    try ProbabilityRow.check([1.0000001, 0].span, sample: 0)
    let third: Float = 1.0 / 3
    try ProbabilityRow.check([third, third, third].span, sample: 0)
  }
}
