/// Charts of lines as a picture, one below the other: what `LineChart.document` shows, in pixels.
struct LinePicture {
  private static let ink = RasterColor(0x33, 0x33, 0x33)
  private static let rule = RasterColor(0xDD, 0xDD, 0xDD)
  /// As the SVG's.
  private static let colors = [
    RasterColor(0x1F, 0x5F, 0xBF), RasterColor(0xC2, 0x41, 0x0C), RasterColor(0x15, 0x80, 0x3D),
    RasterColor(0x7E, 0x22, 0xCE), RasterColor(0x0E, 0x74, 0x90), RasterColor(0xA1, 0x62, 0x07),
    RasterColor(0xBE, 0x18, 0x5D), RasterColor(0x47, 0x55, 0x69),
  ]
  /// Pixels for each of the chart's units.
  private static let scale = 2.0
  /// Of the writing.
  private static let letters = 2
  private static let head = 26.0
  /// From one entry of the legend to the next.
  private static let entry = 18.0
  private static let gap = 12.0

  let charts: [LineChart]

  private func height(_ chart: LineChart) -> Double {
    LineChart.height + Self.head + Self.entry * Double(min(chart.series.count, 8)) + Self.gap
  }

  /// Draws the charts that have points; nil where none has.
  func draw() -> Raster? {
    let shown = charts.filter { chart in
      chart.series.contains { $0.points.contains { $0.x.isFinite && $0.y.isFinite } }
    }
    guard !shown.isEmpty else { return nil }
    var raster = Raster(
      width: Int(LineChart.width * Self.scale),
      height: Int(shown.reduce(0) { $0 + height($1) } * Self.scale))
    var top = 0.0
    for chart in shown {
      draw(chart, top: top, &raster)
      top += height(chart)
    }
    return raster
  }

  private func draw(_ chart: LineChart, top: Double, _ raster: inout Raster) {
    let points = chart.series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    let xTicks = LineChart.ticks(chart.xRange ?? LineChart.range(points.map(\.x)))
    let yTicks = LineChart.ticks(chart.yRange ?? LineChart.range(points.map(\.y)))
    let y = top + Self.head
    write(chart.title, x: LineChart.left, y: top + 8, &raster)
    axes(chart, xTicks, yTicks, top: y, &raster)
    for (index, line) in chart.series.prefix(8).enumerated() {
      var pen = Pen(
        color: Self.colors[index], width: 4,
        dashes: LineChart.dashes[index].split(separator: " ").compactMap { Double($0) }.map {
          $0 * Self.scale
        })
      let places = LineChart.thinned(line.points.filter { $0.x.isFinite && $0.y.isFinite }).map {
        point in
        (
          x: Self.scale * horizontal(point.x, xTicks),
          y: Self.scale * (y + vertical(point.y, yTicks))
        )
      }
      if places.count == 1 { pen.draw(places[0], places[0], &raster) }
      for (start, end) in zip(places, places.dropFirst()) { pen.draw(start, end, &raster) }
      let row = y + LineChart.height + Self.entry * Double(index) + 6
      pen.lift()
      pen.draw(
        (Self.scale * LineChart.left, Self.scale * row),
        (Self.scale * (LineChart.left + 28), Self.scale * row), &raster)
      write(line.name, x: LineChart.left + 36, y: row - 4, &raster)
    }
  }

  private func horizontal(_ value: Double, _ ticks: [Double]) -> Double {
    LineChart.place(value, ticks, from: LineChart.left, to: LineChart.width - LineChart.right)
  }

  private func vertical(_ value: Double, _ ticks: [Double]) -> Double {
    LineChart.place(value, ticks, from: LineChart.height - LineChart.bottom, to: LineChart.top)
  }

  /// Lines of the grid, their numbers, and what the axes measure.
  private func axes(
    _ chart: LineChart, _ xTicks: [Double], _ yTicks: [Double], top: Double,
    _ raster: inout Raster
  ) {
    let (left, right) = (LineChart.left, LineChart.width - LineChart.right)
    let (high, low) = (LineChart.top, LineChart.height - LineChart.bottom)
    var pen = Pen(color: Self.rule, width: 2, dashes: [])
    func line(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) {
      pen.draw(
        (Self.scale * x0, Self.scale * (top + y0)), (Self.scale * x1, Self.scale * (top + y1)),
        &raster)
    }
    for tick in xTicks {
      let x = horizontal(tick, xTicks)
      line(x, high, x, low)
      let label = LineChart.label(tick, xTicks)
      write(label, x: x - length(label) / 2, y: top + low + 7, &raster)
    }
    for tick in yTicks {
      let y = vertical(tick, yTicks)
      line(left, y, right, y)
      let label = LineChart.label(tick, yTicks)
      write(label, x: left - 6 - length(label), y: top + y - 3, &raster)
    }
    write(
      chart.xTitle, x: (left + right - length(chart.xTitle)) / 2, y: top + low + 24, &raster)
    write(
      chart.yTitle, x: 4, y: top + (high + low + length(chart.yTitle)) / 2, turned: true, &raster)
  }

  /// How long a text is in the chart's units.
  private func length(_ text: String) -> Double {
    Double(Raster.length(of: text, scale: Self.letters)) / Self.scale
  }

  private func write(
    _ text: String, x: Double, y: Double, turned: Bool = false, _ raster: inout Raster
  ) {
    raster.draw(
      text, x: Int((x * Self.scale).rounded()), y: Int((y * Self.scale).rounded()),
      scale: Self.letters, turned: turned, Self.ink)
  }
}

/// Draws lines, in dashes that go on from one line to the next.
private struct Pen {
  let color: RasterColor
  /// Pixels.
  let width: Int
  /// Lengths that are drawn and left out in turn, in pixels; none for a whole line.
  let dashes: [Double]
  private var drawn = 0.0

  init(color: RasterColor, width: Int, dashes: [Double]) {
    (self.color, self.width, self.dashes) = (color, width, dashes)
  }

  /// Begins a new line.
  mutating func lift() { drawn = 0 }

  mutating func draw(
    _ start: (x: Double, y: Double), _ end: (x: Double, y: Double), _ raster: inout Raster
  ) {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let length = (dx * dx + dy * dy).squareRoot()
    let steps = max(1, Int(length.rounded(.up)))
    for step in 0...steps {
      let share = Double(step) / Double(steps)
      guard isDown(at: drawn + share * length) else { continue }
      raster.fill(
        x: Int((start.x + share * dx).rounded()) - width / 2,
        y: Int((start.y + share * dy).rounded()) - width / 2, width: width, height: width, color)
    }
    drawn += length
  }

  private func isDown(at place: Double) -> Bool {
    let period = dashes.reduce(0, +)
    guard period > 0 else { return true }
    var left = place.truncatingRemainder(dividingBy: period)
    for (index, dash) in dashes.enumerated() {
      if left < dash { return index % 2 == 0 }
      left -= dash
    }
    return true
  }
}

extension LineChart {
  /// Charts as a picture, one below the other; nil where none has points.
  public static func picture(_ charts: [LineChart]) -> Raster? {
    LinePicture(charts: charts).draw()
  }
}
