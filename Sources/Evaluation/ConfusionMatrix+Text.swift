extension ConfusionMatrix {
  /// The matrix as text for a terminal.
  ///
  /// Zeros are dots. Where not all classes fit, the ones with most errors (as label or as
  /// prediction) are shown in their usual order, and the rest are summed in a last row and column,
  /// so that the shown counts still sum to the total.
  /// - Parameters:
  ///   - width: terminal columns to stay within; what is under 30 counts as 30.
  ///   - maximumClasses: at most so many classes are shown, however wide the terminal.
  ///   - colored: right counts in green and errors in red, by ANSI escapes.
  public func text(width: Int = 80, maximumClasses: Int = 30, colored: Bool = false) -> String {
    precondition(maximumClasses > 0, "at least one class must be shown, got \(maximumClasses)")
    let layout = MatrixLayout(self, width: max(width, 30), maximumClasses: maximumClasses)
    return layout.render(colored: colored)
  }

  /// The classes with most errors, at most `limit` of them, in ascending order of index.
  func classesWithMostErrors(_ limit: Int) -> [Int] {
    guard classCount > limit else { return Array(classNames.indices) }
    let labels = labelTotals
    let predictions = predictionTotals
    let errors = classNames.indices.map {
      labels[$0] + predictions[$0] - 2 * counts[$0 * classCount + $0]
    }
    let worst = classNames.indices.sorted { (errors[$1], $0) < (errors[$0], $1) }
    return worst.prefix(limit).sorted()
  }
}

/// Which classes of a matrix are shown, under which heads, in how many columns.
private struct MatrixLayout {
  private let matrix: ConfusionMatrix
  private let shown: [Int]
  private let rowNames: [String]
  private let columnNames: [String]
  private let cells: [[Int]]
  private let nameWidth: Int
  private let cellWidth: Int

  init(_ matrix: ConfusionMatrix, width: Int, maximumClasses: Int) {
    self.matrix = matrix
    let names = matrix.classNames.map(TerminalText.printable)
    // Long names would waste columns: then columns are headed by indices, which rows carry too.
    let longest = names.reduce(0) { max($0, TerminalText.width($1)) }
    let usesIndices = longest > 6
    let heads = usesIndices ? names.indices.map { "[\($0)]" } : names
    let labels = usesIndices ? names.indices.map { "[\($0)] \(names[$0])" } : names
    let labelWidth = labels.reduce(0) { max($0, TerminalText.width($1)) }

    func cellWidth(_ classes: [Int], _ cells: [[Int]]) -> Int {
      let head = classes.reduce(0) { max($0, TerminalText.width(heads[$1])) }
      let others = classes.count < names.count ? TerminalText.width(Self.othersHead) : 0
      let digits = String(cells.joined().reduce(0, max)).utf8.count
      return max(head, others, digits, 2) + 1
    }

    let nameLimit = max(min(labelWidth, width / 3), TerminalText.width(Self.corner))
    var chosen = matrix.classesWithMostErrors(maximumClasses)
    var cells = Self.cells(of: matrix, chosen)
    while chosen.count > 1,
      nameLimit + cells.count * cellWidth(chosen, cells) > width
    {
      let room = (width - nameLimit) / cellWidth(chosen, cells) - 1
      chosen = matrix.classesWithMostErrors(max(1, min(chosen.count - 1, room)))
      cells = Self.cells(of: matrix, chosen)
    }
    self.shown = chosen
    self.cells = cells
    self.cellWidth = cellWidth(chosen, cells)
    let hasOthers = chosen.count < names.count
    self.columnNames = chosen.map { heads[$0] } + (hasOthers ? [Self.othersHead] : [])
    let others = hasOthers ? ["(\(names.count - chosen.count) others)"] : []
    self.rowNames = (chosen.map { labels[$0] } + others).map {
      TerminalText.truncated($0, to: nameLimit)
    }
    self.nameWidth = rowNames.reduce(TerminalText.width(Self.corner)) {
      max($0, TerminalText.width($1))
    }
  }

  func render(colored: Bool) -> String {
    var text = TerminalText.left(Self.corner, nameWidth)
    for name in columnNames { text += TerminalText.right(name, cellWidth) }
    text += "\n"
    for (row, name) in rowNames.enumerated() {
      text += TerminalText.left(name, nameWidth)
      for (column, count) in cells[row].enumerated() {
        let cell = TerminalText.right(count == 0 ? "·" : String(count), cellWidth)
        let isOthers = row == shown.count && column == shown.count
        if colored && count > 0 && !isOthers {
          text += (row == column ? "\u{1B}[32m" : "\u{1B}[31m") + cell + "\u{1B}[0m"
        } else {
          text += cell
        }
      }
      text += "\n"
    }
    if shown.count < matrix.classCount {
      text += "Shown: the \(shown.count) of \(matrix.classCount) classes with most errors.\n"
    }
    return text
  }

  private static let corner = "true \\ pred."
  private static let othersHead = "others"

  /// The counts of the chosen classes, with the sums over all other classes at the ends.
  private static func cells(of matrix: ConfusionMatrix, _ chosen: [Int]) -> [[Int]] {
    let hasOthers = chosen.count < matrix.classCount
    var slots = Array(repeating: chosen.count, count: matrix.classCount)
    for (slot, index) in chosen.enumerated() { slots[index] = slot }
    let size = chosen.count + (hasOthers ? 1 : 0)
    var cells = Array(repeating: Array(repeating: 0, count: size), count: size)
    for row in slots.indices {
      for column in slots.indices {
        cells[slots[row]][slots[column]] += matrix.counts[row * matrix.classCount + column]
      }
    }
    return cells
  }
}
