import RowwiseEvaluation
import RowwiseTexts

extension EarlyExitReport {
  /// The figures for the terminal, a row each, within 80 columns.
  package var table: String {
    func shareText(_ count: Int, _ interval: ConfidenceInterval) -> String {
      "\(NumberText.percent(Double(count) / Double(samples)))  "
        + "(\(NumberText.fixed(interval.lower * 100, decimals: 2))–"
        + "\(NumberText.percent(interval.upper)))"
    }
    var rows = [
      ("early exit", "\(risk) at \(NumberText.percent(confidence, decimals: 1)) confidence"),
      (
        "rows read",
        "\(NumberText.fixed(meanRows, decimals: 1)) of \(self.rows)  "
          + "(\(NumberText.percent(shareRead, decimals: 1)))"
      ),
      ("accuracy", "\(NumberText.percent(accuracy))  (whole \(NumberText.percent(wholeAccuracy)))"),
      ("lost", shareText(lost, lostInterval)), ("gained", shareText(gained, gainedInterval)),
      ("disagreement", shareText(disagreeing, disagreementInterval)),
      ("harmonic mean", NumberText.fixed(harmonicMean, decimals: 4)),
      ("average cost", NumberText.fixed(averageCost, decimals: 4)),
    ]
    if let timing {
      rows.append(("speed-up", "\(NumberText.fixed(timing.speedUp, decimals: 2)) ×"))
    }
    return rows.map { "\(TerminalText.left($0.0, 24))\($0.1)\n" }.joined()
  }
}
