import RowwiseTexts
import TestSupport
import Testing

@Suite struct CSVTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("two\nrows", "\"two\nrows\""), ("two\r\nrows", "\"two\r\nrows\""), (" lead", "\" lead\""),
    ("trail ", "\"trail \""), ("tab\tinside", "\"tab\tinside\""), ("猫", "猫"),
    ("\"\u{301}", "\"\"\"\u{301}\""), ("\u{1B}[31m", "\\u{1B}[31m"),
    ("a\u{202E}b\u{0}", "a\\u{202E}b\\u{0}"), ("back\\slash", "back\\slash"),
  ])
  func quotesWhereNeeded(text: String, field: String) {
    #expect(CSVText.field(text) == field)
  }

  @Test func hostileNamesReadBack() {
    let table = [hostileNames, ["plain"], ["", "", "x"]]
    let text = table.map(CSVText.row).joined()
    #expect(parseCSV(text) == table.map { $0.map(TerminalText.visible) })
    #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\0" })
  }

  @Test func numbersReadBack() {
    #expect(CSVText.number(0.1) == "0.1")
    #expect(CSVText.number(Float(0.1)) == "0.1")
    #expect(CSVText.number(Double.nan).isEmpty)
    #expect(CSVText.number(Float.infinity).isEmpty)
  }

  @Test func excelGetsAMarkAndNoFormulas() {
    #expect(
      ["-inf", "+nan", "-0x1p3", "-1e-05", "+.5"].map(CSVStyle.excel.field)
        == ["'-inf", "'+nan", "'-0x1p3", "-1e-05", "+.5"])
    #expect(CSVStyle.plain.file("a,=1\n") == "a,=1\n")
    #expect(
      CSVStyle.excel.file("caf\u{E9},=cmd,-dash,-1.5,+2,@x,\"a,b\"\n")
        == "\u{FEFF}caf\u{E9},'=cmd,'-dash,-1.5,+2,'@x,\"a,b\"\n")
  }
}
