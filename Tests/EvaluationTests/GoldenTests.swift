import RowwiseEvaluation
import Testing

/// Every number that scikit-learn and SciPy have too, on six sets of predictions, to 1e-9.
@Suite struct GoldenTests {
  @Test(arguments: Goldens.caseNames)
  func generatorRepeatsTheScript(name: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    #expect(accumulator.count == golden.samples)
    let checksum = accumulator.labels.enumerated().reduce(0) {
      $0 + Int($1.element) * ($1.offset % 1000 + 1)
    }
    #expect(checksum == golden.labelChecksum)
    if let matrix = golden.confusionMatrix { #expect(accumulator.confusion.rows == matrix) }
  }

  @Test(arguments: Goldens.caseNames)
  func overallFigures(name: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    let matrix = accumulator.confusion
    #expect(agree(matrix.accuracy, golden.accuracy))
    #expect(agree(matrix.balancedAccuracy, golden.balancedAccuracy))
    #expect(agree(matrix.cohenKappa, golden.cohenKappa))
    #expect(agree(matrix.matthewsCorrelation, golden.matthewsCorrelation))
    #expect(agree(accumulator.meanLoss, golden.loss))
    #expect(agree(accumulator.brierScore, golden.brierScore))
    for (k, value) in golden.topKAccuracy {
      #expect(agree(accumulator.topKAccuracy(try #require(Int(k))), value))
    }
  }

  @Test(arguments: Goldens.caseNames, ZeroDivision.allCases)
  func perClassAndAverages(name: String, zeroDivision: ZeroDivision) throws {
    let golden = try Goldens.named(name)
    let matrix = try golden.accumulate().confusion
    let metrics = matrix.classMetrics(zeroDivision: zeroDivision)
    let expected = try #require(golden.averages[zeroDivision.rawValue])
    #expect(agree(metrics.map(\.precision), expected.None.precision))
    #expect(agree(metrics.map(\.recall), expected.None.recall))
    #expect(agree(metrics.map(\.f1), expected.None.f1))
    #expect(agree(metrics.map(\.specificity), golden.specificity))
    for (means, theirs) in [
      (metrics.macroAverage, expected.macro), (metrics.weightedAverage, expected.weighted),
      (matrix.microAverage, expected.micro),
    ] {
      #expect(agree(means.precision, theirs.precision))
      #expect(agree(means.recall, theirs.recall))
      #expect(agree(means.f1, theirs.f1))
    }
  }

  @Test(arguments: Goldens.caseNames)
  func normalizedMatrices(name: String) throws {
    let golden = try Goldens.named(name)
    let matrix = try golden.accumulate().confusion
    for normalization in ConfusionMatrix.Normalization.allCases {
      let cells = matrix.normalized(by: normalization).joined()
      let checksum = cells.enumerated().reduce(0.0) {
        $0 + $1.element * Double($1.offset % 101 + 1)
      }
      let expected = try #require(golden.normalizedChecksums[normalization.rawValue])
      #expect(agree(checksum, expected))
    }
  }

  @Test(arguments: Goldens.caseNames)
  func wilsonIntervals(name: String) throws {
    let golden = try Goldens.named(name)
    let matrix = try golden.accumulate().confusion
    for (level, expected) in [(0.95, golden.accuracyWilson), (0.99, golden.accuracyWilson99)] {
      let interval = ConfidenceInterval.wilson(
        successes: matrix.correct, trials: matrix.total, level: level)
      #expect(agree([interval.lower, interval.upper], expected))
    }
  }

  @Test(arguments: Goldens.caseNames)
  func classIntervals(name: String) throws {
    let golden = try Goldens.named(name)
    let intervals = try golden.accumulate().confusion.classIntervals()
    let expected = golden.classIntervals
    for (interval, ends) in [
      (\ClassIntervals.precision, expected.precision), (\.recall, expected.recall),
      (\.f1, expected.f1), (\.specificity, expected.specificity),
    ] {
      let ours = intervals.map { $0[keyPath: interval] }
      #expect(agree(ours.map(\.lower), ends.map { $0[0] }))
      #expect(agree(ours.map(\.upper), ends.map { $0[1] }))
    }
  }

  @Test func pairedDifferences() throws {
    let differences = try Goldens.shared.get().paired
    #expect(differences.count == 8)
    for golden in differences {
      let interval = ConfidenceInterval.paired(
        onlyFirst: golden.first, onlySecond: golden.second, samples: golden.samples)
      #expect(agree([interval.lower, interval.upper], golden.interval))
    }
  }

  @Test(arguments: Goldens.caseNames)
  func rankings(name: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    let ranking = RankingMetrics(
      probabilities: accumulator.probabilities, labels: accumulator.labels,
      classCount: golden.classes)
    let expected = golden.ranking
    #expect(agree(ranking.rocArea, expected.rocArea))
    #expect(agree(ranking.averagePrecision, expected.averagePrecision))
    #expect(agree(ranking.macroROCArea, expected.macroRocArea))
    #expect(agree(ranking.weightedROCArea, expected.weightedRocArea))
    #expect(agree(ranking.macroAveragePrecision, expected.macroAveragePrecision))
    #expect(agree(ranking.weightedAveragePrecision, expected.weightedAveragePrecision))
  }

  @Test func curves() throws {
    let golden = try Goldens.named("imbalanced, with ties")
    let expected = try #require(golden.curvesOfClass3)
    let accumulator = try golden.accumulate()
    let curve = RankingCurve(
      ofClass: 3, probabilities: accumulator.probabilities, labels: accumulator.labels,
      classCount: golden.classes)
    #expect(agree(curve.rocPoints.map(\.x), expected.fpr))
    #expect(agree(curve.rocPoints.map(\.y), expected.tpr))
    #expect(agree(curve.precisionRecallPoints.map(\.x), expected.recall))
    #expect(agree(curve.precisionRecallPoints.map(\.y), expected.precision))
  }

  @Test(arguments: Goldens.caseNames, ["equal_width", "equal_mass"])
  func calibration(name: String, binning: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    let curve = CalibrationCurve(
      confidences: accumulator.confidences, correct: accumulator.correct, binCount: 15,
      binning: try #require(CalibrationCurve.Binning(rawValue: binning)))
    let expected = try #require(golden.calibration[binning])
    let filled = curve.bins.filter { $0.count > 0 }
    #expect(filled.map(\.count) == expected.counts)
    #expect(agree(filled.map(\.accuracy), expected.accuracy))
    #expect(agree(filled.map(\.confidence), expected.confidence))
    #expect(agree(curve.expectedError, expected.expected))
    #expect(agree(curve.maximumError, expected.maximum))
  }

  @Test(arguments: Goldens.caseNames)
  func riskAndCoverage(name: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    let curve = RiskCoverageCurve(
      confidences: accumulator.confidences, correct: accumulator.correct)
    #expect(agree(curve.area, golden.aurc))
    #expect(agree(curve.points.last?.y ?? .nan, 1 - golden.accuracy))
  }

  @Test(arguments: Goldens.caseNames)
  func bootstrap(name: String) throws {
    let golden = try Goldens.named(name)
    guard let expected = golden.bootstrap else {
      #expect(name == "137 classes")
      return
    }
    let accumulator = try golden.accumulate()
    let intervals = BootstrapIntervals(
      labels: accumulator.labels, predictions: accumulator.predictions,
      losses: accumulator.losses, classCount: golden.classes,
      options: .init(replicates: 200, seed: 42))
    for (key, interval) in [
      ("loss", intervals.loss),
      ("balanced_accuracy", intervals.balancedAccuracy), ("macro_f1", intervals.macroF1),
      ("weighted_f1", intervals.weightedF1),
      ("matthews_correlation", intervals.matthewsCorrelation),
    ] {
      #expect(agree([interval.lower, interval.upper], try #require(expected[key])), "\(key)")
    }
  }

  @Test func mcNemar() throws {
    let tests = try Goldens.shared.get().mcnemar
    #expect(tests.count > 10)
    for test in tests {
      let both = 5
      let comparison = PairedComparison(
        first: Array(repeating: true, count: test.first + both)
          + Array(repeating: false, count: test.second),
        second: Array(repeating: false, count: test.first)
          + Array(repeating: true, count: both + test.second))
      #expect(comparison.onlyFirst == test.first && comparison.onlySecond == test.second)
      let error = (comparison.pValue / test.pValue - 1).magnitude
      #expect(error < 1e-9, "\(test.first), \(test.second): \(comparison.pValue)")
    }
  }
}
