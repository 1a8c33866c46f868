/// Text as a terminal shows it: what may be printed, and how many columns it takes.
package enum TerminalText {
  /// The name with everything a terminal would act on, or hide, written as an escape.
  ///
  /// Control characters, line and paragraph separators, and characters that turn the direction of
  /// writing or take no room at all become `\n`, `\t` or `\u{1B}`; the backslash becomes `\\`, so
  /// that no two names look alike.
  package static func printable(_ name: String) -> String {
    if name.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x5C }) { return name }
    var text = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": text.append(contentsOf: "\\n".unicodeScalars)
      case "\r": text.append(contentsOf: "\\r".unicodeScalars)
      case "\t": text.append(contentsOf: "\\t".unicodeScalars)
      default:
        if isHarmful(scalar) {
          text.append(contentsOf: escape(scalar).unicodeScalars)
        } else {
          text.append(scalar)
        }
      }
    }
    return String(text)
  }

  /// The text with what `printable` escapes written so, but for line breaks, tabulators and
  /// backslashes, which programs read as they are.
  package static func visible(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var visible = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isHarmful(scalar), !"\n\r\t".unicodeScalars.contains(scalar) {
        visible.append(contentsOf: escape(scalar).unicodeScalars)
      } else {
        visible.append(scalar)
      }
    }
    return String(visible)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    if let byte = PathText.byte(of: scalar) {
      return "\\x" + String(byte, radix: 16, uppercase: true)
    }
    return "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
  }

  /// The number of terminal columns that printable text takes.
  package static func width(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + width($1) }
  }

  /// The text cut to at most `limit` columns, with "…" as the last where something was cut.
  package static func truncated(_ text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    guard limit > 0 else { return "" }
    var kept = ""
    var used = 0
    for character in text {
      let next = width(character)
      if used + next > limit - 1 { break }
      kept.append(character)
      used += next
    }
    return kept + "…"
  }

  /// The text with spaces behind it, `columns` wide.
  package static func left(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  /// The text with spaces before it, `columns` wide.
  package static func right(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - width(text))) + text
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate, .privateUse: true
    // Joiners (U+200C, U+200D) are part of words and emoji; tags (U+E0020…) of flags.
    case .format: !(0x200C...0x200D ~= scalar.value || 0xE0020...0xE007F ~= scalar.value)
    default: false
    }
  }

  /// A grapheme cluster takes the room of its widest scalar; emoji presentation takes two columns.
  private static func width(_ character: Character) -> Int {
    var widest = 0
    for scalar in character.unicodeScalars {
      if scalar.value == 0xFE0F { return 2 }
      widest = max(widest, width(scalar))
    }
    return widest
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wideRanges.contains { $0 ~= scalar.value } ? 2 : 1
  }

  /// Blocks whose characters are two columns wide (Unicode Standard Annex 11, classes W and F).
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18DFF, 0x1AFF0...0x1B2FF,
    0x1F200...0x1F2FF, 0x20000...0x3FFFD,
  ]
}
