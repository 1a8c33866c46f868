import RowwiseEvaluation
import RowwiseTexts

extension ModelComparison {
  /// The comparison as one page that needs nothing else, as `HTMLReport`'s.
  public func page() -> String {
    var body = ""
    if !verdict.isEmpty { body += "<p class=\"verdict\">\(HTMLText.escaped(verdict))</p>\n" }
    body += summary + modelSection + pairSection + curveSection + classSection
    return HTMLPage.render(
      title: "Comparison of \(models.count) models on \(data)",
      body: body + differenceSection, data: nil, script: "\"use strict\";\n")
  }

  /// How many lines a chart shows, and how many models have columns of their own.
  private static let lineLimit = 8
  /// With more classes, changes are listed and no matrix is drawn.
  private static let matrixLimit = 40

  private var summary: String {
    var items = [("Data", data), ("Samples", NumberText.grouped(models[0].report.samples))]
    if !dataFingerprint.isEmpty { items.append(("Data fingerprint", dataFingerprint)) }
    let rows = items.map { name, value in
      "<div><dt>\(name)</dt><dd>\(HTMLText.escaped(value))</dd></div>\n"
    }
    return "<dl class=\"summary\">\n\(rows.joined())</dl>\n"
  }

  private var modelSection: String {
    var columns = [
      "Model", "Accuracy", "F1, macro", "Loss", "ECE", "Parameters", "Images/s", "Latency, µs",
    ]
    let knowsTraining = models.contains { $0.cost.trainingSeconds != nil }
    if knowsTraining { columns.append("Training, s") }
    var text = "<section><h2>Models</h2>\n"
    text +=
      "<p class=\"note\">Ranges are 95 % intervals. ECE: expected calibration error. Speed as "
    text += "measured in this run.</p>\n"
    text += "<div class=\"scroll\"><table class=\"sortable\">\(HTMLPage.sortableHead(columns))"
    text += "<tbody>\n"
    for (index, model) in models.enumerated() {
      let (report, cost) = (model.report, model.cost)
      text += "<tr><th scope=\"row\" data-value=\"\(index)\">\(HTMLText.escaped(model.name))</th>"
      text += HTMLPage.number(
        report.accuracy,
        "\(NumberText.percent(report.accuracy))<span class=\"range\">"
          + "\(Self.percents(report.accuracyInterval))</span>")
      for value in [report.macro.f1, report.loss, report.calibration.expectedError] {
        text += HTMLPage.number(value, NumberText.fixed(value, decimals: 4))
      }
      text += HTMLPage.number(Double(cost.parameters), NumberText.grouped(cost.parameters))
      text += HTMLPage.number(
        cost.imagesPerSecond, NumberText.grouped(Int(min(cost.imagesPerSecond, 1e12))))
      text += HTMLPage.number(
        cost.latency, NumberText.fixed(cost.latency * 1e6, decimals: cost.latency < 1e-5 ? 1 : 0))
      if knowsTraining {
        let seconds = cost.trainingSeconds ?? .nan
        text += HTMLPage.number(seconds, NumberText.fixed(seconds, decimals: 1))
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div></section>\n"
  }

  private var pairSection: String {
    var text = "<section><h2>Two by two, on the same samples</h2>\n<p class=\"note\">"
    text += "Differences are second minus first, with 95 % intervals: Bonett and Price’s of "
    text +=
      "accuracy, by bootstrap of loss. McNemar’s exact test looks at the samples that only one of the two got right; p is corrected for "
    text += "\(pairs.count) \(pairs.count == 1 ? "pair" : "pairs") (Holm).</p>\n"
    let columns = [
      "First", "Second", "Accuracy, points", "Only first right", "Only second right",
      "McNemar p", "Loss",
    ]
    text +=
      "<div class=\"scroll\"><table class=\"sortable pairs\">\(HTMLPage.sortableHead(columns))"
    text += "<tbody>\n"
    for pair in pairs {
      let (accuracy, loss) = (pair.accuracy, pair.lossInterval)
      text += "<tr>"
      for index in [pair.first, pair.second] {
        text += "<th scope=\"row\" data-value=\"\(index)\">"
        text += "\(HTMLText.escaped(models[index].name))</th>"
      }
      text += HTMLPage.number(
        accuracy.difference,
        "\(Self.points(accuracy.difference))<span class=\"range\">"
          + "\(Self.points(accuracy.interval.lower)) to \(Self.points(accuracy.interval.upper))"
          + "</span>")
      text += HTMLPage.number(
        Double(accuracy.onlySecond), NumberText.grouped(accuracy.onlySecond))
      text += HTMLPage.number(Double(accuracy.onlyFirst), NumberText.grouped(accuracy.onlyFirst))
      text += HTMLPage.number(pair.correctedPValue, HTMLText.escaped(Self.pValue(pair)))
      text += HTMLPage.number(
        pair.lossDifference,
        "\(NumberText.fixed(pair.lossDifference, decimals: 4))<span class=\"range\">"
          + "\(NumberText.fixed(loss.lower, decimals: 4)) to "
          + "\(NumberText.fixed(loss.upper, decimals: 4))</span>")
      text += "</tr>\n"
    }
    return text + "</tbody></table></div>\n"
      + "<p class=\"note\">* differs significantly (p &lt; 0.05)</p></section>\n"
  }

  private var curveSection: String {
    func chart(
      _ title: String, _ x: String, _ y: String, _ points: (ComparedModel) -> [CurvePoint]
    ) -> LineChart {
      LineChart(
        title: title, xTitle: x, yTitle: y,
        series: models.prefix(Self.lineLimit).map { model in
          ChartSeries(
            name: TerminalText.truncated(model.name, to: 40),
            points: points(model))
        }.filter { !$0.points.isEmpty })
    }
    var history = chart("Training: validation accuracy", "epoch", "accuracy", \.history)
    history.xRange = 0...max(5, models.flatMap(\.history).map(\.x).max() ?? 5)
    var reliability = chart("Reliability", "confidence", "accuracy") { model in
      model.report.calibration.bins.filter { $0.count > 0 }.map {
        CurvePoint(x: $0.confidence, y: $0.accuracy)
      }
    }
    reliability.xRange = 0...1
    reliability.yRange = 0...1
    reliability.hasDiagonal = true
    var risk = chart(
      "Risk by coverage", "share of samples kept, most confident first", "share of errors"
    ) { $0.report.riskCoverage.points }
    risk.xRange = 0...1
    let figures = [history, reliability, risk].map { $0.html() }.joined()
    return "<section><h2>Curves</h2>\n<div class=\"charts\">\n\(figures)</div></section>\n"
  }

  private var classSection: String {
    let shown = models.prefix(Self.lineLimit)
    var text = "<section><h2>F1 by class</h2>\n<div class=\"scroll\"><table class=\"sortable\">"
    text += HTMLPage.sortableHead(["Class", "Support"] + shown.map(\.name)) + "<tbody>\n"
    for (index, metrics) in models[0].report.perClass.enumerated() {
      text += "<tr><th scope=\"row\" data-value=\"\(index)\">\(HTMLText.escaped(metrics.name))</th>"
      text += HTMLPage.number(Double(metrics.support), NumberText.grouped(metrics.support))
      for model in shown {
        let f1 = model.report.perClass[index].f1
        text += HTMLPage.number(f1, NumberText.fixed(f1, decimals: 4))
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div></section>\n"
  }

  /// Of each other model against the first: how the cells of the matrix changed.
  private var differenceSection: String {
    let names = models[0].report.confusion.classNames.map(HTMLText.escaped)
    let first = HTMLText.escaped(models[0].name)
    var text = "<section><h2>Confusion matrices, compared with \(first)</h2>\n"
    text += "<p class=\"note\">Each cell: samples more or fewer than \(first) has there. Blue is "
    text += "better (more hits, fewer errors), orange worse.</p>\n"
    for pair in pairs where pair.first == 0 {
      text += "<details\(pair.second == 1 ? " open" : "")>"
      text += "<summary>\(HTMLText.escaped(models[pair.second].name))</summary>\n"
      text +=
        names.count > Self.matrixLimit ? changeList(pair, names) : Self.matrix(pair, names)
      text += "</details>\n"
    }
    return text + "</section>\n"
  }

  private func changeList(_ pair: Pair, _ names: [String]) -> String {
    let rows = pair.changedErrors(30).map { cell in
      "<li>\(names[cell.label]) → \(names[cell.prediction]): "
        + "\(cell.change > 0 ? "+" : "−")\(cell.change.magnitude)</li>"
    }
    return "<p class=\"note\">The errors that changed most.</p><ul>\(rows.joined())</ul>\n"
  }

  private static func matrix(_ pair: Pair, _ names: [String]) -> String {
    let greatest = pair.matrixDifference.joined().map(\.magnitude).max() ?? 0
    var text = "<div class=\"scroll\"><table class=\"matrix difference turned\"><thead><tr>"
    text += "<th scope=\"col\">true \\ predicted</th>"
    for name in names { text += "<th scope=\"col\"><span title=\"\(name)\">\(name)</span></th>" }
    text += "</tr></thead><tbody>\n"
    for (label, row) in pair.matrixDifference.enumerated() {
      text += "<tr><th scope=\"row\" title=\"\(names[label])\">\(names[label])</th>"
      for (prediction, change) in row.enumerated() {
        let isBetter = (change > 0) == (label == prediction)
        let share = greatest == 0 ? 0 : Double(change.magnitude) / Double(greatest)
        let strength = change == 0 ? 0 : 8 + 82 * share.squareRoot()
        text += "<td class=\"\(isBetter ? "hit" : "miss")\(share > 0.45 ? " deep" : "")\" "
        text += "style=\"--share:\(NumberText.fixed(strength, decimals: 0))%\" "
        text += "data-change=\"\(change)\">"
        text += change == 0 ? "·" : change > 0 ? "+\(change)" : "−\(change.magnitude)"
        text += "</td>"
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div>\n"
  }
}
