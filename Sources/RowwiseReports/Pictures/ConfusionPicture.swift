import RowwiseEvaluation
import RowwiseTexts

/// The confusion matrix as a picture: the counts, and beside them the shares of each true class.
///
/// Rows are true classes, columns predicted ones. Up to 40 classes have their names (a name with
/// characters outside ASCII its number) and their numbers in the cells; with more, the axes count
/// classes, and above 1,000 a cell stands for several classes a side.
struct ConfusionPicture {
  private static let ink = RasterColor(0x1B, 0x1F, 0x24)
  private static let soft = RasterColor(0x59, 0x63, 0x6E)
  private static let rule = RasterColor(0xC3, 0xC9, 0xD0)
  private static let black = RasterColor(0, 0, 0)
  private static let white = RasterColor(255, 255, 255)
  private static let margin = 16
  private static let scale = 2

  private let matrix: ConfusionMatrix
  /// Classes a side of one cell.
  private let grouping: Int
  /// [cells × cells] counts.
  private let cells: [[Int]]
  private let cellSize: Int
  /// Size of the writing in the cells; 0 for none.
  private let cellScale: Int
  /// What stands beside the rows and below the columns; nil where there are too many classes.
  private let names: [String]?
  private let nameLength: Int
  /// From one of them to the next, in classes.
  private let step: Int
  /// What is written below the columns reads upwards; only where there is no room for it otherwise.
  private let turnsNames: Bool

  init(_ matrix: ConfusionMatrix) {
    self.matrix = matrix
    let classes = matrix.classCount
    grouping = (classes + 999) / 1000
    cells = Self.grouped(matrix, by: grouping)
    let longest = max(3, String(matrix.counts.max() ?? 0).utf8.count)
    switch classes {
    case ...20: (cellScale, cellSize) = (2, longest * BitmapFont.advance * 2 + 10)
    case ...40: (cellScale, cellSize) = (1, max(22, longest * BitmapFont.advance + 6))
    default: (cellScale, cellSize) = (0, max(1, 720 / cells.count))
    }
    names = classes <= 40 ? matrix.classNames.enumerated().map(Self.label) : nil
    let labels = names ?? [String(classes - 1)]
    nameLength = labels.map { Raster.length(of: $0, scale: Self.scale) }.max() ?? 0
    step = names == nil ? Self.step(classes, side: cells.count * cellSize) : 1
    turnsNames = nameLength + 6 > step * cellSize / grouping
  }

  /// Every how many classes a number is written: a round one, as many as have room turned.
  private static func step(_ classes: Int, side: Int) -> Int {
    let room = max(1, side / (BitmapFont.height * scale + 6))
    let steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000]
    return steps.first { classes / $0 < min(room, 12) } ?? 100_000
  }

  /// Draws the picture.
  func draw() -> Raster {
    let side = cells.count * cellSize
    let letter = BitmapFont.height * Self.scale
    let greatest = cells.joined().max() ?? 0
    let scales = [
      ConfusionScale(ofCounts: greatest), ConfusionScale.shares,
    ]
    // A panel: the axis' title and names, the cells, and the scale of their colours.
    let left = letter + 8 + nameLength + 8
    let right = 12 + (scales.map(\.width).max() ?? 0)
    let top = letter + 12
    let panel = max(left + side + right, Raster.length(of: Self.shareTitle, scale: Self.scale))
    let bar = max(side, scales.map(\.leastHeight).max() ?? 0)
    let height = top + max(bar, side + 8 + belowHeight + 8 + letter)
    var raster = Raster(width: 3 * Self.margin + 2 * panel, height: height + 2 * Self.margin)
    let sums = cells.map { $0.reduce(0, +) }
    let (y, first) = (Self.margin + top, Self.margin + left)
    let second = first + panel + Self.margin
    title(Self.countTitle, at: first, &raster)
    title(Self.shareTitle, at: second, &raster)
    for (row, counts) in cells.enumerated() {
      for (column, count) in counts.enumerated() where count > 0 {
        let share = Double(count) / Double(sums[row])
        let place = (column * cellSize, y + row * cellSize)
        cell(
          Double(count) / Double(greatest), String(count), at: (first + place.0, place.1), &raster)
        cell(share, Self.percent(share), at: (second + place.0, place.1), &raster)
      }
    }
    for (x, scale) in zip([first, second], scales) {
      axes(x: x, y: y, side: side, &raster)
      scale.draw(x: x + side + 12, y: y, height: bar, &raster)
    }
    return raster
  }

  /// Height of what is written below the columns.
  private var belowHeight: Int { turnsNames ? nameLength : 7 * Self.scale }

  private static let countTitle = "Counts"
  private static let shareTitle = "Share of the true class, %"

  private func title(_ text: String, at x: Int, _ raster: inout Raster) {
    raster.draw(text, x: x, y: Self.margin, scale: Self.scale, Self.ink)
  }

  private static func percent(_ share: Double) -> String {
    let text = NumberText.fixed(share * 100, decimals: 0)
    return text == "0" ? "<1" : text
  }

  private func cell(
    _ share: Double, _ text: String, at place: (x: Int, y: Int), _ raster: inout Raster
  ) {
    let strength = ConfusionScale.strength(share)
    // A gap of one pixel tells cells apart where they are large enough.
    let filled = cellScale > 0 ? cellSize - 1 : cellSize
    raster.fill(
      x: place.x, y: place.y, width: filled, height: filled, ColorRamp.color(strength))
    guard cellScale > 0 else { return }
    let length = Raster.length(of: text, scale: cellScale)
    raster.draw(
      text, x: place.x + (cellSize - length) / 2,
      y: place.y + (cellSize - 7 * cellScale) / 2, scale: cellScale,
      ColorRamp.isDark(strength) ? Self.white : Self.black)
  }

  /// Frame, names or numbers of the classes, and what the two axes are.
  private func axes(x: Int, y: Int, side: Int, _ raster: inout Raster) {
    for (dx, dy, width, height) in [
      (-1, -1, side + 2, 1), (-1, side, side + 2, 1), (-1, -1, 1, side + 2),
      (side, -1, 1, side + 2),
    ] {
      raster.fill(x: x + dx, y: y + dy, width: width, height: height, Self.rule)
    }
    let letter = 7 * Self.scale
    for (place, text) in ticks {
      let middle = place * cellSize + cellSize / 2
      let length = Raster.length(of: text, scale: Self.scale)
      raster.draw(
        text, x: x - 8 - length, y: y + middle - letter / 2, scale: Self.scale, Self.ink)
      raster.draw(
        text, x: x + middle - (turnsNames ? letter : length) / 2,
        y: y + side + 8 + (turnsNames ? length : 0), scale: Self.scale, turned: turnsNames,
        Self.ink)
    }
    let (label, prediction) = ("true", "predicted")
    let along = Raster.length(of: label, scale: Self.scale)
    raster.draw(
      label, x: x - nameLength - 16 - BitmapFont.height * Self.scale,
      y: y + (side + along) / 2, scale: Self.scale, turned: true, Self.soft)
    raster.draw(
      prediction, x: x + (side - Raster.length(of: prediction, scale: Self.scale)) / 2,
      y: y + side + 8 + belowHeight + 8, scale: Self.scale, Self.soft)
  }

  /// Cells with what is written beside them.
  private var ticks: [(cell: Int, text: String)] {
    if let names { return Array(names.enumerated()).map { ($0.offset, $0.element) } }
    return stride(from: 0, to: matrix.classCount, by: step).map { ($0 / grouping, String($0)) }
  }

  private static func label(_ index: Int, _ name: String) -> String {
    guard BitmapFont.canShow(name), !name.isEmpty else { return "#\(index)" }
    return name.count > 18 ? name.prefix(16) + ".." : name
  }

  private static func grouped(_ matrix: ConfusionMatrix, by size: Int) -> [[Int]] {
    let count = (matrix.classCount + size - 1) / size
    var cells = Array(repeating: Array(repeating: 0, count: count), count: count)
    for label in 0..<matrix.classCount {
      for prediction in 0..<matrix.classCount {
        cells[label / size][prediction / size] +=
          matrix.counts[
            label * matrix.classCount + prediction]
      }
    }
    return cells
  }
}

extension ConfusionMatrix {
  /// The matrix as a picture: counts on the left, shares of the true class on the right.
  ///
  /// For up to 40 classes it has names and numbers. Colours grow with the root of the share, in one
  /// hue whose lightness falls evenly.
  public func picture() -> Raster { ConfusionPicture(self).draw() }
}
