import RowwiseTexts

/// One row that shows how far something has come, fitted to the terminal's width.
struct ProgressRow: Sendable, Equatable {
  /// A figure that is shown where there is room.
  struct Detail: Sendable, Equatable {
    /// The figure with its unit or name.
    let text: String
    /// Figures of a high rank go first when room is short.
    let rank: Int
  }

  /// What is being done.
  var label: String
  /// How much of it is done, 0 to 1; nil where that is unknown.
  var fraction: Double?
  /// Figures, in the order in which they are shown.
  var details: [Detail]

  private static let barColumns = 10...30

  /// The row without a line break, at most `columns` − 1 wide so that no terminal wraps it.
  ///
  /// Where room is short, the bar shrinks first, then figures go by rank, then the bar itself.
  func text(columns: Int) -> String {
    let limit = max(columns - 1, 0)
    var details = details
    while true {
      let bar = barColumns(besides: details, limit: limit)
      if bar != nil || details.isEmpty {
        let parts = [label] + progressParts(barColumns: bar) + details.map(\.text)
        return TerminalText.truncated(parts.joined(separator: "  "), to: limit)
      }
      guard let worst = details.map(\.rank).max() else { continue }
      details.removeAll { $0.rank == worst }
    }
  }

  /// Columns for the bar, 0 where there is none to draw, nil where it doesn't fit.
  private func barColumns(besides details: [Detail], limit: Int) -> Int? {
    let others = ([label] + details.map(\.text)).map { TerminalText.width($0) }
    let used = others.reduce(0, +) + 2 * (others.count - 1)
    guard fraction != nil else { return used <= limit ? 0 : nil }
    // Brackets and "  100 %" with the gaps before the bar and after it.
    let room = limit - used - 2 - 2 - 7
    return room >= Self.barColumns.lowerBound ? min(room, Self.barColumns.upperBound) : nil
  }

  private func progressParts(barColumns: Int?) -> [String] {
    guard let fraction else { return [] }
    let share = min(max(fraction, 0), 1)
    let percent = TerminalText.right("\(Int((share * 100).rounded(.down))) %", 5)
    guard let barColumns else { return [percent] }
    let filled = Int((share * Double(barColumns)).rounded(.down))
    var bar = String(repeating: "=", count: filled)
    if filled < barColumns { bar += ">" }
    return ["[\(TerminalText.left(bar, barColumns))]", percent]
  }
}
