import RowwiseTexts

/// One row of a log, fitted to a width: its parts are shortened first, then left out by rank.
struct LogRow: Sendable, Equatable {
  /// One thing that the row says.
  struct Part: Sendable, Equatable {
    /// Ways to say it, from the longest to the shortest; at least one.
    let texts: [String]
    /// Parts of a high rank go first when room is short.
    let rank: Int

    /// - Parameter texts: from the longest to the shortest.
    init(_ texts: String..., rank: Int) {
      self.texts = texts
      self.rank = rank
    }
  }

  /// What the row is about; never left out.
  let label: String
  /// In the order in which they are shown.
  let parts: [Part]

  /// The row without a line break, at most `columns` wide; where not even the label and the part of
  /// lowest rank have room, these two are cut.
  func text(columns: Int) -> String {
    var parts = parts
    let lengths = parts.map(\.texts.count).max() ?? 1
    while true {
      for length in 0..<lengths {
        let text = text(parts, length)
        if TerminalText.width(text) <= columns { return text }
      }
      guard parts.count > 1, let worst = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
      else { return TerminalText.truncated(text(parts, lengths - 1), to: columns) }
      parts.remove(at: worst)
    }
  }

  private func text(_ parts: [Part], _ length: Int) -> String {
    let texts = parts.map { $0.texts[min(length, $0.texts.count - 1)] }
    return "\(label): \(texts.joined(separator: ", "))"
  }
}
