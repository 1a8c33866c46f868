import RowwiseTexts
import RowwiseTraining

/// Runs below each other, those on one data set together and of them the best first, with what differs
/// between them.
struct RunTable {
  private typealias Entry = (run: RunSummary, best: RunSummary.Row?)

  private let runs: [Entry]
  /// Options that not all runs have alike.
  private let keys: [String]

  /// Keys that differ in every run and tell nothing.
  private static let hidden: Set<String> = ["version", "data_fingerprint", "epochs", "threads"]

  init(_ runs: [RunSummary], sortedBy metric: MonitoredMetric) {
    let options = Set(runs.flatMap(\.options.keys)).subtracting(Self.hidden)
    keys = options.filter { key in Set(runs.map { $0.options[key] ?? "" }).count > 1 }.sorted()
    // In the order in which they first come.
    var groups: [String: Int] = [:]
    for run in runs where groups[run.data] == nil { groups[run.data] = groups.count }
    let scored: [Entry] = runs.map { run in (run, run.best(metric)) }
    self.runs = scored.enumerated().sorted { left, right in
      let (first, second) = (left.element, right.element)
      let (group, other) = (groups[first.run.data] ?? 0, groups[second.run.data] ?? 0)
      guard group == other else { return group < other }
      switch (first.best?.score(metric), second.best?.score(metric)) {
      case (let a?, let b?) where a != b: return a > b
      case (_?, nil): return true
      case (nil, _?): return false
      default: return left.offset < right.offset
      }
    }.map(\.element)
  }

  // MARK: For people

  /// Writes the table as wide as the terminal is, and logs which columns it has no room for.
  ///
  /// - Parameter folder: where the runs are.
  /// - Throws: `FileError`.
  func write(to console: Console, of folder: String) throws {
    let table = table.text(columns: console.outputColumns)
    try console.write(table.rows)
    guard !table.leftOut.isEmpty else { return }
    console.log(
      "no room for \(table.leftOut.joined(separator: ", ")); all is in: rowwise runs "
        + "\(TerminalText.printable(folder)) --format csv")
  }

  /// Columns, with numbers as people read them; a row with the data set's name before its runs where
  /// there are several.
  var table: ColumnTable {
    var table = ColumnTable(numberColumns + optionColumns)
    guard Set(runs.map(\.run.data)).count > 1 else { return table }
    for (index, entry) in runs.enumerated()
    where index == 0 || runs[index - 1].run.data != entry.run.data {
      table.headings[index] = "\(TerminalText.printable(entry.run.data)):"
    }
    return table
  }

  private var numberColumns: [ColumnTable.Column] {
    func percent(_ value: Double?) -> String { value.map { NumberText.percent($0) } ?? "" }
    func fixed(_ value: Double?) -> String {
      value.map { NumberText.fixed($0, decimals: 4) } ?? ""
    }
    func numbers(
      _ title: String, _ shortTitle: String? = nil, rank: Int, _ cell: (Entry) -> String
    ) -> ColumnTable.Column {
      ColumnTable.Column(
        title, short: shortTitle, isNumber: true, rank: rank, cells: runs.map(cell))
    }
    return [
      ColumnTable.Column(
        "run", rank: 0, cut: .keepsEnd(least: 12),
        cells: runs.map { TerminalText.printable($0.run.path) }),
      numbers("epochs", rank: 2) { run, _ in
        "\(run.epochs.count)" + (run.plannedEpochs.map { "/\($0)" } ?? "")
      },
      numbers("best", rank: 3) { $0.best.map { "\($0.epoch)" } ?? "" },
      numbers("validation accuracy", "val. acc.", rank: 0) { percent($0.best?.validationAccuracy) },
      numbers("validation loss", "val. loss", rank: 5) { fixed($0.best?.validationLoss) },
      numbers("macro F1", rank: 6) { fixed($0.best?.validationMacroF1) },
      numbers("loss", rank: 101) { fixed($0.best?.loss) },
      numbers("accuracy", "acc.", rank: 100) { percent($0.best?.accuracy) },
    ]
  }

  /// Options that tell most about a run, the first ones to be shown where room is short.
  private static let telling = [
    "recipe", "layers", "learning_rate", "batch_size", "optimizer", "schedule", "augment", "size",
  ]

  private var optionColumns: [ColumnTable.Column] {
    // What a row before the runs says already.
    let keys = keys.filter { $0 != "data" || Set(runs.map(\.run.data)).count == 1 }
    let order = Self.telling + keys.filter { !Self.telling.contains($0) }
    return keys.map { key in
      // The first stays longer than all but the run's name and its accuracy.
      let place = order.filter { keys.contains($0) }.firstIndex(of: key) ?? 0
      return ColumnTable.Column(
        key, rank: place == 0 ? 1 : place == 1 ? 4 : 6 + place, cut: .keepsStart(least: 16),
        cells: runs.map { TerminalText.printable($0.run.options[key] ?? "") })
    }
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
