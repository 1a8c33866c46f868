import RowwiseEvaluation
import RowwiseTexts

extension HTMLReport {
  var summarySection: String {
    var model: [SummaryItem] = []
    if !report.options.model.isEmpty { model.append(.init("Model", report.options.model)) }
    var data: [SummaryItem] = []
    if !report.options.data.isEmpty { data.append(.init("Data", report.options.data)) }
    data.append(.init("Samples", NumberText.grouped(report.samples)))
    data.append(.init("Classes", NumberText.grouped(report.perClass.count)))
    return Self.list(model + modelSummary) + Self.list(data + dataSummary)
  }

  static func list(_ items: [SummaryItem]) -> String {
    guard !items.isEmpty else { return "" }
    let rows = items.map { item in
      "<div><dt>\(HTMLText.escaped(item.name))</dt>"
        + "<dd>\(HTMLText.escaped(item.value))</dd></div>\n"
    }
    return "<dl class=\"summary\">\n\(rows.joined())</dl>\n"
  }

  var headlineSection: String {
    let level = NumberText.fixed((report.options.bootstrap?.level ?? 0.95) * 100, decimals: 0)
    let intervals = report.intervals
    var text = "<section aria-label=\"Headline figures\"><ul class=\"figures\">\n"
    text += Self.figure(
      "Accuracy", NumberText.percent(report.accuracy),
      Self.percents(report.accuracyInterval))
    text += Self.figure(
      "Balanced accuracy", NumberText.percent(report.balancedAccuracy),
      intervals.map { Self.percents($0.balancedAccuracy) })
    text += Self.figure(
      "F1, macro mean", NumberText.fixed(report.macro.f1, decimals: 4),
      intervals.map { Self.numbers($0.macroF1) })
    for top in report.topKAccuracy where top.k > 1 {
      text += Self.figure("Top-\(top.k) accuracy", NumberText.percent(top.value), nil)
    }
    text += Self.figure(
      "Loss (nats)", NumberText.fixed(report.loss, decimals: 4),
      intervals.map { Self.numbers($0.loss) })
    text += Self.figure(
      "Matthews correlation", NumberText.fixed(report.matthewsCorrelation, decimals: 4),
      intervals.map { Self.numbers($0.matthewsCorrelation) })
    text += Self.figure("Cohen’s kappa", NumberText.fixed(report.cohenKappa, decimals: 4), nil)
    if let ranking = report.ranking {
      text += Self.figure(
        "ROC-AUC, macro", NumberText.fixed(ranking.macroROCArea, decimals: 4), nil)
    }
    text += Self.figure(
      "Calibration error", NumberText.fixed(report.calibration.expectedError, decimals: 4),
      report.calibrationChange.map { change in
        "before scaling by T = \(NumberText.fixed(change.temperature, decimals: 3)): "
          + NumberText.fixed(change.calibration.expectedError, decimals: 4)
      })
    text += Self.figure("Brier score", NumberText.fixed(report.brierScore, decimals: 4), nil)
    text += "</ul><p class=\"note\">Ranges are \(level) % intervals"
    if let bootstrap = report.options.bootstrap {
      text += ": Wilson’s for accuracy and the figures of classes, elsewhere from "
      text += "\(NumberText.grouped(bootstrap.replicates)) bootstrap draws with one sample more, "
      text += "which may come out in any way"
    }
    return text + ".</p></section>\n"
  }

  static func figure(_ name: String, _ value: String, _ range: String?) -> String {
    let range = range.map { "<span class=\"range\">\($0)</span>" } ?? ""
    return "<li><span class=\"name\">\(name)</span><span class=\"value\">\(value)</span>\(range)"
      + "</li>\n"
  }

  static func percents(_ interval: ConfidenceInterval) -> String {
    "\(NumberText.fixed(interval.lower * 100, decimals: 2))–"
      + NumberText.percent(interval.upper)
  }

  private static func numbers(_ interval: ConfidenceInterval) -> String {
    "\(NumberText.fixed(interval.lower, decimals: 4))–"
      + NumberText.fixed(interval.upper, decimals: 4)
  }

  var matrixSection: String {
    let matrix = report.confusion.condensed(maximumClasses)
    let names =
      matrix.classes.map { HTMLText.escaped(report.confusion.classNames[$0]) }
      + (matrix.others > 0 ? ["\(matrix.others) others"] : [])
    // Class indices for the script; the sum of others has none.
    let ids = matrix.classes.map(String.init) + (matrix.others > 0 ? [""] : [])
    let columnSums = names.indices.map { column in
      matrix.cells.reduce(0) { $0 + $1[column] }
    }
    var text = "<section><h2>Confusion matrix</h2>\n"
    text += "<p class=\"note\">Rows are true classes, columns predicted ones. Blue: right; "
    text += "orange: taken for another; the stronger, the greater the share of the row. "
    if matrix.others > 0 {
      text += "Shown are the \(matrix.classes.count) of \(report.perClass.count) classes with "
      text += "most errors; the others are summed. "
    }
    text += "Choose a cell, by pointer or arrow keys, to see the pictures misread.</p>\n"
    text += "<fieldset class=\"modes\"><legend>Cells show</legend>"
    for (mode, label) in [
      ("count", "counts"), ("row", "% of true class"), ("column", "% of prediction"),
    ] {
      text += "<label><input type=\"radio\" name=\"mode\" value=\"\(mode)\""
      text += "\(mode == "count" ? " checked" : "")> \(label)</label>"
    }
    text +=
      "</fieldset>\n<div class=\"scroll\"><table id=\"matrix\" class=\"matrix turned\" role=\"grid\" "
    text += "aria-label=\"Confusion matrix\"><thead><tr><th scope=\"col\">true \\ predicted</th>"
    for name in names {
      text += "<th scope=\"col\"><span title=\"\(name)\">\(name)</span></th>"
    }
    text += "</tr></thead><tbody>\n"
    for (row, cells) in matrix.cells.enumerated() {
      let sum = cells.reduce(0, +)
      text += "<tr><th scope=\"row\" title=\"\(names[row])\">\(names[row])</th>"
      for (column, count) in cells.enumerated() {
        let share = sum == 0 ? 0 : Double(count) / Double(sum)
        let of = columnSums[column] == 0 ? 0 : Double(count) / Double(columnSums[column])
        let isOthers = matrix.others > 0 && row == column && row == matrix.classes.count
        let kind = isOthers ? "other" : row == column ? "hit" : "miss"
        text += "<td class=\"\(kind)\(share > 0.45 ? " deep" : "")\" tabindex=\"-1\" "
        text += "style=\"--share:\(Self.strength(share))%\" "
        text += "data-label=\"\(ids[row])\" data-prediction=\"\(ids[column])\" "
        text += "data-count=\"\(count)\" data-row=\"\(Self.share(share))\" "
        text += "data-column=\"\(Self.share(of))\">\(count == 0 ? "·" : String(count))</td>"
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div>\n\(Self.scale)"
      + "<div id=\"cell\" aria-live=\"polite\"></div></section>\n"
  }

  /// Which colours stand for which shares.
  private static var scale: String {
    var text = "<div class=\"scale\">"
    for (kind, name) in [("hit", "right"), ("miss", "taken for another")] {
      text += "<div><b>\(name), % of the true class</b>"
      for percent in [0, 1, 5, 25, 50, 100] {
        let share = Double(percent) / 100
        text += "<i class=\"\(kind)\(share > 0.45 ? " deep" : "")\" "
        text += "style=\"--share:\(strength(share))%\">\(percent)</i>"
      }
      text += "</div>"
    }
    return text + "</div>\n"
  }

  /// How strongly a cell is coloured, in per cent: a single error must be seen beside thousands of
  /// hits, so that strength grows with the root of the share.
  private static func strength(_ share: Double) -> String {
    share == 0 ? "0" : NumberText.fixed(8 + 82 * share.squareRoot(), decimals: 0)
  }

  private static func share(_ value: Double) -> String {
    NumberText.fixed(value * 100, decimals: 1)
  }

  var classSection: String {
    var columns = ["Class", "Support", "Predicted", "Precision", "Recall", "F1", "Specificity"]
    if report.ranking != nil { columns += ["ROC-AUC", "Avg. precision"] }
    var text = "<section><h2>Classes</h2>\n<div class=\"scroll\">"
    text += "<table id=\"classes\" class=\"sortable\">"
    text += "\(HTMLPage.sortableHead(columns))<tbody>\n"
    for (index, metrics) in report.perClass.enumerated() {
      text += "<tr><th scope=\"row\" data-value=\"\(index)\">"
      text += "\(HTMLText.escaped(metrics.name))</th>"
      text += Self.number(Double(metrics.support), NumberText.grouped(metrics.support))
      text += Self.number(Double(metrics.predicted), NumberText.grouped(metrics.predicted))
      let intervals = report.classIntervals[index]
      text += Self.number(metrics.precision, intervals.precision)
      text += Self.number(metrics.recall, intervals.recall)
      text += Self.number(metrics.f1, intervals.f1)
      text += Self.number(metrics.specificity, intervals.specificity)
      if let ranking = report.ranking {
        text += Self.number(ranking.rocArea[index], nil)
        text += Self.number(ranking.averagePrecision[index], nil)
      }
      text += "</tr>\n"
    }
    text += "</tbody><tfoot>\n"
    for (name, means) in [
      ("macro mean", report.macro), ("weighted mean", report.weighted),
    ] {
      text += "<tr><th scope=\"row\">\(name)</th>"
      text += Self.number(Double(report.samples), NumberText.grouped(report.samples))
      text += Self.number(Double(report.samples), NumberText.grouped(report.samples))
      for value in [means.precision, means.recall, means.f1, means.specificity] {
        text += Self.number(value, nil)
      }
      if let ranking = report.ranking {
        let isMacro = name == "macro mean"
        text += Self.number(isMacro ? ranking.macroROCArea : ranking.weightedROCArea, nil)
        text += Self.number(
          isMacro ? ranking.macroAveragePrecision : ranking.weightedAveragePrecision, nil)
      }
      text += "</tr>\n"
    }
    return text + "</tfoot></table></div></section>\n"
  }

  private static func number(_ value: Double, _ text: String) -> String {
    HTMLPage.number(value, text)
  }

  private static func number(_ value: Double, _ interval: ConfidenceInterval?) -> String {
    let text = NumberText.fixed(value, decimals: 4)
    guard let interval, interval.lower.isFinite else { return number(value, text) }
    return number(value, "\(text)<span class=\"range\">\(numbers(interval))</span>")
  }
}
