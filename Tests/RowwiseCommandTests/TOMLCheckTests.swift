import Testing

@testable import RowwiseCommand

/// What TOML's parser would end the process for is refused before it.
@Suite struct TOMLCheckTests {
  private func refusal(_ text: String) -> String? {
    do throws(ConfigurationError) {
      _ = try ConfigurationFile(text: text, path: "x.toml", isTOML: true)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    "[!]", "[", "[[", "[\n", "[\t", "[[\n", "[#]", "[[#", "[.a]", "[é]", "[ [a]]", " \t[ =]",
    "[[\u{FFFD}]]", "\u{FEFF}[!]",
  ])
  func headersWithoutANameAreRefused(header: String) {
    // A mark of the order of bytes is one at the beginning only.
    let reason =
      header.hasPrefix("\u{FEFF}")
      ? "letters other than A to Z stand in quotes, keys included"
      : "expected a table's name behind [, as in [name]"
    #expect(refusal("epochs = 1 # [!]\n\(header)\n") == "x.toml, line 2: \(reason)", "\(header)")
    #expect(refusal(header)?.hasPrefix("x.toml, line 1: expected a table's name") == true)
  }

  @Test(arguments: ["é = 1", "epochs = ρ1", "epochs =\u{A0}1", "a = { é = 1 }", "a = [\n1, é]"])
  func otherLettersStandInQuotes(text: String) {
    let line = text.contains("\n") ? 2 : 1
    #expect(
      refusal(text)
        == "x.toml, line \(line): letters other than A to Z stand in quotes, keys included")
  }

  private static let time = "no option is a time, and a : stands in quotes; write key = value"

  @Test(arguments: [
    ("a = [}", "} closes no {"), ("a = {]", "] closes no ["), ("a = ]", "] closes no ["),
    ("[a]]", "] closes no ["), ("a = [1, {b = [}", "} closes no {"),
    ("a = 1979-05-27Tf7:32:00Z", time), ("a = [07:32:00]", time), ("epochs: 3", time),
    ("a = 1\"é\"", "a quotation begins within a word; expected one of its own"),
    ("a = \"b\"\"c\"", "a quotation begins within a word; expected one of its own"),
  ])
  func whatTheParserWouldNotRefuseIsRefused(text: String, reason: String) {
    #expect(refusal("epochs = 1\n" + text) == "x.toml, line 2: \(reason)")
  }

  /// Whatever stands in quotations, comments and lists is no header.
  @Test func valuesAreNoHeaders() throws {
    let text = #"""
      # [! é
      a = """
      [!] é \""" [!]
      """"
      b = '''
      [!] \'''
      c = [
        [1, 2], # [!
        ["[!"], [ ], ['é'],
      [[3]],
      ]
      "é" = "\\" # "
      d = { e = ["]:"], 'f'."g" = '' }
      [f]
      g = ""
      ["h"]
      [[ 'i' ]]
      """#
    let file = try ConfigurationFile(text: "\u{FEFF}" + text, path: "x.toml", isTOML: true)
    #expect(file.entries.map(\.key).sorted() == ["a", "b", "c", "d", "f", "h", "i", "é"])
  }
}
