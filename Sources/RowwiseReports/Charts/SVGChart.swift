import RowwiseEvaluation
import RowwiseTexts

/// A named line of a chart.
public struct ChartSeries: Sendable, Equatable {
  /// Its name in the legend.
  public let name: String
  /// Its points, in the order in which they are joined.
  public let points: [CurvePoint]

  /// Puts a line together.
  public init(name: String, points: [CurvePoint]) {
    self.name = name
    self.points = points
  }
}

/// A value of x that stands out in a chart.
package struct ChartMark: Sendable, Equatable {
  package let x: Double
  /// What is said of it.
  package let text: String

  package init(x: Double, text: String) {
    self.x = x
    self.text = text
  }
}

/// A chart of lines, for a report page.
public struct LineChart: Sendable, Equatable {
  /// What the chart shows.
  public let title: String
  /// What the horizontal axis measures.
  public let xTitle: String
  /// What the vertical axis measures.
  public let yTitle: String
  /// The lines; at most 8 are told apart by colour and dashes.
  public let series: [ChartSeries]
  /// Ends of the axes; nil takes them from the points.
  package var xRange: ClosedRange<Double>?
  var yRange: ClosedRange<Double>?
  /// Whether the line y = x is drawn for comparison.
  var hasDiagonal = false
  /// Where a line stands that a page's script moves; on pages.
  var cursor: Double?
  /// A place that stands out.
  package var mark: ChartMark?

  /// Puts a chart together.
  public init(title: String, xTitle: String, yTitle: String, series: [ChartSeries]) {
    self.title = title
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.series = series
  }
}

extension LineChart {
  static let width = 440.0
  static let height = 300.0
  static let left = 52.0
  static let right = 12.0
  static let top = 10.0
  static let bottom = 42.0
  static let dashes = ["", "7 4", "2 3", "9 3 2 3", "", "7 4", "2 3", "9 3 2 3"]

  /// The chart as a figure: an inline SVG, whose colours come from the page's styles, and a legend.
  func html() -> String {
    let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    guard !points.isEmpty else { return "" }
    let xTicks = Self.ticks(xRange ?? Self.range(points.map(\.x)))
    let yTicks = Self.ticks(yRange ?? Self.range(points.map(\.y)))
    let title = HTMLText.escaped(title)
    var text = "<figure class=\"chart\"><figcaption>\(title)</figcaption>"
    text += "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
    text += "aria-label=\"\(title)\">"
    text += axes(xTicks, yTicks)
    if hasDiagonal {
      text += path(
        [CurvePoint(x: 0, y: 0), CurvePoint(x: 1, y: 1)], xTicks, yTicks,
        attributes: "class=\"diagonal\"")
    }
    for (index, line) in series.prefix(8).enumerated() {
      let dash = Self.dashes[index].isEmpty ? "" : " stroke-dasharray=\"\(Self.dashes[index])\""
      text += path(
        line.points, xTicks, yTicks, attributes: "class=\"line s\(index)\"\(dash)")
    }
    if let mark { text += line(mark, xTicks) }
    if let cursor { text += line(at: cursor, xTicks) }
    text += "</svg>"
    if series.count > 1 { text += legend }
    return text + "</figure>\n"
  }

  /// The chart as an SVG document of its own, with its title and legend in it; empty without
  /// points.
  package func document() -> String {
    let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    guard !points.isEmpty else { return "" }
    let xTicks = Self.ticks(xRange ?? Self.range(points.map(\.x)))
    let yTicks = Self.ticks(yRange ?? Self.range(points.map(\.y)))
    let head = 26.0
    let height = Self.height + head + 18 * Double(series.count)
    var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Int(Self.width))\" "
    text += "height=\"\(Int(height))\" viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\">\n"
    text += Self.style
    text += "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    text += "<text class=\"title\" x=\"\(Self.left)\" y=\"17\">\(HTMLText.escaped(title))</text>\n"
    text += "<g transform=\"translate(0 \(head))\">\n\(axes(xTicks, yTicks))\n"
    if let mark { text += line(mark, xTicks) + "\n" }
    for (index, line) in series.prefix(8).enumerated() {
      let dash = Self.dashes[index].isEmpty ? "" : " stroke-dasharray=\"\(Self.dashes[index])\""
      let attributes = "class=\"line s\(index)\"\(dash)"
      text += path(line.points, xTicks, yTicks, attributes: attributes) + "\n"
      let y = Self.height + 18 * Double(index) + 6
      text += "<path \(attributes) d=\"M\(Self.left) \(y)h28\"/>"
      text += "<text x=\"\(Self.left + 36)\" y=\"\(y + 4)\">\(HTMLText.escaped(line.name))</text>\n"
    }
    return text + "</g>\n</svg>\n"
  }

  private static let style = """
    <style>text{font:11px sans-serif;fill:#333}.title{font-size:13px;font-weight:bold}\
    .grid{stroke:#ddd;fill:none}path.mark{stroke:#333;stroke-dasharray:4 3;fill:none}\
    text.mark{fill:#000;font-weight:bold}.line{fill:none;stroke-width:1.8}.s0{stroke:#1f5fbf}\
    .s1{stroke:#c2410c}.s2{stroke:#15803d}.s3{stroke:#7e22ce}.s4{stroke:#0e7490}\
    .s5{stroke:#a16207}.s6{stroke:#be185d}.s7{stroke:#475569}</style>

    """

  private var legend: String {
    var text = "<ul class=\"legend\">"
    for (index, line) in series.prefix(8).enumerated() {
      let dash = Self.dashes[index].isEmpty ? "" : " stroke-dasharray=\"\(Self.dashes[index])\""
      text += "<li><svg viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path d=\"M1 4H27\" "
      text += "class=\"line s\(index)\"\(dash)/></svg>\(HTMLText.escaped(line.name))</li>"
    }
    return text + "</ul>"
  }

  private func axes(_ xTicks: [Double], _ yTicks: [Double]) -> String {
    var text = ""
    for tick in xTicks {
      let x = Self.place(tick, xTicks, from: Self.left, to: Self.width - Self.right)
      text += "<path class=\"grid\" d=\"M\(x) \(Self.top)V\(Self.height - Self.bottom)\"/>"
      text += "<text x=\"\(x)\" y=\"\(Self.height - Self.bottom + 15)\" "
      text += "text-anchor=\"middle\">\(Self.label(tick, xTicks))</text>"
    }
    for tick in yTicks {
      let y = Self.place(tick, yTicks, from: Self.height - Self.bottom, to: Self.top)
      text += "<path class=\"grid\" d=\"M\(Self.left) \(y)H\(Self.width - Self.right)\"/>"
      text += "<text x=\"\(Self.left - 6)\" y=\"\(y + 4)\" "
      text += "text-anchor=\"end\">\(Self.label(tick, yTicks))</text>"
    }
    let middle = (Self.top + Self.height - Self.bottom) / 2
    text += "<text class=\"axis\" x=\"\((Self.left + Self.width - Self.right) / 2)\" "
    text += "y=\"\(Self.height - 8)\" text-anchor=\"middle\">\(HTMLText.escaped(xTitle))</text>"
    text += "<text class=\"axis\" transform=\"translate(13 \(middle)) rotate(-90)\" "
    return text + "text-anchor=\"middle\">\(HTMLText.escaped(yTitle))</text>"
  }

  /// A line from bottom to top, its text on the side that has more room.
  private func line(_ mark: ChartMark, _ xTicks: [Double]) -> String {
    let x = Self.place(mark.x, xTicks, from: Self.left, to: Self.width - Self.right)
    let isLeft = x < (Self.left + Self.width) / 2
    return "<path class=\"mark\" d=\"M\(x) \(Self.top)V\(Self.height - Self.bottom)\"/>"
      + "<text class=\"mark\" x=\"\(isLeft ? x + 6 : x - 6)\" "
      + "y=\"\(Self.height - Self.bottom - 8)\" text-anchor=\"\(isLeft ? "start" : "end")\">"
      + "\(HTMLText.escaped(mark.text))</text>"
  }

  /// A line that a script moves: it tells the script where x begins and ends.
  private func line(at cursor: Double, _ xTicks: [Double]) -> String {
    guard let low = xTicks.first, let high = xTicks.last else { return "" }
    let (start, end) = (Self.left, Self.width - Self.right)
    let x = Self.place(cursor, xTicks, from: start, to: end)
    return "<path class=\"cursor\" d=\"M0 \(Self.top)V\(Self.height - Self.bottom)\" "
      + "transform=\"translate(\(x) 0)\" data-start=\"\(start)\" data-end=\"\(end)\" "
      + "data-low=\"\(low)\" data-high=\"\(high)\"/>"
  }

  private func path(
    _ points: [CurvePoint], _ xTicks: [Double], _ yTicks: [Double], attributes: String
  ) -> String {
    let places = Self.thinned(points.filter { $0.x.isFinite && $0.y.isFinite }).map { point in
      let x = Self.place(point.x, xTicks, from: Self.left, to: Self.width - Self.right)
      let y = Self.place(point.y, yTicks, from: Self.height - Self.bottom, to: Self.top)
      return "\(x) \(y)"
    }
    guard let first = places.first else { return "" }
    if places.count == 1 { return "<path \(attributes) d=\"M\(first)h.1\"/>" }
    return "<path \(attributes) d=\"M\(places.joined(separator: "L"))\"/>"
  }

  /// At most about 400 points, evenly taken, with the first and the last.
  static func thinned(_ points: [CurvePoint]) -> [CurvePoint] {
    guard points.count > 400 else { return points }
    return (0..<400).map { points[$0 * (points.count - 1) / 399] }
  }

  static func place(
    _ value: Double, _ ticks: [Double], from start: Double, to end: Double
  ) -> Double {
    guard let low = ticks.first, let high = ticks.last, high > low else { return start }
    let place = start + (value - low) / (high - low) * (end - start)
    return (place * 10).rounded() / 10
  }

  /// From the least to the greatest; a tenth of it, or from 0 to 1, where all are as good as equal,
  /// so that the axis has numbers that can be read.
  static func range(_ values: [Double]) -> ClosedRange<Double> {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let size = max(low.magnitude, high.magnitude)
    return high - low > 1e-6 * size ? low...high : low...low + (size > 0 ? size / 10 : 1)
  }

  /// Round numbers, about five, that take in the range.
  static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let span = range.upperBound - range.lowerBound
    // A little over five, so that what rounding takes from the step does not skip one.
    let wanted = 5.0001
    var step = 1e-12
    while step * wanted < span {
      if step * 2 * wanted >= span {
        step *= 2
      } else if step * 5 * wanted >= span {
        step *= 5
      } else {
        step *= 10
      }
    }
    let first = (range.lowerBound / step + 1e-9).rounded(.down)
    let last = max(first + 1, (range.upperBound / step - 1e-9).rounded(.up))
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  static func label(_ value: Double, _ ticks: [Double]) -> String {
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    var decimals = 0
    var unit = 1.0
    while unit > step * 1.000001 && decimals < 12 {
      unit /= 10
      decimals += 1
    }
    return NumberText.fixed(value, decimals: decimals)
  }
}
