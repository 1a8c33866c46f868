import RowwiseEvaluation
import RowwiseTexts

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
}

/// Which classes of a matrix are shown, under which heads, in how many columns.
private struct MatrixLayout {
  private let matrix: ConfusionMatrix
  private let condensed: CondensedMatrix
  private let rowNames: [String]
  private let columnNames: [String]
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

    func cellWidth(_ matrix: CondensedMatrix) -> Int {
      let head = matrix.classes.reduce(0) { max($0, TerminalText.width(heads[$1])) }
      let others = matrix.others > 0 ? TerminalText.width(Self.othersHead) : 0
      let digits = String(matrix.cells.joined().reduce(0, max)).utf8.count
      return max(head, others, digits, 2) + 1
    }

    let nameLimit = max(min(labelWidth, width / 3), TerminalText.width(Self.corner))
    var condensed = matrix.condensed(maximumClasses)
    while condensed.classes.count > 1,
      nameLimit + condensed.cells.count * cellWidth(condensed) > width
    {
      let room = (width - nameLimit) / cellWidth(condensed) - 1
      condensed = matrix.condensed(max(1, min(condensed.classes.count - 1, room)))
    }
    self.condensed = condensed
    self.cellWidth = cellWidth(condensed)
    let hasOthers = condensed.others > 0
    self.columnNames = condensed.classes.map { heads[$0] } + (hasOthers ? [Self.othersHead] : [])
    let others = hasOthers ? ["(\(condensed.others) others)"] : []
    self.rowNames = (condensed.classes.map { labels[$0] } + others).map {
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
      for (column, count) in condensed.cells[row].enumerated() {
        let cell = TerminalText.right(count == 0 ? "·" : String(count), cellWidth)
        let isOthers = row == column && row == condensed.classes.count
        if colored && count > 0 && !isOthers {
          text += (row == column ? "\u{1B}[32m" : "\u{1B}[31m") + cell + "\u{1B}[0m"
        } else {
          text += cell
        }
      }
      text += "\n"
    }
    if condensed.others > 0 {
      text +=
        "Shown: the \(condensed.classes.count) of \(matrix.classCount) classes with most errors.\n"
    }
    return text
  }

  private static let corner = "true \\ pred."
  private static let othersHead = "others"
}
