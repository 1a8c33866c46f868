import ArgumentParser
import RowwiseEvaluation
import RowwiseTexts

/// Options of `calibrate` about stopping before the last row.
struct EarlyExitOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      Calibrate, in place of the temperature, when reading may stop before the last row, so that \
      it is guaranteed how often that is wrong: lost<=0.005 (the whole image would be right and \
      the early answer is not) or disagreement<=0.01 (they differ). The images must have served \
      neither training nor the choice of the epoch.
      """, valueName: "risk"),
    transform: { try Self.risk($0) })
  var earlyExit: EarlyExitRisk?

  @Option(help: "With --early-exit: how sure the guarantee is. (default: 0.95)")
  var confidence: Double?

  @Option(
    help: """
      With --early-exit: the images of which the risk is a share: all, or early, those that stop \
      early. (default: all)
      """)
  var of: Whole?

  @Option(help: "With --early-exit: keep to the risk for each class by itself, with \"class\".")
  var per: Part?

  /// What `--of` takes.
  enum Whole: String, CaseIterable, ExpressibleByArgument, Sendable {
    case all, early
  }

  /// What `--per` takes.
  enum Part: String, CaseIterable, ExpressibleByArgument, Sendable {
    case eachClass = "class"
  }

  /// Reads `--early-exit`.
  private static func risk(_ text: String) throws -> EarlyExitRisk {
    if let risk = EarlyExitRisk(text) { return risk }
    let name = text.prefix { $0.isLetter }
    throw ValidationError(
      "expected lost<=SHARE or disagreement<=SHARE with a share above 0 and below 1, such as "
        + "\"lost<=0.005\""
        + NearestWord.question(String(name), among: EarlyExitRisk.Kind.allCases.map(\.rawValue)))
  }

  func validate() throws {
    try OptionRange.check("confidence", confidence)
    for (name, isGiven) in [
      ("confidence", confidence != nil), ("of", of != nil), ("per", per != nil),
    ] where isGiven && earlyExit == nil {
      throw ValidationError("--\(name) goes with --early-exit only")
    }
    if of == .early, per != nil {
      throw ValidationError("--of early and --per class exclude each other")
    }
  }

  /// What is asked for; nil where it is not.
  var risk: EarlyExitRisk? {
    earlyExit.map { risk in
      var risk = risk
      risk.scope = per != nil ? .eachClass : of == .early ? .early : .all
      return risk
    }
  }
}
