/// Cuts what messages repeat of somebody's input, so that a message stays one that can be read.
enum MessageText {
  /// A shorter message than this stays as it is.
  private static let longest = 2_000
  /// How much is kept of a long word and of a long message, at its beginning and at its end.
  private static let word = (longest: 300, start: 120, end: 60)
  private static let message = (start: 1_500, end: 300)

  /// The message with its long words cut in their middle, and cut itself where it is still long.
  static func cut(_ text: String) -> String {
    guard text.utf8.count > longest else { return text }
    let words = text.unicodeScalars.split(
      omittingEmptySubsequences: false, whereSeparator: \.properties.isWhitespace)
    var short = ""
    for part in words {
      if !short.isEmpty { short += " " }
      short +=
        part.count > word.longest
        ? shortened(part, start: word.start, end: word.end) : String(String.UnicodeScalarView(part))
      if short.utf8.count > 8 * longest { break }
    }
    guard short.utf8.count > longest else { return short }
    return shortened(short.unicodeScalars[...], start: message.start, end: message.end)
  }

  private static func shortened(
    _ text: Substring.UnicodeScalarView, start: Int, end: Int
  ) -> String {
    String(String.UnicodeScalarView(text.prefix(start))) + "…"
      + String(String.UnicodeScalarView(text.suffix(end)))
  }
}
