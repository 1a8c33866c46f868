import RowwiseTexts
import Testing

@Suite struct TerminalTextTests {
  @Test(arguments: [
    ("plain name", "plain name"),
    ("two\nrows\r\n\tend", "two\\nrows\\r\\n\\tend"),
    ("\u{1B}[31mred", "\\u{1B}[31mred"),
    ("a\\nb", "a\\\\nb"),
    ("abc\u{202E}cba", "abc\\u{202E}cba"),
    ("zero\u{200B}width", "zero\\u{200B}width"),
    ("nul\0", "nul\\u{0}"),
    ("\u{9B}31m", "\\u{9B}31m"),
    ("猫 é 👩‍🔬", "猫 é 👩‍🔬"),
  ])
  func escapesWhatTerminalsActOn(name: String, printed: String) {
    #expect(TerminalText.printable(name) == printed)
  }

  @Test(arguments: [
    ("abc", 3), ("", 0), ("猫", 2), ("ねこcat", 7), ("e\u{301}", 1), ("한국", 4), ("👩‍🔬", 2),
    ("🇫🇷", 2), ("❤️", 2), ("ｱ", 1), ("Ａ", 2), ("…", 1), ("ß", 1),
  ])
  func measuresColumns(text: String, width: Int) {
    #expect(TerminalText.width(text) == width)
  }

  @Test func cutsToColumns() {
    #expect(TerminalText.truncated("abcdef", to: 6) == "abcdef")
    #expect(TerminalText.truncated("abcdef", to: 5) == "abcd…")
    #expect(TerminalText.truncated("猫猫猫", to: 5) == "猫猫…")
    #expect(TerminalText.truncated("猫猫猫", to: 4) == "猫…")
    #expect(TerminalText.truncated("abc", to: 1) == "…")
    #expect(TerminalText.truncated("abc", to: 0).isEmpty)
  }

  @Test func padsToColumns() {
    #expect(TerminalText.left("猫", 4) == "猫  ")
    #expect(TerminalText.right("猫", 4) == "  猫")
    #expect(TerminalText.right("too long", 4) == "too long")
  }
}
