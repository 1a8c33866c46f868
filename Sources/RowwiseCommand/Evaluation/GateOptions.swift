import ArgumentParser
import RowwiseEvaluation
import RowwiseFiles
import RowwiseReports
import RowwiseTexts

/// Options of `evaluate` that let a script tell good from bad by the exit status.
struct GateOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      What must hold, such as accuracy>=0.95, loss<0.2, per_class.recall>=0.9 (every class) or \
      'per_class[cat].f1>0.8'; metrics are named as in metrics.json. May be repeated. Where one \
      does not hold, the exit status is 1.
      """, valueName: "requirement"),
    transform: { try Requirement($0) })
  var require: [Requirement] = []

  @Option(
    help: """
      The metrics.json of an earlier evaluation. Where accuracy has dropped significantly (95 %), \
      the exit status is 1. With the predictions.csv of the same samples beside it, sample is \
      compared with sample, which sees smaller drops.
      """, completion: .file())
  var baseline: String?

  @Option(
    help: "A file for the results of all this as JUnit XML, as CI systems read it.",
    completion: .file())
  var junit: String?

  func validate() throws {
    if junit != nil, require.isEmpty, baseline == nil {
      throw ValidationError("--junit goes with --require or --baseline")
    }
  }

  /// Whether requirements may speak of metrics that need all probabilities.
  var needsProbabilities: Bool { !require.isEmpty }

  /// Checks that the file for CI systems could be written, before any work is done.
  ///
  /// - Throws: `CommandError.cannotWriteFile`.
  func checkOutput() throws(CommandError) {
    if let junit { try OutputFile.check(junit) }
  }

  /// Checks that reports over classes have what is required, before any work is done.
  ///
  /// - Throws: `ValidationError`; `EvaluationError`.
  ///
  /// - Parameter hasEarlyExit: whether they tell of stopping early.
  func checkMetrics(classNames: [String], hasEarlyExit: Bool) throws {
    do {
      try Requirement.check(require, classNames: classNames, hasEarlyExit: hasEarlyExit)
    } catch .unknownMetric(let name, let known) {
      if name.hasPrefix("early_exit."), !hasEarlyExit {
        throw ValidationError("--require \(name) goes with --early-exit")
      }
      let question = NearestWord.question(name, among: known)
      throw ValidationError(
        "--require: there is no metric \"\(name)\""
          + (question.isEmpty ? "; expected one of \(known.joined(separator: ", "))" : question))
    }
    for requirement in require where Self.neverHolds(requirement) {
      throw ValidationError(
        "--require \(requirement.text) can never hold: \(requirement.metric) is at most 1; 95 % is "
          + "written 0.95")
    }
  }

  /// Whether a share is to be more than all, as percentages would be.
  private static func neverHolds(_ requirement: Requirement) -> Bool {
    let others = [
      "samples", "loss", "brier_score", "early_exit.mean_rows", "per_class.support",
      "per_class.predicted",
    ]
    return [.atLeast, .more].contains(requirement.comparison) && requirement.bound > 1
      && !others.contains(requirement.metric)
  }

  /// Reads the baseline, before any work is done.
  ///
  /// - Throws: `FileError`, `CommandError`.
  func readBaseline() throws -> BaselineFile? {
    try baseline.map { try BaselineFile(path: $0) }
  }

  /// Checks a report, tells what does not hold and writes the file for CI systems.
  ///
  /// - Returns: whether everything holds.
  /// - Throws: `EvaluationError.unknownMetric`; `FileError`.
  func check(
    _ report: ClassificationReport, samples: [BaselineFile.Sample], baseline: BaselineFile?,
    seconds: Double, _ console: Console
  ) throws -> Bool {
    var checks = try require.map { Check(try report.check($0)) }
    if let baseline { checks.append(baseline.check(report, samples: samples)) }
    for check in checks where check.isMet { console.log(check.description) }
    for check in checks where !check.isMet { console.fail(check.description) }
    if let junit {
      try AtomicFile.write(
        JUnitXML.render(suite: "rowwise evaluate", checks: checks, seconds: seconds),
        toPath: junit)
    }
    return checks.allSatisfy(\.isMet)
  }
}
