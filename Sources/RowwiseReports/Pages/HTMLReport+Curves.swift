import RowwiseEvaluation
import RowwiseTexts

extension HTMLReport {
  /// How many classes the ROC and precision–recall charts show.
  private static let curveLimit = 8

  var curveSection: String {
    var charts = history + [reliabilityChart, riskChart]
    charts.insert(contentsOf: rankingCharts, at: history.count)
    let figures = charts.map { $0.html() }.joined()
    return "<section><h2>Curves</h2>\n<div class=\"charts\">\n\(figures)</div></section>\n"
  }

  private var reliabilityChart: LineChart {
    func series(_ name: String, _ curve: CalibrationCurve) -> ChartSeries {
      ChartSeries(
        name: name,
        points: curve.bins.filter { $0.count > 0 }.map {
          CurvePoint(x: $0.confidence, y: $0.accuracy)
        })
    }
    func name(_ what: String, _ curve: CalibrationCurve) -> String {
      "\(what) (ECE \(NumberText.fixed(curve.expectedError, decimals: 4)))"
    }
    let curves: [(String, CalibrationCurve)] =
      if let change = report.calibrationChange {
        [("calibrated", report.calibration), ("before calibration", change.calibration)]
      } else {
        [
          ("bins of equal width", report.calibration),
          ("bins of equal mass", report.equalMassCalibration),
        ]
      }
    var chart = LineChart(
      title: "Reliability: does confidence mean what it says?", xTitle: "confidence",
      yTitle: "accuracy", series: curves.map { series(name($0.0, $0.1), $0.1) })
    chart.xRange = 0...1
    chart.yRange = 0...1
    chart.hasDiagonal = true
    return chart
  }

  private var riskChart: LineChart {
    var chart = LineChart(
      title: "Risk by coverage (AURC \(NumberText.fixed(report.riskCoverage.area, decimals: 4)))",
      xTitle: "share of samples kept, most confident first", yTitle: "share of errors",
      series: [ChartSeries(name: "risk", points: report.riskCoverage.points)])
    chart.xRange = 0...1
    return chart
  }

  /// ROC and precision–recall curves of the classes that do worst by each.
  private var rankingCharts: [LineChart] {
    guard let ranking = report.ranking else { return [] }
    func series(
      _ values: [Double], _ points: (RankingCurve) -> [CurvePoint]
    ) -> [ChartSeries] {
      let worst = values.indices.filter { values[$0].isFinite }
        .sorted { (values[$0], $0) < (values[$1], $1) }.prefix(Self.curveLimit)
      return worst.map { index in
        let curve = RankingCurve(
          ofClass: index, probabilities: accumulator.probabilities, labels: accumulator.labels,
          classCount: report.confusion.classCount)
        let name = TerminalText.truncated(classNames[index], to: 24)
        return ChartSeries(
          name: "\(name) (\(NumberText.fixed(values[index], decimals: 4)))",
          points: points(curve))
      }
    }
    let which = report.perClass.count > Self.curveLimit ? ", worst \(Self.curveLimit) classes" : ""
    var roc = LineChart(
      title: "ROC, each class against the rest (AUC)\(which)", xTitle: "false positive rate",
      yTitle: "true positive rate", series: series(ranking.rocArea, \.rocPoints))
    var precision = LineChart(
      title: "Precision and recall (average precision)\(which)", xTitle: "recall",
      yTitle: "precision",
      series: series(ranking.averagePrecision, \.precisionRecallPoints))
    roc.hasDiagonal = true
    (roc.xRange, roc.yRange) = (0...1, 0...1)
    (precision.xRange, precision.yRange) = (0...1, 0...1)
    return [roc, precision]
  }

  var gallerySection: String {
    let suspects = gallery.suspectedLabels
    var text = group(
      "Most confident mistakes", "The model was sure, and wrong.", gallery.confidentMistakes)
    text += group(
      "Least confident hits", "Right, but only just.", gallery.unsureHits)
    let judge =
      report.options.folds.map {
        "Each was judged by one of \($0) networks that had not learnt it."
      }
      ?? "The model, which must not have been trained on these samples, says otherwise."
    text += group(
      "Suspected label errors", "\(judge) Left of the arrow the label, right what is more likely.",
      suspects.map(\.sample), suspects.map(\.suggestion))
    return text
  }

  private func group(
    _ title: String, _ note: String, _ samples: [Int], _ suggestions: [Int]? = nil
  ) -> String {
    guard !samples.isEmpty else { return "" }
    var text = "<section><h2>\(title)</h2><p class=\"note\">\(note)</p>\n<div class=\"gallery\">\n"
    for (place, sample) in samples.enumerated() {
      let label = Int(accumulator.labels[sample])
      let prediction = suggestions?[place] ?? Int(accumulator.predictions[sample])
      let name = HTMLText.escaped(name(of: sample))
      text += "<figure>"
      if thumbnails[sample] != nil {
        text += "<img data-sample=\"\(sample)\" alt=\"\(name)\">"
      }
      text += "<figcaption><b>\(HTMLText.escaped(report.confusion.classNames[label]))</b>"
      if prediction != label {
        text += " → <i>\(HTMLText.escaped(report.confusion.classNames[prediction]))</i>"
      }
      if suggestions == nil {
        text += " \(NumberText.percent(Double(accumulator.confidences[sample]), decimals: 1))"
      }
      // From right to left, so that the end is what stays of a name that is too long.
      text += "<small title=\"\(name)\"><bdi dir=\"ltr\">\(name)</bdi></small>"
      text += "</figcaption>\(evidence[sample] ?? "")</figure>\n"
    }
    return text + "</div></section>\n"
  }
}
