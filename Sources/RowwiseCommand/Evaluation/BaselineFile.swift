import RowwiseEvaluation
import RowwiseFiles
import RowwiseTexts

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An earlier evaluation to compare with: its `metrics.json`, and `predictions.csv` beside it.
struct BaselineFile: Sendable, Equatable {
  /// One sample of an evaluation.
  struct Sample: Sendable, Equatable {
    /// Its path or number.
    let name: String
    /// Its true class.
    let label: String
    /// Whether the prediction was right.
    let isCorrect: Bool
  }

  /// Where it is.
  let path: String
  /// The accuracy then.
  let baseline: Baseline
  /// The samples then; nil where their table is not there.
  let samples: [Sample]?

  /// Reads the files.
  ///
  /// - Throws: `FileError`; `CommandError.unusableInput` where it is no `metrics.json`;
  ///   `DatasetError` where the table beside it is no CSV.
  init(path: String) throws {
    self.path = path
    let data = Data(try InputFile.bytes(path: path))
    do {
      baseline = try JSONDecoder().decode(Baseline.self, from: data)
    } catch {
      throw CommandError.unusableInput(
        path: path,
        reason: "not a metrics.json with samples and accuracy; expected one that "
          + "rowwise evaluate --report has written")
    }
    let table = FileSystem.sibling(EvaluationFiles.predictionsName, besides: path)
    guard FileKind(path: table) != nil else {
      samples = nil
      return
    }
    let rows = try CSVTable(path: table)
    guard let name = rows.column("sample"), let label = rows.column("label"),
      let correct = rows.column("correct")
    else {
      samples = nil
      return
    }
    samples = rows.rows.map {
      Sample(name: $0[name], label: $0[label], isCorrect: $0[correct] == "true")
    }
  }

  /// Tells whether accuracy has dropped.
  ///
  /// Sample by sample where both have the same ones (exact McNemar test, p < 0.05), else by
  /// Newcombe's interval of the two accuracies.
  func check(_ report: ClassificationReport, samples now: [Sample]) -> Check {
    let name = "no significant drop from \(path)"
    let change = report.accuracy - baseline.accuracy
    let points = NumberText.fixed(change * 100, decimals: 2)
    let figures =
      "accuracy \(NumberText.percent(report.accuracy)), before "
      + "\(NumberText.percent(baseline.accuracy)): \(change > 0 ? "+" : "")\(points) points"
    if let samples, Self.areSame(samples, now) {
      let paired = PairedComparison(
        first: now.map(\.isCorrect), second: samples.map(\.isCorrect))
      let isMet = paired.onlyFirst >= paired.onlySecond || paired.pValue >= 0.05
      return Check(
        name: name, isMet: isMet,
        description: "\(name): \(isMet ? "met" : "not met"): \(figures) on the same samples "
          + "(\(paired.onlyFirst) newly right, \(paired.onlySecond) newly wrong, "
          + "McNemar p = \(NumberText.fixed(paired.pValue, decimals: 4)))")
    }
    let interval = baseline.change(to: report)
    let isMet = interval.upper >= 0
    return Check(
      name: name, isMet: isMet,
      description: "\(name): \(isMet ? "met" : "not met"): \(figures) (95 % interval "
        + "\(NumberText.fixed(interval.lower * 100, decimals: 2)) to "
        + "\(NumberText.fixed(interval.upper * 100, decimals: 2)))")
  }

  private static func areSame(_ first: [Sample], _ second: [Sample]) -> Bool {
    guard first.count == second.count else { return false }
    // The data may have been moved: what lies below their folder counts.
    let starts = [first, second].map { commonFolder($0.map(\.name)) }
    return zip(first, second).allSatisfy {
      $0.name.dropFirst(starts[0]) == $1.name.dropFirst(starts[1]) && $0.label == $1.label
    }
  }

  /// Characters of the longest path that all names begin with, up to its last slash.
  private static func commonFolder(_ names: [String]) -> Int {
    guard var common = names.first.map({ Substring($0) }) else { return 0 }
    for name in names.dropFirst() {
      common = common.prefix(zip(common, name).prefix { $0 == $1 }.count)
    }
    return common.lastIndex(of: "/").map { common[...$0].count } ?? 0
  }
}
