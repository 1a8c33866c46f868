import RealModule
import RowwiseRandomness

/// Finds a rule for stopping early of which it is certain enough how often it is wrong.
///
/// Of the pictures, which must have served neither training nor the choice of an epoch, a share screens:
/// it fixes the rows' estimates, the patience, the first row and falling thresholds λ₁ > λ₂ > …. On the
/// n others the thresholds are tested in that order: of k_j pictures for which rule j is wrong,
/// p_j = P(Bin(n, ε) ≤ k_j). At the first p_j > δ the rule before it is taken. So the probability to
/// take a rule whose risk is above ε is at most δ, whatever the distribution, for any n: a risky rule is
/// only taken where the first risky one of the list passes, which happens with probability δ
/// (fixed-sequence testing, as in Angelopoulos et al., "Learn then Test", 2021).
///
/// Where each class's share is to keep to ε, p_j is the greatest of the classes' (an
/// intersection–union test); of those that stop early, n is how many rule j lets stop.
public struct EarlyExitCalibration: Sendable, Equatable {
  /// The rule that was taken.
  public let rule: EarlyExitRule
  /// What was asked for.
  public let risk: EarlyExitRisk
  /// 1 − δ.
  public let confidence: Double
  /// Pictures that screened.
  public let screened: Int
  /// Pictures that tested, n.
  public let tested: Int
  /// Thresholds that screening proposed.
  public let thresholds: Int
  /// Which of them was taken, from 1; 0: none.
  public let taken: Int
  /// Pictures of those that tested for which the rule is wrong.
  public let wrong: Int
  /// Pictures of those that tested which it stops early.
  public let early: Int
  /// Mean rows that it reads of those that tested.
  public let meanRows: Double

  /// Thresholds that screening proposes, at most.
  static let mostThresholds = 200
  /// Share of the pictures that screens.
  static let screeningShare = 0.3

  /// The fewest pictures that have to test before any rule can be taken: ⌈ln δ / ln(1 − ε)⌉.
  public static func fewestTests(_ risk: EarlyExitRisk, confidence: Double) -> Int {
    Int((Double.log(1 - confidence) / Double.log(onePlus: -risk.limit)).rounded(.up))
  }

  /// Screens and tests.
  ///
  /// - Parameters:
  ///   - traces: at least two pictures, with labels where the risk needs them.
  ///   - seed: decides which pictures screen.
  /// - Throws: `EvaluationError.noSamples`, `.missingLabels`.
  public init(
    _ traces: ReadingTraces, risk: EarlyExitRisk, confidence: Double, seed: UInt64 = 0
  ) throws(EvaluationError) {
    guard traces.count >= 2 else { throw .noSamples }
    if risk.kind == .lost, traces.labels.contains(nil) { throw .missingLabels }
    var random = RandomStream(seed: seed, stream: 0x6561_726C_79)
    let order = random.permutation(traces.count)
    let screening = max(1, Int((Double(traces.count) * Self.screeningShare).rounded()))
    let proposal = Proposal(traces.picked(order[..<screening]), risk)
    let others = traces.picked(order[screening...])
    let test = Test(proposal, others, risk, confidence: confidence)
    let (taken, counts) = test.run(Array(0..<others.count))
    self.init(proposal, taken, counts, risk, confidence, screened: screening, tested: others.count)
  }

  private init(
    _ proposal: Proposal, _ taken: Int, _ counts: ExitCounts, _ risk: EarlyExitRisk,
    _ confidence: Double, screened: Int, tested: Int
  ) {
    var rule = proposal.rule
    rule.threshold = taken > 0 ? proposal.thresholds[taken - 1] : nil
    self.rule = rule
    self.risk = risk
    self.confidence = confidence
    self.screened = screened
    self.tested = tested
    thresholds = proposal.thresholds.count
    self.taken = taken
    wrong = taken > 0 ? counts.wrong[taken - 1] : 0
    early = taken > 0 ? counts.early[taken - 1] : 0
    meanRows = taken > 0 ? Double(counts.rows[taken - 1]) / Double(tested) : Double(rule.rows)
  }

  // MARK: Screening

  /// What screening fixes.
  struct Proposal {
    /// Without a threshold.
    var rule: EarlyExitRule
    /// Falling.
    var thresholds: [Double]

    /// The patience and first row of which the fewest rows are read at a risk a little below the limit
    /// (so that the test will likely pass there), and thresholds from where nothing stops to where
    /// three times the limit is wrong.
    init(_ traces: ReadingTraces, _ risk: EarlyExitRisk) {
      let estimates = RowEstimates(traces, risk)
      var best: (meanRows: Double, proposal: Proposal)?
      for patience in 1...3 where patience < max(traces.rows, 2) {
        for firstRow in Set([1, traces.rows / 8, traces.rows / 4].map { max($0, 1) }).sorted() {
          let rule = EarlyExitRule(
            slopes: estimates.slopes, offsets: estimates.offsets, threshold: nil,
            patience: patience, firstRow: firstRow)
          let (proposal, meanRows) = Self.propose(rule, traces, risk)
          if best.map({ meanRows < $0.meanRows }) ?? true { best = (meanRows, proposal) }
        }
      }
      self =
        best?.proposal
        ?? Proposal(
          rule: EarlyExitRule(
            slopes: estimates.slopes, offsets: estimates.offsets, threshold: nil, patience: 1,
            firstRow: 1), thresholds: [])
    }

    init(rule: EarlyExitRule, thresholds: [Double]) {
      self.rule = rule
      self.thresholds = thresholds
    }

    private static func propose(
      _ rule: EarlyExitRule, _ traces: ReadingTraces, _ risk: EarlyExitRisk
    ) -> (Proposal, meanRows: Double) {
      let steps = (0..<traces.count).map { ExitSteps(rule, traces, $0) }
      // Every estimate at which something changes.
      let all = Set(steps.flatMap { $0.steps.map(\.estimate) }).sorted(by: >)
      let pictures = steps.indices.map { PictureChanges(steps[$0], all, traces, $0, risk) }
      let counts = ExitCounts(
        pictures, pictures.indices, thresholds: all.count, rows: traces.rows)
      func share(_ j: Int) -> Double {
        let of = risk.scope == .early ? max(counts.early[j], 1) : traces.count
        return Double(counts.wrong[j]) / Double(of)
      }
      let end = all.indices.first { share($0) > 3 * risk.limit } ?? all.count
      let wanted = all.indices[..<end].last { share($0) <= 0.8 * risk.limit }
      let meanRows = wanted.map { Double(counts.rows[$0]) / Double(traces.count) }
      return (
        Proposal(rule: rule, thresholds: spread(all[..<end], counts)),
        meanRows ?? Double(traces.rows)
      )
    }

    /// At most 200 of the thresholds, so that from one to the next about as many pictures change.
    private static func spread(_ all: ArraySlice<Double>, _ counts: ExitCounts) -> [Double] {
      let most = EarlyExitCalibration.mostThresholds
      guard all.count > most else { return Array(all) }
      return (0..<most).map { all[($0 + 1) * all.count / most - 1] }
    }
  }

  // MARK: Testing

  /// The thresholds' counts for any draw of pictures.
  struct Test {
    let pictures: [PictureChanges]
    /// The class that each picture counts for.
    let groups: [Int]
    let rows: Int
    let thresholds: Int
    let classes: Int
    let risk: EarlyExitRisk
    let delta: Double

    init(
      _ proposal: Proposal, _ traces: ReadingTraces, _ risk: EarlyExitRisk, confidence: Double
    ) {
      pictures = (0..<traces.count).map { n in
        PictureChanges(
          ExitSteps(proposal.rule, traces, n), proposal.thresholds, traces, n, risk)
      }
      groups = (0..<traces.count).map { risk.group(traces, $0) }
      rows = traces.rows
      thresholds = proposal.thresholds.count
      classes = traces.classes
      self.risk = risk
      delta = 1 - confidence
    }

    /// The number of thresholds, from the first on, that pass one after the other, and the counts.
    ///
    /// - Parameter draw: pictures, which may come several times.
    func run(_ draw: [Int]) -> (taken: Int, counts: ExitCounts) {
      let counts = ExitCounts(pictures, draw, thresholds: thresholds, rows: rows)
      let groupCounts: [(counts: ExitCounts, size: Int)] =
        risk.scope != .eachClass
        ? []
        : (0..<classes).map { k in
          let own = draw.filter { groups[$0] == k }
          return (ExitCounts(pictures, own, thresholds: thresholds, rows: rows), own.count)
        }
      var taken = 0
      while taken < thresholds {
        let p =
          switch risk.scope {
          case .all: value(counts.wrong[taken], of: draw.count)
          case .early: value(counts.wrong[taken], of: counts.early[taken])
          case .eachClass:
            groupCounts.map { value($0.counts.wrong[taken], of: $0.size) }.max() ?? 1
          }
        guard p <= delta else { break }
        taken += 1
      }
      return (taken, counts)
    }

    /// P(Bin(n, ε) ≤ k).
    private func value(_ wrong: Int, of count: Int) -> Double {
      BinomialTail.atMost(wrong, of: count, risk.limit)
    }
  }
}
