/// Cells below each other, fitted to a terminal's width: headings are shortened first, then cells
/// that may be cut, then columns go by rank.
package struct ColumnTable {
  /// What of a cell stays where it is cut.
  package enum Cut: Sendable, Equatable {
    case never
    /// The beginning, in so many columns at least.
    case keepsStart(least: Int)
    /// The end, as of paths.
    case keepsEnd(least: Int)
  }

  /// One column; a cell for each row.
  package struct Column {
    let title: String
    let shortTitle: String?
    let isNumber: Bool
    let rank: Int
    let cut: Cut
    let cells: [String]

    /// - Parameters:
    ///   - title: the heading.
    ///   - shortTitle: the heading where room is short; nil: the same.
    ///   - isNumber: whether cells are set to the right.
    ///   - rank: columns of a high rank go first when room is short; those of rank 0 stay.
    ///   - cut: how cells are cut before a column goes.
    ///   - cells: what is shown, printable; one for each row.
    package init(
      _ title: String, short shortTitle: String? = nil, isNumber: Bool = false, rank: Int,
      cut: Cut = .never, cells: [String]
    ) {
      self.title = title
      self.shortTitle = shortTitle
      self.isNumber = isNumber
      self.rank = rank
      self.cut = cut
      self.cells = cells
    }
  }

  /// A table as it is shown.
  package struct Text: Equatable {
    /// All rows, each with a line break.
    package let rows: String
    /// The headings of the columns that had to go.
    package let leftOut: [String]
  }

  /// In the order in which they are shown.
  package let columns: [Column]
  /// Rows of text before the row of that number.
  package var headings: [Int: String] = [:]

  private static let gap = 2

  /// A table of columns that have the same number of cells.
  package init(_ columns: [Column]) { self.columns = columns }

  /// The table, at most `limit` columns wide where what must stay lets it.
  package func text(columns limit: Int) -> Text {
    var shown = columns
    var leftOut: [String] = []
    while true {
      for isShort in [false, true] {
        let widths = shown.map { Self.width($0, isShort: isShort) }
        if Self.total(widths) <= limit { return text(shown, widths, isShort, leftOut) }
      }
      let widths = Self.cut(shown, to: limit)
      let worst = shown.indices.filter { shown[$0].rank > 0 }.max {
        shown[$0].rank < shown[$1].rank
      }
      guard Self.total(widths) > limit, let worst else {
        return text(shown, widths, true, leftOut)
      }
      leftOut.insert(shown.remove(at: worst).title, at: 0)
    }
  }

  // MARK: Widths

  private static func heading(_ column: Column, isShort: Bool) -> String {
    isShort ? column.shortTitle ?? column.title : column.title
  }

  private static func width(_ column: Column, isShort: Bool) -> Int {
    ([heading(column, isShort: isShort)] + column.cells).map { TerminalText.width($0) }.max() ?? 0
  }

  private static func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + gap * max(0, widths.count - 1)
  }

  /// Widths with short headings, the widest cells that may be cut made narrower as far as need be.
  private static func cut(_ columns: [Column], to limit: Int) -> [Int] {
    var widths = columns.map { width($0, isShort: true) }
    while total(widths) > limit {
      let wide = columns.indices.filter { index in
        switch columns[index].cut {
        case .never: false
        case .keepsStart(let least), .keepsEnd(let least): widths[index] > least
        }
      }
      guard let widest = wide.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }

  // MARK: Rows

  private func text(
    _ columns: [Column], _ widths: [Int], _ isShort: Bool, _ leftOut: [String]
  ) -> Text {
    let titles = columns.map { Self.heading($0, isShort: isShort) }
    var rows = Self.row(titles, columns, widths)
    for row in 0..<(columns.first?.cells.count ?? 0) {
      if let heading = headings[row] { rows += heading + "\n" }
      rows += Self.row(columns.map { $0.cells[row] }, columns, widths)
    }
    return Text(rows: rows, leftOut: leftOut)
  }

  private static func row(_ cells: [String], _ columns: [Column], _ widths: [Int]) -> String {
    let parts = columns.indices.map { index in
      let width = widths[index]
      let cell =
        switch columns[index].cut {
        case .keepsEnd: TerminalText.end(of: cells[index], to: width)
        case .keepsStart, .never: TerminalText.truncated(cells[index], to: width)
        }
      return columns[index].isNumber
        ? TerminalText.right(cell, width) : TerminalText.left(cell, width)
    }
    var row = parts.joined(separator: String(repeating: " ", count: gap))
    while row.last == " " { row.removeLast() }
    return row + "\n"
  }
}
