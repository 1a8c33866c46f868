import RowwiseTexts
import Testing

/// Names of files that are bytes.
@Suite struct PathTextTests {
  /// Whatever the bytes, they come back, and two names never have the same text.
  @Test func bytesComeBack() {
    let names: [[UInt8]] = [
      Array("plain.png".utf8), Array("caf\u{E9} \u{1F600}.png".utf8), [0x63, 0x61, 0x66, 0xE9],
      [0xE9], [0xC3], [0xC3, 0xC3, 0xA9], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x80, 0x80],
      [0xFF, 0xFE, 0x2F, 0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [],
      // What stands for a byte, written out, is no such byte.
      Array("\u{10FFE9}".utf8), Array("\u{10FF7F}\u{10FF80}\u{10FFFF}".utf8),
    ]
    var texts: Set<String> = []
    for name in names {
      let text = PathText.text(name)
      #expect(PathText.bytes(text) == name, "\(name)")
      #expect(texts.insert(text).inserted, "\(name)")
    }
    var state: UInt64 = 7
    for _ in 0..<2000 {
      let name = (0..<6).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return [0x61, 0xC3, 0xA9, 0xF4, 0x8F, 0xBF, 0xBE, 0x80, 0xE9][Int(state >> 33) % 9]
      }
      #expect(PathText.bytes(PathText.text(name)) == name, "\(name)")
    }
  }

  @Test func utf8IsItself() {
    for name in ["a/b.png", "caf\u{E9}", "cafe\u{301}", "\u{10FF00}x"] {
      #expect(PathText.text(Array(name.utf8)).unicodeScalars.elementsEqual(name.unicodeScalars))
      #expect(!PathText.hasOtherBytes(name))
    }
    #expect(PathText.hasOtherBytes(PathText.text([0xE9])))
  }

  /// What is shown of a name leads back to it.
  @Test func shownBytesAreReadBack() {
    for name in [[0x63, 0xE9, 0x2E], [0xE9, 0x80, 0x61], [0xC3, 0x28]] as [[UInt8]] {
      let text = PathText.text(name)
      #expect(PathText.unescaped(TerminalText.visible(text)) == text)
      #expect(PathText.unescaped(TerminalText.printable(text)) == text)
      #expect(PathText.otherForms(of: TerminalText.visible(text)) == [text])
      // JSON has the scalars, which a list holds as UTF-8.
      #expect(PathText.otherForms(of: PathText.text(Array(text.utf8))) == [text])
    }
    // Bytes that make a character are that character.
    #expect(PathText.unescaped("caf\\xC3\\xA9") == "caf\u{E9}")
    for other in ["plain", "a\\b", "\\x", "\\xE", "\\x4A", "\\xZZ", "x\\"] {
      #expect(PathText.unescaped(other) == other)
      #expect(PathText.otherForms(of: other).isEmpty)
    }
  }

  @Test func theyAreShownAsBytes() {
    let text = PathText.text([0x63, 0xE9, 0x2E])
    #expect(TerminalText.printable(text) == "c\\xE9.")
    // In JSON it stays the scalar, whatever becomes of text that is written as bytes.
    #expect(JSONValue.string(text).compact == "\"c\\udbff\\udfe9.\"")
    #expect(CSVText.row([text]) == "c\\xE9.\r\n" || CSVText.row([text]) == "c\\xE9.\n")
  }
}
