import RowwiseEvaluation
import RowwiseTexts

extension ClassificationReport {
  /// The per-class metrics as CSV: `scope` (`class`, `macro`, `weighted`, `micro`), `class` (its name, empty
  /// for means), `support`, `precision`, `recall`, `f1`, `specificity`. What has no value is empty.
  public var csv: String {
    var text = CSVText.row([
      "scope", "class", "support", "precision", "recall", "f1", "specificity",
    ])
    for metrics in perClass {
      text += CSVText.row(
        ["class", metrics.name, String(metrics.support)]
          + [metrics.precision, metrics.recall, metrics.f1, metrics.specificity]
          .map(CSVText.number))
    }
    for (scope, means) in [("macro", macro), ("weighted", weighted), ("micro", micro)] {
      text += CSVText.row(
        [scope, "", String(samples)]
          + [means.precision, means.recall, means.f1, means.specificity].map(CSVText.number))
    }
    return text
  }
}
