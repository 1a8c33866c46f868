import Evaluation
import Training

/// Runs below each other, the best first, with what differs between them.
struct RunTable {
  private let runs: [(run: RunSummary, best: RunSummary.Row?)]
  /// Options that not all runs have alike.
  private let keys: [String]

  /// Keys that differ in every run and tell nothing.
  private static let hidden: Set<String> = ["version", "data_fingerprint", "epochs", "threads"]

  init(_ runs: [RunSummary], sortedBy metric: MonitoredMetric) {
    let options = Set(runs.flatMap(\.options.keys)).subtracting(Self.hidden)
    keys = options.filter { key in Set(runs.map { $0.options[key] ?? "" }).count > 1 }.sorted()
    let scored = runs.map { run in (run, run.best(metric)) }
    self.runs = scored.enumerated().sorted { left, right in
      switch (left.element.1?.score(metric), right.element.1?.score(metric)) {
      case (let a?, let b?) where a != b: return a > b
      case (_?, nil): return true
      case (nil, _?): return false
      default: return left.offset < right.offset
      }
    }.map(\.element)
  }

  // MARK: For people

  /// Columns, with numbers as people read them.
  var text: String {
    let header =
      [
        "run", "epochs", "best", "validation accuracy", "validation loss", "macro F1", "loss",
        "accuracy",
      ] + keys
    // Set to the right.
    let numberColumns = 1..<8
    let all = [header] + runs.map { cells($0.run, $0.best) }
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

  private func cells(_ run: RunSummary, _ best: RunSummary.Row?) -> [String] {
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

  // MARK: For programs

  /// The numbers of a run in full, named as in `history.csv`; nil where there are none.
  private static func numbers(_ best: RunSummary.Row?) -> [(name: String, value: Double?)] {
    [
      ("validation_accuracy", best?.validationAccuracy), ("validation_loss", best?.validationLoss),
      ("validation_macro_f1", best?.validationMacroF1), ("loss", best?.loss),
      ("accuracy", best?.accuracy),
    ]
  }

  /// A row a run.
  var csv: String {
    let head =
      ["run", "epochs", "planned_epochs", "best_epoch"] + Self.numbers(nil).map(\.name) + keys
    return CSVText.row(head)
      + runs.map { run, best in
        CSVText.row(
          [
            run.path, "\(run.epochs.count)", run.plannedEpochs.map { "\($0)" } ?? "",
            best.map { "\($0.epoch)" } ?? "",
          ] + Self.numbers(best).map { $0.value.map { CSVText.number($0) } ?? "" }
            + keys.map { run.options[$0] ?? "" })
      }.joined()
  }

  /// An array with an object a run.
  var json: JSONValue {
    func whole(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }
    return .array(
      runs.map { run, best in
        .object(
          [
            .init("run", .string(run.path)), .init("epochs", .int(run.epochs.count)),
            .init("planned_epochs", whole(run.plannedEpochs)),
            .init("best_epoch", whole(best?.epoch)),
          ]
            + Self.numbers(best).map { .init($0.name, $0.value.map { .double($0) } ?? .null) }
            + [
              .init(
                "options",
                .object(
                  keys.map { .init($0, run.options[$0].map { .string($0) } ?? .null) }))
            ])
      })
  }
}
