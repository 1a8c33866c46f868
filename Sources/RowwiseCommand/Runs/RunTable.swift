import Evaluation
import Training

/// Runs below each other, the best first, with what differs between them.
struct RunTable {
  private let header: [String]
  private let rows: [[String]]
  /// Columns that hold numbers, set to the right.
  private let numberColumns = 1..<8

  /// Keys that differ in every run and tell nothing.
  private static let hidden: Set<String> = ["version", "data_fingerprint", "epochs", "threads"]

  init(_ runs: [RunSummary], sortedBy metric: MonitoredMetric) {
    let keys = Self.differing(runs)
    header =
      [
        "run", "epochs", "best", "validation accuracy", "validation loss", "macro F1", "loss",
        "accuracy",
      ] + keys
    let sorted = runs.enumerated().sorted { left, right in
      let scores = (
        left.element.best(metric)?.score(metric), right.element.best(metric)?.score(metric)
      )
      switch scores {
      case (let a?, let b?) where a != b: return a > b
      case (_?, nil): return true
      case (nil, _?): return false
      default: return left.offset < right.offset
      }
    }
    rows = sorted.map { _, run in
      let best = run.best(metric)
      func percent(_ value: Double?) -> String { value.map { NumberText.percent($0) } ?? "" }
      func fixed(_ value: Double?) -> String {
        value.map { NumberText.fixed($0, decimals: 4) } ?? ""
      }
      let planned = run.plannedEpochs.map { "/\($0)" } ?? ""
      return [
        run.path, "\(run.epochs.count)\(planned)", best.map { "\($0.epoch)" } ?? "",
        percent(best?.validationAccuracy), fixed(best?.validationLoss),
        fixed(best?.validationMacroF1), fixed(best?.loss), percent(best?.accuracy),
      ] + keys.map { run.options[$0] ?? "" }
    }
  }

  /// Options that not all runs have alike.
  private static func differing(_ runs: [RunSummary]) -> [String] {
    let keys = Set(runs.flatMap(\.options.keys)).subtracting(hidden)
    return keys.filter { key in Set(runs.map { $0.options[key] ?? "" }).count > 1 }.sorted()
  }

  /// For people.
  var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in
      all.map { TerminalText.width(TerminalText.printable($0[column])) }.max() ?? 0
    }
    return all.map { row in
      let cells = row.enumerated().map { column, cell in
        let cell = TerminalText.printable(cell)
        return numberColumns.contains(column)
          ? TerminalText.right(cell, widths[column]) : TerminalText.left(cell, widths[column])
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  /// For programs.
  var csv: String { ([header] + rows).map { CSVText.row($0) }.joined() }
}
