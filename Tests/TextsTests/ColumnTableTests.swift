import RowwiseTexts
import Testing

/// Tables and texts that are made to fit.
struct ColumnTableTests {
  static let table = ColumnTable([
    .init("name", rank: 0, cut: .keepsEnd(least: 6), cells: ["folder/first", "folder/second"]),
    .init("validation accuracy", short: "acc.", isNumber: true, rank: 0, cells: ["97.1 %", "8 %"]),
    .init("loss", isNumber: true, rank: 2, cells: ["0.1", "2"]),
    .init("layers", rank: 1, cut: .keepsStart(least: 8), cells: ["lstm:128,lstm:128", ""]),
  ])

  @Test func headingsAreShortenedFirst() {
    let whole = Self.table.text(columns: 80)
    #expect(whole.leftOut.isEmpty)
    #expect(
      whole.rows == """
        name           validation accuracy  loss  layers
        folder/first                97.1 %   0.1  lstm:128,lstm:128
        folder/second                  8 %     2

        """)
    #expect(
      Self.table.text(columns: 50).rows == """
        name             acc.  loss  layers
        folder/first   97.1 %   0.1  lstm:128,lstm:128
        folder/second     8 %     2

        """)
  }

  @Test func cellsAreCutThenColumnsGo() {
    // Seven columns too many: the widest cells give them, one after the other.
    let cut = Self.table.text(columns: 36)
    #expect(cut.leftOut.isEmpty)
    #expect(
      cut.rows == """
        name          acc.  loss  layers
        …der/first  97.1 %   0.1  lstm:128,…
        …er/second     8 %     2

        """)
    let narrow = Self.table.text(columns: 24)
    #expect(narrow.leftOut == ["loss"])
    #expect(
      narrow.rows == """
        name      acc.  layers
        …first  97.1 %  lstm:12…
        …econd     8 %

        """)
    let narrowest = Self.table.text(columns: 5)
    #expect(narrowest.leftOut == ["layers", "loss"])
    #expect(narrowest.rows == "name      acc.\n…first  97.1 %\n…econd     8 %\n")
  }

  @Test func headingsStandBeforeRows() {
    var table = ColumnTable([.init("a", rank: 0, cells: ["1", "2"])])
    table.headings = [0: "one:", 1: "two:"]
    #expect(table.text(columns: 80).rows == "a\none:\n1\ntwo:\n2\n")
  }

  /// Whatever the width, no row is wider as long as something can go.
  @Test(arguments: 16...90) func noRowIsWider(columns: Int) {
    for row in Self.table.text(columns: columns).rows.split(separator: "\n") {
      #expect(TerminalText.width(String(row)) <= columns)
    }
  }

  @Test func endsAreKept() {
    #expect(TerminalText.end(of: "folder/file", to: 11) == "folder/file")
    #expect(TerminalText.end(of: "folder/file", to: 6) == "…/file")
    #expect(TerminalText.end(of: "ab", to: 1) == "…")
    #expect(TerminalText.end(of: "ab", to: 0) == "")
    #expect(TerminalText.end(of: "日本語", to: 5) == "…本語")
  }

  @Test func textsAreFoldedAtSpaces() {
    #expect(TerminalText.folded("one two three", to: 13) == ["one two three"])
    #expect(TerminalText.folded("one two three", to: 12) == ["one two", "  three"])
    #expect(TerminalText.folded("  one two three", to: 9, indent: 4) == ["  one two", "    three"])
    #expect(
      TerminalText.folded("a /long/path/of/a/file b", to: 8) == [
        "a", "  /long/path/of/a/file", "  b",
      ])
    #expect(TerminalText.folded("/long/path", to: 4) == ["/long/path"])
    #expect(TerminalText.folded("", to: 0) == [""])
  }
}
