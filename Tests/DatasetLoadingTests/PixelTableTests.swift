import Foundation
import RowwiseDatasetLoading
import TestSupport
import Testing

/// Tables with a picture in each row.
@Suite struct PixelTableTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func row(_ label: String?, _ first: Int, _ count: Int = 16) -> String {
    ((label.map { [$0] } ?? []) + (0..<count).map { "\((first + $0 * 3) % 256)" }).joined(
      separator: ",")
  }

  private func message(_ text: String, _ name: String = "t.csv") throws -> String {
    let path = try folder.write(text: text, to: name)
    do {
      _ = try DatasetLoader.open(path)
      return ""
    } catch {
      return "\(error)".replacing(path, with: "T")
    }
  }

  private let names = (0..<16).map { "pixel\($0)" }.joined(separator: ",")

  @Test func rowsArePictures() throws {
    let rows = ["7", "2", "7"].enumerated().map { row($1, $0) }
    let plain = rows.joined(separator: "\n")
    let forms = [
      "mnist_all.csv": plain, "header.csv": "label,\(names)\n" + plain + "\n",
      "windows.csv": "\u{FEFF}label,\(names)\r\n" + rows.joined(separator: "\r\n") + "\r\n",
      "semicolons.csv": plain.replacing(",", with: ";"),
      "tabs.tsv": plain.replacing(",", with: "\t"),
      "quoted.csv": rows.map { $0.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",") }
        .joined(separator: "\n"),
      "floats.csv": rows.map { $0.split(separator: ",").map { "\($0).0" }.joined(separator: ",") }
        .joined(separator: "\n"),
    ]
    var fingerprints: Set<DataFingerprint> = []
    for (name, text) in forms {
      let layout = try DatasetLoader.locate(folder.write(text: text, to: name))
      #expect(layout.kind == .table, "\(name)")
      let whole = try layout.load(.whole)
      #expect(whole.classNames == ["2", "7"] && whole.labels == [1, 0, 1], "\(name)")
      #expect(whole.width == 4 && whole.height == 4 && whole.color == .gray)
      #expect(try whole.pixels(at: 1) == (0..<16).map { UInt8(1 + 3 * $0) })
      fingerprints.insert(whole.fingerprint)
    }
    let packed = try folder.write(gzip(Array(plain.utf8)), to: "packed.csv.gz")
    fingerprints.insert(try #require(try DatasetLoader.open(packed).whole).fingerprint)
    #expect(fingerprints.count == 1)
  }

  /// As pandas writes tables, and with a label that no name tells.
  @Test func columnsAreCalledManyWays() throws {
    let rows = ["7", "2", "7"].enumerated().map { row($1, $0) }
    let numbered = (0..<16).map { "\($0)" }.joined(separator: ",")
    let last = ["7", "2", "7"].enumerated().map { row(nil, $0) + "," + $1 }
    for (name, text) in [
      ("a.csv", "label,\(numbered)\n" + rows.joined(separator: "\n")),
      (
        "b.csv",
        ",\(numbered),target\n" + last.enumerated().map { "\($0),\($1)" }.joined(separator: "\n")
      ), ("c.csv", "\(names),species\n" + last.joined(separator: "\n")),
      ("d.csv", "species,\(names)\n" + rows.joined(separator: "\n")),
    ] {
      let whole = try #require(try DatasetLoader.open(folder.write(text: text, to: name)).whole)
      #expect(whole.classNames == ["2", "7"] && whole.labels == [1, 0, 1], "\(name)")
      #expect(try whole.pixels(at: 1) == (0..<16).map { UInt8(1 + 3 * $0) }, "\(name)")
    }
    let inner = "id,pixel0,label," + (1..<16).map { "pixel\($0)" }.joined(separator: ",") + "\n"
    #expect(
      try message(inner + "0,1,7" + String(repeating: ",5", count: 15), "e.csv").contains(
        "the column label stands among those of the pixels"))
  }

  /// A header of a large picture is longer than what is read at once.
  @Test func rowsMayBeLong() throws {
    let names = (0..<40_000).map { "pixel\($0)" }.joined(separator: ",")
    let rows = (0..<4).map { row("\($0 % 2)", $0, 40_000) }.joined(separator: "\n")
    let path = try folder.write(text: "label,\(names)\n\(rows)", to: "large.csv")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.width == 200 && whole.labels == [0, 1, 0, 1])
  }

  @Test func manyRowsAreReadInPortions() throws {
    // More than two portions of 8 MiB.
    let rows = (0..<7_000).map { row("\($0 % 10)", $0, 1024) }
    let path = try folder.write(text: rows.joined(separator: "\n"), to: "many.csv")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.count == 7_000 && whole.width == 32)
    #expect(whole.labels == (0..<7_000).map { Int32($0 % 10) })
    for index in [0, 2_345, 6_999] {
      #expect(
        try whole.pixels(at: index) == (0..<1024).map { UInt8((index + $0 * 3) % 256) })
    }
    #expect(try message(rows.joined(separator: "\n") + "\n3,x").hasPrefix("T, line 7001: "))
  }

  @Test func sizesAndLabelsByTheirNames() throws {
    let wide =
      "label," + (1...2).flatMap { y in (1...8).map { "\(y)x\($0)" } }.joined(separator: ",")
    let path = try folder.write(
      text: wide + "\ncat," + row(nil, 0) + "\ndog," + row(nil, 1), to: "wide.csv")
    let whole = try #require(try DatasetLoader.open(path).whole)
    #expect(whole.width == 8 && whole.height == 2 && whole.classNames == ["cat", "dog"])
    // The label may come last, and rows have numbers.
    let last = try folder.write(
      text: "id,\(names),class\n0,\(row(nil, 0)),a\n1,\(row(nil, 1)),b", to: "last.csv")
    #expect(try DatasetLoader.open(last).whole?.classNames == ["a", "b"])
    let colour = try folder.write(
      text: row("0", 0, 75) + "\n" + row("1", 5, 75), to: "colour.csv")
    #expect(try DatasetLoader.open(colour).whole?.color == .rgb)
  }

  @Test func foldersOfTables() throws {
    for part in ["train", "test"] {
      try folder.write(text: row("1", 0) + "\n" + row("2", 1), to: "m/mnist_\(part).csv")
    }
    #expect(Set(try DatasetLoader.open(folder.path("m")).parts.keys) == [.train, .test])
    // As Kaggle has it: the rows to be told have no labels.
    try folder.write(text: "label,\(names)\n" + row("1", 0) + "\n" + row("2", 1), to: "k/train.csv")
    try folder.write(text: "\(names)\n" + row(nil, 0), to: "k/test.csv")
    let layout = try DatasetLoader.locate(folder.path("k"))
    #expect(layout.parts == [.train])
    #expect(layout.report.lines().first?.contains("test.csv has no labels; it is left out") == true)
    #expect(try message("\(names)\n" + row(nil, 0)).contains("pictures without labels"))
  }

  @Test func badRowsAreNamed() throws {
    let good = row("1", 0) + "\n" + row("2", 0) + "\n"
    #expect(try message(good) == "")
    #expect(try message(good + "1,2,3\n") == "T, line 3: 3 fields, expected 17")
    #expect(try message(good + row("1", 0) + ",9\n").contains("more than 17 fields"))
    #expect(
      try message(good + "\n" + row("1", 0).replacing(",9,", with: ",256,"))
        == "T, line 4: column 5 is “256”, expected a pixel: a whole number from 0 to 255")
    #expect(try message(good + row("1", 0).replacing(",9,", with: ",-3,")).contains("“-3”"))
    #expect(try message(good + row("1", 0).replacing(",9,", with: ",0.5,")).contains("“0.5”"))
    #expect(try message(good + row("", 0)).contains("the label in column 1 is empty"))
    #expect(try message("label," + names + ",more\n" + row("1", 0, 17)).contains("17 columns"))
  }
}
