import RowwiseEvaluation
import RowwiseTexts

/// The evidence of some pictures as one page that needs nothing else, as `HTMLReport`'s.
public struct EvidencePage {
  /// Curves of the most probable classes, at most so many.
  private static let curves = 5

  /// The page's title.
  public var title: String
  /// What is known of the model.
  public var modelSummary: [HTMLReport.SummaryItem] = []
  /// Pictures that could not be explained, and why.
  public var failures: [(name: String, reason: String)] = []

  private let pictures: [ExplainedPicture]
  private let png: PNGEncoder

  /// Makes a page.
  ///
  /// - Parameter png: makes PNG files of rasters.
  public init(title: String, _ pictures: [ExplainedPicture], png: @escaping PNGEncoder) {
    self.title = title
    self.pictures = pictures
    self.png = png
  }

  /// The page's text.
  ///
  /// - Throws: what the encoder throws.
  public func render() throws -> String {
    var body = HTMLReport.list(modelSummary)
    body +=
      "<p class=\"note\">Evidence is in nats of the log-odds of a class: +1 multiplies its odds by "
    body += "2.7. Pixels: integrated gradients from a picture that says nothing to this one.</p>\n"
    for (index, picture) in pictures.enumerated() { body += try section(picture, index) }
    if !failures.isEmpty {
      body += "<section><h2>Not explained</h2><ul>"
      for failure in failures {
        body += "<li>\(HTMLText.escaped(failure.name)): \(HTMLText.escaped(failure.reason))</li>"
      }
      body += "</ul></section>\n"
    }
    return HTMLPage.render(
      title: title, body: body, data: JSONValue.array(pictures.map(data)).compact,
      script: PageAssets.evidenceScript, style: PageAssets.evidenceStyle)
  }

  private func section(_ picture: ExplainedPicture, _ index: Int) throws -> String {
    let evidence = picture.evidence
    let figure = EvidenceFigure(picture: picture, png: png)
    var text = "<section class=\"evidence\" data-picture=\"\(index)\">"
    text += "<h2>\(HTMLText.escaped(picture.name))</h2>\n"
    var items: [HTMLReport.SummaryItem] = [
      .init("Class", picture.verdict),
      .init("Log-odds", "\(ExplainedPicture.nats(evidence.logOdds)) nats"),
      .init(
        "Baseline",
        "\(evidence.baseline.rawValue), \(ExplainedPicture.nats(evidence.baselineLogOdds)) nats"),
      .init("Pixels", picture.completeness), .init("What decides", picture.counterfactual),
    ]
    if let correlation = evidence.occlusion.rankCorrelation {
      items.append(
        .init("Rank correlation with covering", NumberText.fixed(correlation, decimals: 2)))
    }
    text += HTMLReport.list(items)
    text += try figure.panels() + figure.legend
    if let reading = evidence.reading {
      text += slider(evidence.height) + chart(picture, reading).html()
    } else if let absence = evidence.readingAbsence {
      text += "<p class=\"note\">No evidence while reading: \(HTMLText.escaped(absence)).</p>\n"
    }
    return text + table(picture) + "</section>\n"
  }

  private func slider(_ rows: Int) -> String {
    "<label class=\"slider\">read to row <input type=\"range\" min=\"0\" max=\"\(rows)\" value=\"\(rows)\">"
      + "</label><output aria-live=\"polite\"></output>\n"
  }

  private func chart(_ picture: ExplainedPicture, _ reading: Evidence.Reading) -> LineChart {
    let rows = Double(picture.evidence.height)
    var chart = LineChart(
      title: "Probability while reading", xTitle: "rows read", yTitle: "probability",
      series: Self.shown(picture, reading).map { k in
        ChartSeries(
          name: picture.classNames[k],
          points: reading.probabilities.enumerated().map {
            CurvePoint(x: Double($0), y: Double($1[k]))
          })
      })
    (chart.xRange, chart.yRange) = (0...rows, 0...1)
    chart.cursor = rows
    chart.mark = reading.exitRow.map { ChartMark(x: Double($0), text: "early exit") }
    return chart
  }

  /// The class that it is about, and those that were most probable at any time.
  private static func shown(_ picture: ExplainedPicture, _ reading: Evidence.Reading) -> [Int] {
    let own = picture.evidence.classIndex
    let most = picture.classNames.indices.map { k in
      reading.probabilities.reduce(Float(0)) { max($0, $1[k]) }
    }
    let others = most.indices.filter { $0 != own }.sorted { (most[$1], $0) < (most[$0], $1) }
    return [own] + others.prefix(curves - 1)
  }

  private func table(_ picture: ExplainedPicture) -> String {
    let evidence = picture.evidence
    let reading = evidence.reading?.evidence
    let columns =
      ["Row"] + (reading == nil ? [] : ["While reading"]) + ["By pixels", "Lost if covered"]
    var text = "<details><summary>Every row, in nats</summary><div class=\"scroll\">"
    text += "<table class=\"sortable\">\(HTMLPage.sortableHead(columns))<tbody>\n"
    let rows = evidence.rows
    for y in 0..<evidence.height {
      text += "<tr><th scope=\"row\" data-value=\"\(y)\">\(y + 1)</th>"
      for value in (reading.map { [$0[y]] } ?? []) + [rows[y], evidence.occlusion.rows[y]] {
        text += HTMLPage.number(value, NumberText.fixed(value, decimals: 3))
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div></details>\n"
  }

  /// What the slider looks up.
  private func data(_ picture: ExplainedPicture) -> JSONValue {
    guard let reading = picture.evidence.reading else { return .null }
    let shown = Self.shown(picture, reading)
    return .object([
      .init(
        "classes", .array(shown.map { .string(HTMLText.printable(picture.classNames[$0])) })),
      .init("log_odds", .array(reading.logOdds.map { .string(ExplainedPicture.nats($0)) })),
      .init("evidence", .array(reading.evidence.map { .string(ExplainedPicture.nats($0)) })),
      .init(
        "probabilities",
        .array(
          reading.probabilities.map { row in
            .array(shown.map { .double((Double(row[$0]) * 1e4).rounded() / 1e4) })
          })),
    ])
  }
}
