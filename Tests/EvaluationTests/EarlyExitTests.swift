import RealModule
import RowwiseRandomness
import Testing

@testable import RowwiseEvaluation

/// Stopping early with a guarantee.
@Suite struct EarlyExitTests {
  /// Pictures of two classes about which evidence comes row by row, as steps of a random walk that drifts
  /// towards the true class.
  static func traces(_ count: Int, rows: Int = 16, seed: UInt64) -> ReadingTraces {
    var random = RandomStream(seed: seed, stream: 77)
    var traces = ReadingTraces(rows: rows, classes: 2)
    for _ in 0..<count {
      let label = random.next(below: 2)
      var log = 0.0
      var probabilities: [Float] = []
      for _ in 0..<rows {
        log += (label == 1 ? 1 : -1) * 0.5 + random.nextNormal()
        let p = 1 / (1 + Double.exp(-log))
        probabilities += [Float(1 - p), Float(p)]
      }
      traces.add(label: label, probabilities: probabilities.span)
    }
    return traces
  }

  // MARK: Numbers

  /// SciPy's; Scripts/goldens/golden_binomial.py prints them.
  @Test func binomialTailsAreSciPys() {
    let tails: [(Int, Int, Double, Double)] = [
      (24, 7000, 0.005, 0.0320552332127979), (0, 600, 0.005, 0.0494138221100387),
      (35, 7000, 0.005, 0.544792142826237), (47, 3000, 0.02, 0.0475291376527138),
      (3, 5, 0.5, 0.8125), (6999, 7000, 0.999, 0.999091306164438),
      (10, 100_000, 0.0003, 2.23031308532341e-05), (120, 200, 0.5, 0.998182526023735),
    ]
    for (k, n, p, expected) in tails {
      let value = BinomialTail.atMost(k, of: n, p)
      #expect(abs(value - expected) < 1e-10 * max(expected, 1e-3), "\(k) of \(n), \(p): \(value)")
    }
    #expect(BinomialTail.atMost(-1, of: 5, 0.2) == 0)
    #expect(BinomialTail.atMost(5, of: 5, 0.2) == 1)
    #expect(BinomialTail.atMost(0, of: 0, 0.2) == 1)
    #expect(BinomialTail.quantile(0.05, of: 600, 0.005) == 0)
    #expect(BinomialTail.quantile(0.05, of: 500, 0.005) == -1)
  }

  @Test func exactIntervalsAreSciPys() {
    let intervals: [(Int, Int, Double, Double, Double)] = [
      (0, 100, 0.95, 0, 0.0362166926451764), (5, 100, 0.95, 0.0164318791820522, 0.112834911105463),
      (100, 100, 0.95, 0.963783307354824, 1),
      (37, 7000, 0.95, 0.00372428018682709, 0.00727837108438416),
      (1, 3, 0.99, 0.00166945218630867, 0.958599849283957),
    ]
    for (k, n, level, lower, upper) in intervals {
      let interval = ConfidenceInterval.clopperPearson(successes: k, trials: n, level: level)
      #expect(abs(interval.lower - lower) < 1e-10 && abs(interval.upper - upper) < 1e-10)
    }
  }

  @Test func logOddsAreThoseOfTheLikeliest() {
    let odds = ReadingTraces.logOdds([0.25, 0.5, 0.25].span, of: 1)
    #expect(abs(odds) < 1e-15)
    #expect(ReadingTraces.logOdds([1, 0].span, of: 0) == 104)
    #expect(ReadingTraces.logOdds([1, 0].span, of: 1) == -104)
  }

  @Test func risksAreReadAsTheyAreWritten() {
    #expect(EarlyExitRisk("lost<=0.005") == EarlyExitRisk(.lost, atMost: 0.005))
    #expect(EarlyExitRisk("disagreement<=0.01")?.description == "disagreement<=0.01")
    for text in ["lost", "lost<=0", "lost<=1", "lost<=x", "lost<0.1", "won<=0.1", "lost<=nan", ""] {
      #expect(EarlyExitRisk(text) == nil, "\(text)")
    }
  }

  // MARK: Rules

  /// The steps of a picture give the row of the rule itself, and the sums those of pictures one by one.
  @Test func stepsAndSumsAreThoseOfTheRule() {
    let traces = Self.traces(300, seed: 3)
    let risk = EarlyExitRisk(.lost, atMost: 0.02)
    let estimates = RowEstimates(traces, risk)
    for (patience, firstRow) in [(1, 1), (2, 1), (3, 4)] {
      var rule = EarlyExitRule(
        slopes: estimates.slopes, offsets: estimates.offsets, threshold: nil, patience: patience,
        firstRow: firstRow)
      let thresholds = stride(from: 12.0, through: -3, by: -0.37).map { $0 }
      let pictures = (0..<traces.count).map { n in
        PictureChanges(ExitSteps(rule, traces, n), thresholds, traces, n, risk)
      }
      let counts = ExitCounts(
        pictures, pictures.indices, thresholds: thresholds.count, rows: traces.rows)
      for (j, threshold) in thresholds.enumerated() {
        rule.threshold = threshold
        var (wrong, early, rows) = (0, 0, 0)
        for n in 0..<traces.count {
          let row = rule.exitRow(traces, n)
          #expect((ExitSteps(rule, traces, n).row(threshold) ?? traces.rows) == row)
          rows += row
          if row < traces.rows { early += 1 }
          if risk.isWrong(traces, n, at: row) { wrong += 1 }
        }
        #expect(counts.wrong[j] == wrong && counts.early[j] == early && counts.rows[j] == rows)
      }
    }
  }

  /// The fit's slope is zero at the minimum of what it makes small.
  @Test func estimatesAreTheLogisticFit() {
    let traces = Self.traces(500, seed: 5)
    let risk = EarlyExitRisk(.disagreement, atMost: 0.02)
    let estimates = RowEstimates(traces, risk)
    for t in [1, 6, 15] {
      let (a, b) = (estimates.slopes[t - 1], estimates.offsets[t - 1])
      var (ga, gb) = (a - 1, b)
      for n in 0..<traces.count {
        let s = traces.score(n, row: t)
        let residual =
          1 / (1 + Double.exp(-(a * s + b))) - (risk.isWrong(traces, n, at: t) ? 0 : 1)
        ga += residual * s
        gb += residual
      }
      #expect(a > 0 && abs(ga) < 0.02 && abs(gb) < 0.02, "row \(t): \(ga), \(gb)")
    }
  }

  @Test func rulesAreKeptAsJSONAndChecked() throws {
    let rule = EarlyExitRule(
      slopes: [1, 2], offsets: [0, 1], threshold: 3, patience: 2, firstRow: 1)
    #expect(rule.isSound(rows: 3))
    #expect(!rule.isSound(rows: 4))
    var broken = rule
    broken.offsets[0] = .nan
    #expect(!broken.isSound(rows: 3))
    broken = rule
    broken.patience = 0
    #expect(!broken.isSound(rows: 3))
  }

  // MARK: The guarantee

  /// Calibrations on draws from a pool, whose risk is then known exactly: the share of them that take a
  /// rule of a risk above ε, and the mean risk of those taken.
  ///
  /// - Parameters:
  ///   - every: of how many proposed thresholds one is used.
  ///   - shift: what is added to the number of thresholds that pass: 0 is right.
  private func simulate(
    _ risk: EarlyExitRisk, every: Int, shift: Int, draws: Int = 1000, size: Int = 3000
  ) -> (violations: Int, meanRisk: Double) {
    var proposal = EarlyExitCalibration.Proposal(Self.traces(2000, seed: 1), risk)
    proposal.thresholds = stride(from: every - 1, to: proposal.thresholds.count, by: every).map {
      proposal.thresholds[$0]
    }
    let pool = Self.traces(8000, seed: 2)
    let test = EarlyExitCalibration.Test(proposal, pool, risk, confidence: 0.95)
    let truth = test.run(Array(0..<pool.count)).counts
    func trueRisk(_ taken: Int) -> Double {
      guard taken > 0 else { return 0 }
      let all = risk.scope == .early ? truth.early[taken - 1] : pool.count
      return Double(truth.wrong[taken - 1]) / Double(max(all, 1))
    }
    var random = RandomStream(seed: 9, stream: 1)
    var (violations, sum) = (0, 0.0)
    for _ in 0..<draws {
      let draw = (0..<size).map { _ in random.next(below: pool.count) }
      let taken = min(test.run(draw).taken + shift, proposal.thresholds.count)
      let achieved = trueRisk(taken)
      if achieved > risk.limit { violations += 1 }
      sum += achieved
    }
    return (violations, sum / Double(draws))
  }

  /// 73 of 1,000 is the 99.9 % quantile of Bin(1000, 0.05).
  @Test(arguments: [
    EarlyExitRisk(.lost, atMost: 0.02), EarlyExitRisk(.disagreement, atMost: 0.03),
    EarlyExitRisk(.lost, atMost: 0.03, scope: .early),
  ])
  func theGuaranteeHolds(_ risk: EarlyExitRisk) {
    let fine = simulate(risk, every: 1, shift: 0)
    #expect(fine.violations <= 73, "\(fine.violations) of 1,000")
    #expect(fine.meanRisk >= 0.5 * risk.limit, "mean risk \(fine.meanRisk)")
    let coarse = simulate(risk, every: 20, shift: 0)
    #expect(coarse.violations <= 73, "\(coarse.violations) of 1,000")
    // Who takes the first threshold that does not pass promises too much, and is found out.
    let mutant = simulate(risk, every: 20, shift: 1)
    #expect(mutant.violations > 73, "\(mutant.violations) of 1,000")
  }

  @Test func calibrationTakesARuleThatSavesRows() throws {
    let risk = EarlyExitRisk(.lost, atMost: 0.02)
    let found = try EarlyExitCalibration(
      Self.traces(6000, seed: 4), risk: risk, confidence: 0.95, seed: 1)
    #expect(found.taken > 0 && found.thresholds <= 200)
    #expect(found.screened == 1800 && found.tested == 4200)
    #expect(found.meanRows < 14)
    #expect(BinomialTail.atMost(found.wrong, of: found.tested, risk.limit) <= 0.05)
    // On others it reads about as far and is wrong about as often.
    let others = Self.traces(4000, seed: 8)
    let rows = (0..<others.count).map { found.rule.exitRow(others, $0) }
    let wrong = (0..<others.count).filter { risk.isWrong(others, $0, at: rows[$0]) }.count
    #expect(abs(Double(rows.reduce(0, +)) / 4000 - found.meanRows) < 0.3)
    #expect(Double(wrong) / 4000 < 0.026)
  }

  /// Each class has the limit for itself, so that less is saved.
  @Test func everyClassCanBeKeptToTheLimit() throws {
    let traces = Self.traces(6000, seed: 4)
    let one = try EarlyExitCalibration(
      traces, risk: EarlyExitRisk(.lost, atMost: 0.02), confidence: 0.95)
    let each = try EarlyExitCalibration(
      traces, risk: EarlyExitRisk(.lost, atMost: 0.02, scope: .eachClass), confidence: 0.95)
    #expect(each.taken > 0)
    #expect(each.meanRows >= one.meanRows)
  }

  @Test func tooFewPicturesPromiseNothing() throws {
    let risk = EarlyExitRisk(.lost, atMost: 0.005)
    #expect(EarlyExitCalibration.fewestTests(risk, confidence: 0.95) == 598)
    let found = try EarlyExitCalibration(
      Self.traces(700, seed: 4), risk: risk, confidence: 0.95)
    #expect(found.taken == 0 && found.rule.threshold == nil)
    #expect(found.meanRows == 16)
    var watch = EarlyExitWatch(found.rule)
    let stops = watch.stops(class: 0, score: 104, row: 3)
    #expect(!stops)
  }

  @Test func labelsAreNeededForWhatIsLost() {
    var traces = ReadingTraces(rows: 2, classes: 2)
    for _ in 0..<5 { traces.add(label: nil, probabilities: [0.5, 0.5, 0.9, 0.1].span) }
    #expect(throws: EvaluationError.missingLabels) {
      try EarlyExitCalibration(
        traces, risk: EarlyExitRisk(.lost, atMost: 0.1), confidence: 0.9)
    }
    #expect(throws: Never.self) {
      try EarlyExitCalibration(
        traces, risk: EarlyExitRisk(.disagreement, atMost: 0.1), confidence: 0.9)
    }
    #expect(throws: EvaluationError.noSamples) {
      try EarlyExitCalibration(
        ReadingTraces(rows: 2, classes: 2), risk: EarlyExitRisk(.disagreement, atMost: 0.1),
        confidence: 0.9)
    }
  }
}
