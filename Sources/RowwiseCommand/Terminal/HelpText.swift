import RowwiseTexts

/// The argument parser's help pages, whose rows about usage it does not fold itself.
enum HelpText {
  /// The text with rows that begin with `USAGE:` folded between two options.
  static func folded(_ text: String, to columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { row in
      row.hasPrefix("USAGE: ") ? foldedUsage(row, to: columns) : [String(row)]
    }.joined(separator: "\n")
  }

  private static func foldedUsage(_ row: Substring, to columns: Int) -> [String] {
    // What stands between brackets stays together: its spaces are made others for the moment.
    var depth = 0
    let kept = row.map { character -> Character in
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      return depth > 0 && character == " " ? "\u{A0}" : character
    }
    return TerminalText.folded(String(kept), to: columns, indent: 7).map { row in
      String(row.map { $0 == "\u{A0}" ? " " : $0 })
    }
  }
}
