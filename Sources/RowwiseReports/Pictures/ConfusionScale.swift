import RowwiseTexts

/// The scale beside a confusion matrix: which colour stands for which number.
struct ConfusionScale {
  private static let soft = RasterColor(0x59, 0x63, 0x6E)
  private static let scale = 2
  private static let barWidth = 16
  /// Rows from one number to the next, at least.
  private static let distance = 20

  /// What the numbers are.
  private let title: String
  /// Numbers with how strongly they are coloured, rising.
  private let marks: [(text: String, strength: Double)]

  /// The scale of shares of the true class.
  static let shares = ConfusionScale(
    title: "% of the true class",
    marks: [0, 1, 5, 10, 25, 50, 75, 100].map { (String($0), strength(Double($0) / 100)) })

  /// The scale of counts up to the greatest.
  init(ofCounts greatest: Int) {
    var round = [0]
    var unit = 1
    while unit < greatest, round.count < 40 {
      round += [unit, 2 * unit, 5 * unit].filter { $0 < greatest }
      unit *= 10
    }
    self.init(
      title: "samples",
      marks: (round + (greatest > 0 ? [greatest] : [])).map {
        (NumberText.grouped($0), Self.strength(Double($0) / Double(max(greatest, 1))))
      })
  }

  private init(title: String, marks: [(text: String, strength: Double)]) {
    self.title = title
    self.marks = marks
  }

  /// How strongly a share is coloured: by its root, so that a few errors are seen beside many hits.
  static func strength(_ share: Double) -> Double { share.squareRoot() }

  /// Columns that the scale takes.
  var width: Int {
    let numbers = marks.map { Raster.length(of: $0.text, scale: Self.scale) }.max() ?? 0
    return Self.barWidth + 10 + numbers + 8 + BitmapFont.height * Self.scale
  }

  /// Rows that its title needs.
  var leastHeight: Int { Raster.length(of: title, scale: Self.scale) }

  /// Draws the bar with its numbers, and what they are, at its upper left corner.
  func draw(x: Int, y: Int, height: Int, _ raster: inout Raster) {
    for row in 0..<height {
      let strength = 1 - Double(row) / Double(max(1, height - 1))
      raster.fill(
        x: x, y: y + row, width: Self.barWidth, height: 1, ColorRamp.color(strength))
    }
    let letter = 7 * Self.scale
    for mark in shown(height) {
      let place = y + row(mark.strength, height)
      raster.fill(x: x + Self.barWidth, y: place, width: 5, height: 1, Self.soft)
      let top = min(max(y, place - letter / 2), y + height - letter)
      raster.draw(mark.text, x: x + Self.barWidth + 10, y: top, scale: Self.scale, Self.soft)
    }
    let length = Raster.length(of: title, scale: Self.scale)
    raster.draw(
      title, x: x + width - BitmapFont.height * Self.scale, y: y + (height + length) / 2,
      scale: Self.scale, turned: true, Self.soft)
  }

  private func row(_ strength: Double, _ height: Int) -> Int {
    Int((Double(height - 1) * (1 - strength)).rounded())
  }

  /// The ends, and of what lies between them, from above, what has room.
  private func shown(_ height: Int) -> [(text: String, strength: Double)] {
    guard let least = marks.first, let greatest = marks.last, marks.count > 1 else { return marks }
    var shown = [greatest]
    for mark in marks.dropFirst().dropLast().reversed() {
      let place = row(mark.strength, height)
      let above = row(shown[shown.count - 1].strength, height)
      if place - above >= Self.distance, height - 1 - place >= Self.distance {
        shown.append(mark)
      }
    }
    return shown + [least]
  }
}
