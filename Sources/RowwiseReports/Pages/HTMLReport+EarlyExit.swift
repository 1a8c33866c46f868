import RowwiseEvaluation
import RowwiseTexts

extension HTMLReport {
  /// What stopping early costs and saves; empty where it was not asked for.
  var earlyExitSection: String {
    guard let exit = report.earlyExit else { return "" }
    var text = "<section><h2>Early exit</h2>\n<p class=\"note\">Reading stops as soon as the "
    text += "calibrated rule allows it: \(exit.risk.kind.rawValue) for at most "
    text += "\(NumberText.percent(exit.risk.limit)), guaranteed with "
    text += "\(NumberText.percent(exit.confidence, decimals: 1)) confidence when it was calibrated."
    text += "</p>\n<ul class=\"figures\">\n"
    text += Self.figure(
      "Rows read", "\(NumberText.fixed(exit.meanRows, decimals: 1)) of \(exit.rows)",
      NumberText.percent(exit.shareRead, decimals: 1))
    text += Self.figure(
      "Accuracy, early", NumberText.percent(exit.accuracy),
      "whole: \(NumberText.percent(exit.wholeAccuracy))")
    text += Self.figure(
      "Lost", NumberText.percent(Double(exit.lost) / Double(exit.samples)),
      Self.percents(exit.lostInterval))
    text += Self.figure(
      "Gained", NumberText.percent(Double(exit.gained) / Double(exit.samples)),
      Self.percents(exit.gainedInterval))
    text += Self.figure(
      "Disagreement", NumberText.percent(Double(exit.disagreeing) / Double(exit.samples)),
      Self.percents(exit.disagreementInterval))
    text += Self.figure(
      "Harmonic mean", NumberText.fixed(exit.harmonicMean, decimals: 4), nil)
    text += Self.figure("Average cost", NumberText.fixed(exit.averageCost, decimals: 4), nil)
    if let timing = exit.timing {
      text += Self.figure(
        "Speed-up", "\(NumberText.fixed(timing.speedUp, decimals: 2)) ×",
        "of \(NumberText.grouped(timing.samples)) samples")
    }
    text += "</ul>\n<div class=\"charts\">\n"
    text += Self.byRow(exit).html() + Self.exits(exit).html() + "</div>\n"
    return text + Self.classTable(exit, classNames) + "</section>\n"
  }

  private static func byRow(_ exit: EarlyExitReport) -> LineChart {
    func points(_ values: [Double]) -> [CurvePoint] {
      values.enumerated().map { CurvePoint(x: Double($0.offset + 1), y: $0.element) }
    }
    var chart = LineChart(
      title: "What is known after each row", xTitle: "rows read", yTitle: "share of samples",
      series: [
        ChartSeries(name: "right", points: points(exit.accuracyByRow)),
        ChartSeries(name: "as the whole picture", points: points(exit.agreementByRow)),
      ])
    chart.yRange = 0...1
    return chart
  }

  /// The share that has ended by each row.
  private static func exits(_ exit: EarlyExitReport) -> LineChart {
    var ended = 0
    let points = exit.exits.enumerated().map { row, count in
      ended += count
      return CurvePoint(x: Double(row + 1), y: Double(ended) / Double(exit.samples))
    }
    var chart = LineChart(
      title: "Where reading ends", xTitle: "rows read", yTitle: "share of samples ended",
      series: [ChartSeries(name: "ended", points: points)])
    chart.yRange = 0...1
    return chart
  }

  private static func classTable(_ exit: EarlyExitReport, _ names: [String]) -> String {
    let rows = zip(names, exit.meanRowsOfClasses).filter { $0.1.isFinite }
      .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map { name, mean in
        "<tr><th scope=\"row\">\(HTMLText.escaped(name))</th>"
          + "<td>\(NumberText.fixed(mean, decimals: 1))</td></tr>\n"
      }
    return "<details><summary>Mean rows of each class</summary><table>"
      + "<thead><tr><th scope=\"col\">class</th><th scope=\"col\">rows</th></tr></thead><tbody>\n"
      + rows.joined() + "</tbody></table></details>\n"
  }
}
