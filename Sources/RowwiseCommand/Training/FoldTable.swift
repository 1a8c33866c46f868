import RowwiseEvaluation
import RowwiseTexts

/// What the folds came to, with mean and standard deviation.
///
/// A fold counts with the last epoch it has: the best by the images that judge it would be chosen by
/// what it is judged by, and look better than it is.
struct FoldTable {
  private let rows: [RunSummary.Row]

  private static let columns: [(name: String, value: @Sendable (RunSummary.Row) -> Double)] = [
    ("validation accuracy", { $0.validationAccuracy ?? .nan }),
    ("validation loss", { $0.validationLoss ?? .nan }),
    ("macro F1", { $0.validationMacroF1 ?? .nan }),
  ]

  /// Takes each run's last epoch; runs without one are left out.
  init(_ runs: [RunSummary]) { rows = runs.compactMap(\.epochs.last) }

  /// Mean and sample standard deviation, √(Σ(x − x̄)²/(n − 1)).
  static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, values.count > 1 ? (squares / (count - 1)).squareRoot() : 0)
  }

  /// For people.
  var text: String {
    let names = Self.columns.map(\.name)
    var text = "fold  epoch  " + names.joined(separator: "  ") + "\n"
    func line(_ first: String, _ epoch: String, _ cells: [String]) -> String {
      let numbers = zip(cells, names).map { TerminalText.right($0, $1.count) }
      return "\(TerminalText.left(first, 4))  \(TerminalText.right(epoch, 5))  "
        + numbers.joined(separator: "  ") + "\n"
    }
    for (number, row) in rows.enumerated() {
      text += line(
        "\(number + 1)", "\(row.epoch)",
        Self.columns.map { NumberText.fixed($0.value(row), decimals: 4) })
    }
    let moments = Self.columns.map { column in Self.moments(rows.map { column.value($0) }) }
    text += line("mean", "", moments.map { NumberText.fixed($0.mean, decimals: 4) })
    text += line("±", "", moments.map { NumberText.fixed($0.deviation, decimals: 4) })
    return text + "Each fold counts with its last epoch, not its best.\n"
      + "±: standard deviation of the \(rows.count) folds (n − 1), not the error of their mean\n"
  }

  /// For programs.
  var csv: String {
    let head = ["fold", "epoch", "validation_accuracy", "validation_loss", "validation_macro_f1"]
    return CSVText.row(head)
      + rows.enumerated().map { number, row in
        CSVText.row(
          ["\(number + 1)", "\(row.epoch)"]
            + Self.columns.map { CSVText.number($0.value(row)) })
      }.joined()
  }
}
