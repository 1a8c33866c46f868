/// A chart of lines as an SVG file.
struct Chart {
  let title: String
  let xTitle: String
  let yTitle: String
  let lines: [(name: String, points: [(Double, Double)])]

  private static let (width, height) = (760.0, 420.0)
  private static let (left, right, top, bottom) = (64.0, 230.0, 34.0, 48.0)
  /// Okabe & Ito's colours, which colour-blind people can tell apart.
  private static let colors = [
    "#E69F00", "#A05000", "#56B4E9", "#0072B2", "#009E73", "#CC79A7", "#000000",
  ]
  private static let dashes = ["", "6 3", "", "6 3", "", "6 3", ""]

  /// The whole file.
  var svg: String {
    let points = lines.flatMap(\.points)
    let x = Axis(points.map(\.0), from: Self.left, to: Self.width - Self.right)
    let y = Axis(points.map(\.1), from: Self.height - Self.bottom, to: Self.top)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(Self.left)" y="20" font-size="14">\(title)</text>\n
      """
    for tick in x.ticks {
      text += "<path stroke=\"#ddd\" d=\"M\(x.place(tick)) \(Self.top)V\(y.start)\"/>"
      text += label(tick, at: (x.place(tick), y.start + 16), anchor: "middle")
    }
    for tick in y.ticks {
      text += "<path stroke=\"#ddd\" d=\"M\(Self.left) \(y.place(tick))H\(x.end)\"/>"
      text += label(tick, at: (Self.left - 6, y.place(tick) + 4), anchor: "end")
    }
    text += "<text x=\"\((x.start + x.end) / 2)\" y=\"\(Self.height - 10)\" "
    text += "text-anchor=\"middle\">\(xTitle)</text>\n"
    text += "<text transform=\"translate(16 \((y.start + y.end) / 2)) rotate(-90)\" "
    text += "text-anchor=\"middle\">\(yTitle)</text>\n"
    for (index, line) in lines.enumerated() { text += draw(line, index, x, y) }
    return text + "</svg>\n"
  }

  private func label(
    _ value: Double, at place: (x: Double, y: Double), anchor: String
  ) -> String {
    let rounded = (value * 100).rounded() / 100
    let number = rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    return "<text x=\"\(place.x)\" y=\"\(place.y)\" text-anchor=\"\(anchor)\">\(number)</text>\n"
  }

  private func draw(
    _ line: (name: String, points: [(Double, Double)]), _ index: Int, _ x: Axis, _ y: Axis
  ) -> String {
    let style =
      "fill=\"none\" stroke-width=\"1.8\" stroke=\"\(Self.colors[index % Self.colors.count])\" "
      + "stroke-dasharray=\"\(Self.dashes[index % Self.dashes.count])\""
    let places = line.points.map { "\(x.place($0.0)) \(y.place($0.1))" }.joined(separator: "L")
    let row = Self.top + 10 + 22 * Double(index)
    let start = Self.width - Self.right + 16
    return (places.isEmpty ? "" : "<path \(style) d=\"M\(places)\"/>\n")
      + "<path \(style) d=\"M\(start) \(row)h24\"/>"
      + "<text x=\"\(start + 30)\" y=\"\(row + 4)\">\(line.name)</text>\n"
  }
}

/// One axis with round numbers.
private struct Axis {
  let ticks: [Double]
  let start: Double
  let end: Double

  init(_ values: [Double], from start: Double, to end: Double) {
    self.start = start
    self.end = end
    let low = values.min() ?? 0
    let high = max(values.max() ?? 1, low + 1e-9)
    let steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]
    let step = steps.first { (high - low) / $0 <= 8 } ?? 1000
    ticks = Array(
      stride(from: (low / step).rounded(.down), through: (high / step).rounded(.up), by: 1)
    ).map { $0 * step }
  }

  func place(_ value: Double) -> Double {
    let (low, high) = (ticks[0], ticks[ticks.count - 1])
    let place = start + (value - low) / (high - low) * (end - start)
    return (place * 10).rounded() / 10
  }
}
