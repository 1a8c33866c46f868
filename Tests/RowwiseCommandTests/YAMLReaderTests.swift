import Testing

@testable import RowwiseCommand

/// YAML as libyaml tells of it.
struct YAMLReaderTests {
  private func values(_ text: String) throws -> [ConfigurationFile.Value] {
    try ConfigurationFile(text: text, path: "x").entries.map(\.value)
  }

  private func refusal(_ text: String) -> String? {
    do throws(ConfigurationError) {
      _ = try ConfigurationFile(text: text, path: "x")
      return nil
    } catch {
      return error.description
    }
  }

  @Test func scalarsAreWhatIsWritten() throws {
    for (text, expected) in [
      ("a: |\n  b\n  c\n", "b\nc\n"), ("a: |-\n  b\n", "b"), ("a: >\n  b\n  c\n", "b c\n"),
      ("a: 'it''s'", "it's"), (#"a: "\u00e9\x41\0\n""#, "éA\0\n"), ("a: b # c", "b"),
      ("a: b#c", "b#c"), ("a: 0x1F", "0x1F"), ("a: yes", "yes"), ("a: nULL", "nULL"),
      ("a: !!int '1'", "1"), ("a: ! true x", "true x"), ("a: 日本", "日本"), ("a: |\n  null", "null"),
      ("\u{FEFF}a: b\r\n", "b"), ("--- # c\na: b\n...\n# d\n", "b"), ("%YAML 1.1\n---\na: b", "b"),
      ("? a\n: b", "b"), ("? |-\n  a\n: b", "b"),
    ] {
      #expect(try values(text) == [.text(expected)], "\(text)")
    }
    #expect(try values("a: !!str null\nb: !!str true") == [.null, .bool(true)])
  }

  @Test func aliasesStandForTheLastValueOfTheirName() throws {
    #expect(
      try values("a: &v 1\nb: *v\nc: &v [*v, 2]\nd: *v\n") == [
        .text("1"), .text("1"), .list([.text("1"), .text("2")]),
        .list([.text("1"), .text("2")]),
      ])
    let file = try ConfigurationFile(text: "a: &k b\n*k : 1\n<<: {c: 2}\n", path: "x")
    #expect(file.entries.map(\.key) == ["a", "b", "<<"])
    #expect(refusal("a: *v") == "x, line 1: found undefined alias")
    #expect(refusal("a: 1\nb: &v {c: *v}") == "x, line 2: found undefined alias")
  }

  @Test func keysAreWordsAndOnce() {
    #expect(
      refusal("b: 1\na: 1\n\na: 2\n") == "x, line 4: the key \"a\" is there twice, first in line 2")
    // The line is the key's, not that of another table's.
    #expect(
      refusal("a: 1\nb: {c: 1,\n  a: 1}\nd: 1\n\"a\": 2\n")
        == "x, line 5: the key \"a\" is there twice, first in line 1")
    #expect(refusal("a: {b: 1, b: 2}") == "x, line 1: the key \"b\" is there twice")
    #expect(refusal("1: a\n'1': b") == "x, line 2: the key \"1\" is there twice, first in line 1")
    #expect(refusal("a: 1\n? [b]\n: 1") == "x, line 2: a key must be a word")
  }

  @Test func whatIsNoYAMLNamesItsLine() {
    for (text, expected) in [
      ("", "x, line 1: it is empty"), ("# c\n", "x, line 1: it is empty"),
      ("\u{FEFF}", "x, line 1: it is empty"), ("---\n", "x, line 1: expected keys with values"),
      ("[a]", "x, line 1: expected keys with values"),
      ("a: 1\n---\nb: 2", "x, line 2: but found another document"),
      ("a: 'b\n", "x, line 2: found unexpected end of stream"),
      ("a: [1,\n2\n", "x, line 3: did not find expected ',' or ']'"),
      ("a: 1\n b: 2\n", "x, line 2: mapping values are not allowed in this context"),
      ("a: @b", "x, line 1: found character that cannot start any token"),
      ("a: \"\\q\"", "x, line 1: found unknown escape character"),
      ("a: 1\nb: \u{7}\n", "x, line 1: it is no YAML"),
    ] {
      #expect(refusal(text) == expected)
    }
  }

  @Test func nestingEndsAtItsBound() {
    func nested(_ depth: Int, _ inner: String = "") -> String {
      String(repeating: "[", count: depth) + inner + String(repeating: "]", count: depth)
    }
    // With the table of the file itself.
    let most = ConfigurationBounds.depth - 1
    let message =
      "lists and tables within each other, those that aliases repeat included"
    #expect(refusal("a: \(nested(most))") == nil)
    #expect(refusal("a: \(nested(most + 1))") == "x, line 1: more than 1000 \(message)")
    #expect(
      refusal("a:\n \(String(repeating: "- ", count: most + 1))b")
        == "x, line 2: more than 1000 \(message)")
    // The alias's own list is one more.
    #expect(refusal("a: &v \(nested(500))\nb: \(nested(most - 500, "*v"))") == nil)
    #expect(
      refusal("a: &v \(nested(500))\nb: \(nested(most - 499, "*v"))")
        == "x, line 2: more than 1000 \(message)")
  }
}
