import RowwiseEvaluation
import Testing

@Suite struct EvaluationAccumulatorTests {
  private let labels = [0, 1, 2, 1]
  private let rows: [Float] = [
    0.5, 0.25, 0.25,
    0.5, 0.375, 0.125,
    0.5, 0.375, 0.125,
    0, 1, 0,
  ]

  @Test func keepsWhatReportsNeed() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b", "c"])
    try accumulator.add(labels: labels, probabilities: rows)
    #expect(accumulator.count == 4)
    #expect(accumulator.predictions == [0, 0, 0, 1])
    #expect(accumulator.ranks == [0, 1, 2, 0])
    #expect(accumulator.confidences == [0.5, 0.5, 0.5, 1])
    #expect(accumulator.probabilities == rows)
    #expect(accumulator.confusion.rows == [[1, 0, 0], [1, 1, 0], [1, 0, 0]])
    #expect(accumulator.topKAccuracy(1) == 0.5)
    #expect(accumulator.topKAccuracy(2) == 0.75)
    #expect(accumulator.topKAccuracy(3) == 1)
    // (ln 2 + ln 8/3 + ln 8) / 4
    #expect(
      isClose(
        accumulator.meanLoss, (0.6931471805599453 + 0.9808292530117262 + 2.0794415416798357) / 4))
    // 0.375, 0.25+0.390625+0.015625, 0.25+0.140625+0.765625, 0
    #expect(isClose(accumulator.brierScore, (0.375 + 0.65625 + 1.15625) / 4))
  }

  @Test func oneAtATimeOrInPartsIsTheSame() throws {
    var whole = EvaluationAccumulator(classNames: ["a", "b", "c"])
    try whole.add(labels: labels, probabilities: rows)
    var single = EvaluationAccumulator(classNames: ["a", "b", "c"])
    for (index, label) in labels.enumerated() {
      try single.add(label: label, probabilities: Array(rows[index * 3..<index * 3 + 3]))
    }
    var parts = EvaluationAccumulator(classNames: ["a", "b", "c"])
    try parts.add(labels: [0], probabilities: Array(rows[..<3]))
    var second = EvaluationAccumulator(classNames: ["a", "b", "c"])
    try second.add(labels: [1, 2, 1], probabilities: Array(rows[3...]))
    try parts.merge(second)
    let report = try ClassificationReport(whole)
    #expect(try ClassificationReport(single).json == report.json)
    #expect(try ClassificationReport(parts).json == report.json)
  }

  @Test func forgetsProbabilitiesWhereTold() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b", "c"], keepsProbabilities: false)
    try accumulator.add(labels: labels, probabilities: rows)
    #expect(accumulator.probabilities.isEmpty)
    #expect(accumulator.count == 4)
  }

  @Test func aBadRowAddsNothing() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b"])
    #expect(throws: EvaluationError.notANumber(sample: 1, classIndex: 0)) {
      try accumulator.add(labels: [0, 1, 0], probabilities: [1, 0, .nan, 1, 0, 1])
    }
    #expect(accumulator.count == 1)
    #expect(accumulator.confusion.total == 1)
    #expect(accumulator.probabilities == [1, 0])
  }

  @Test func withoutSamplesThereIsNoReport() {
    #expect(throws: EvaluationError.noSamples) {
      try ClassificationReport(EvaluationAccumulator(classNames: ["a"]))
    }
  }
}
