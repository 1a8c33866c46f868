import Foundation
import Rowwise
import RowwiseImageDecoding
import RowwiseTexts
import TestSupport
import Testing

@testable import RowwiseCommand

/// `rowwise explain`, and `rowwise evaluate --evidence`.
@Suite struct ExplainCommandTests {
  private static let picture = "Datasets/digits-png/3/003.png"

  private func trained(_ layers: String = "lstm:8") throws -> Workplace {
    let place = try Workplace()
    let result = try place.rowwise(
      "train", "digits", "--layers", layers, "--recipe", "keras", "--epochs", "2", "--output", "m",
      "--quiet")
    #expect(result.status == 0, "\(result.errors)")
    return place
  }

  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func theTerminalShowsRowsAndSums() throws {
    let place = try trained()
    let run = try place.rowwise("explain", "m", Self.picture)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let rows = run.output.split(separator: "\n")
    #expect(rows[0] == Self.picture)
    #expect(rows[1].hasPrefix("class "))
    #expect(run.output.contains("pixels give "))
    #expect(run.output.contains("while reading, "))
    #expect(rows.allSatisfy { TerminalText.width(String($0)) <= 80 }, "\(run.output)")
    #expect(run.output.contains { "▁▂▃▄▅▆▇█".contains($0) })
    // Rows 1 … 8, each with three numbers.
    let table = rows.suffix(8).map { $0.split(separator: " ") }
    #expect(table.map(\.first) == (1...8).map { "\($0)" })
    #expect(table.allSatisfy { $0.count == 4 })
  }

  @Test func jsonHasAllNumbers() throws {
    let place = try trained()
    let run = try place.rowwise("explain", "m", Self.picture, "--format", "jsonl", "--class", "7")
    #expect(run.status == 0, "\(run.errors)")
    let found = try object(run.output)
    #expect(found["class"] as? String == "7")
    let pixels = try #require(found["pixels"] as? [[Double]])
    #expect(pixels.count == 8 && pixels.allSatisfy { $0.count == 8 })
    let sum = try #require(found["sum"] as? Double)
    #expect(abs(pixels.joined().reduce(0, +) - sum) < 1e-6)
    let change = try #require(found["change"] as? Double)
    #expect(found["converged"] as? Bool == true)
    #expect(abs(sum - change) <= 0.01 * abs(change) + 0.01)
    let reading = try #require(found["reading"] as? [String: Any])
    let (odds, evidence) = (reading["log_odds"] as? [Double], reading["evidence"] as? [Double])
    #expect(odds?.count == 9 && evidence?.count == 8)
    #expect((reading["probabilities"] as? [[Double]])?.last?.count == 10)
    let occlusion = try #require(found["occlusion"] as? [String: Any])
    #expect((occlusion["grid"] as? [[Double]])?.count == 4)
    let document = try object(
      try place.rowwise("explain", "m", Self.picture, Self.picture, "--format", "json").output)
    #expect((document["pictures"] as? [Any])?.count == 2)
    #expect(document["schema"] as? Int == 1)
    // The same as the file's.
    let file = try place.rowwise("explain", "m", Self.picture, Self.picture, "--output", "why.json")
    #expect(file.status == 0 && file.output.isEmpty && file.errors == "evidence: why.json\n")
    #expect(try object(place.text("why.json")) as NSDictionary == document as NSDictionary)
  }

  @Test func aModelThatReadsBothWaysSaysWhyRowsAreMissing() throws {
    let place = try trained("lstm:4:bidirectional")
    let run = try place.rowwise("explain", "m", Self.picture)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("no evidence while reading: layer 1 of the model"))
    let found = try object(
      try place.rowwise("explain", "m", Self.picture, "--format", "jsonl").output)
    #expect(found["reading"] is NSNull)
    #expect((found["reading_absent"] as? String)?.contains("lstm:4:bidirectional") == true)
    #expect((found["pixels"] as? [Any])?.count == 8)
  }

  /// The page opens without any request, shows its pictures, and its slider tells of every row.
  @Test(.enabled(if: Browser.path != nil)) func thePage() throws {
    let place = try trained()
    let run = try place.rowwise(
      "explain", "m", Self.picture, "Datasets/digits-png/7/007.png", "nothing.png", "--output",
      "why.html")
    #expect(run.status == CommandStatus.someInputsFailed.rawValue)
    let (document, messages) = try Browser.open(place.text("why.html")) {
      """
      const data = document.body.dataset;
      const section = document.querySelector("section.evidence");
      data.sections = document.querySelectorAll("section.evidence").length;
      data.images = [...document.images].filter(i => i.complete && i.naturalWidth === 8).length;
      data.bars = section.querySelectorAll(".bars rect").length;
      const before = section.querySelector("output").textContent;
      const slider = section.querySelector("input");
      slider.value = 3;
      slider.dispatchEvent(new Event("input"));
      const after = section.querySelector("output").textContent;
      data.moved = before !== after && after.startsWith("after 3 of 8 rows: ");
      data.unread = section.style.getPropertyValue("--unread");
      const frame = section.querySelector(".frame").getBoundingClientRect();
      const bars = section.querySelector(".bars").getBoundingClientRect();
      data.aligned = Math.abs(frame.top - bars.top) < 1 && Math.abs(frame.height - bars.height) < 1;
      data.failures = document.body.textContent.includes("nothing.png");
      """
    }
    for (name, value) in [
      ("sections", "2"), ("images", "4"), ("bars", "8"), ("moved", "true"), ("unread", "0.625"),
      ("aligned", "true"), ("failures", "true"), ("requests", "0"),
    ] {
      #expect(document.contains("data-\(name)=\"\(value)\""), "\(name)")
    }
    #expect(!messages.contains("CONSOLE"), "\(messages)")
  }

  @Test func thePicture() throws {
    let place = try trained()
    let run = try place.rowwise("explain", "m", Self.picture, Self.picture, "--output", "why.png")
    #expect(run.status == 0, "\(run.errors)")
    let sheets = try ImageDecoder.decode(path: "\(place.path)/why.png")
    #expect(try place.rowwise("explain", "m", Self.picture, "--output", "one.PNG").status == 0)
    let one = try ImageDecoder.decode(path: "\(place.path)/one.PNG")
    #expect(one.width == sheets.width && 2 * one.height == sheets.height)
    #expect(sheets.pixels == one.pixels + one.pixels)
    // Blue and orange are in it.
    let colors = stride(from: 0, to: one.pixels.count, by: 3).map { Array(one.pixels[$0..<$0 + 3]) }
    #expect(colors.contains([0x00, 0x72, 0xB2]) || colors.contains([0xD5, 0x5E, 0x00]))
  }

  /// One bad image does not lose the others; alone it is an error with a row that says why.
  @Test func badImages() throws {
    let place = try trained()
    try place.write(Data("no picture".utf8), to: "bad.png")
    let some = try place.rowwise("explain", "m", "bad.png", Self.picture, "--format", "jsonl")
    #expect(some.status == CommandStatus.someInputsFailed.rawValue)
    let rows = some.output.split(separator: "\n")
    #expect(rows.count == 2)
    #expect(try object(rows[0])["error"] is String)
    #expect(try object(rows[1])["class"] is String)
    #expect(
      some.errors.hasPrefix("rowwise: 1 of 2 images cannot be explained; the first: bad.png: "))
    let alone = try place.rowwise("explain", "m", "bad.png", "--output", "why.html")
    #expect(alone.status == CommandStatus.badData.rawValue)
    #expect(alone.errors.hasPrefix("rowwise: bad.png: "), "\(alone.errors)")
    #expect(!place.contents.contains("why.html"))
    let missing = try place.rowwise("explain", "m", "nowhere.png")
    #expect(missing.status == CommandStatus.inputNotFound.rawValue)
  }

  @Test func badCommandLines() throws {
    let place = try trained()
    for (arguments, words) in [
      (["--class", "33"], ["no class \"33\"", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"]),
      (["--output", "why.pdf"], [".html, .png or .json"]),
      (["--output", "why"], [".html, .png or .json"]),
      (["--output", "why.html", "--format", "json"], ["--format"]),
      (["--baseline", "gray"], ["mean", "white", "black"]),
      (["--format", "csv"], ["text", "json", "jsonl"]),
    ] {
      let run = try ToolRun(["explain", "m", Self.picture] + arguments, in: place.path)
      #expect(run.status == CommandStatus.usage.rawValue, "\(arguments)")
      #expect(run.output.isEmpty && words.allSatisfy(run.errors.contains), "\(run.errors)")
    }
    let noMean = try place.rowwise("explain", "m", Self.picture, "--baseline", "mean")
    #expect(noMean.status == CommandStatus.badData.rawValue)
    #expect(noMean.errors.contains("keeps no mean"), "\(noMean.errors)")
    let noFolder = try place.rowwise("explain", "m", Self.picture, "--output", "no/why.html")
    #expect(noFolder.status == CommandStatus.cannotCreateOutput.rawValue)
    let first = try place.rowwise("explain", Self.picture, "m")
    #expect(first.status == CommandStatus.usage.rawValue)
  }

  /// The galleries of a report open the evidence of their pictures, in the one file.
  @Test(.enabled(if: Browser.path != nil)) func reportsOpenTheEvidence() throws {
    let place = try trained()
    for (arguments, words) in [
      (["--evidence"], "--evidence goes with --report"),
      (["--evidence", "--report", "r", "--folds", "2"], "--folds"),
    ] {
      let run = try ToolRun(["evaluate", "m", "digits"] + arguments, in: place.path)
      #expect(run.status == CommandStatus.usage.rawValue && run.errors.contains(words))
    }
    #expect(try place.rowwise("evaluate", "m", "digits", "--report", "plain").status == 0)
    #expect(!(try place.text("plain/report.html").contains("class=\"why\"")))
    let run = try place.rowwise("evaluate", "m", "digits", "--report", "r", "--evidence")
    #expect(run.status == 0, "\(run.errors)")
    let (document, messages) = try Browser.open(place.text("r/report.html")) {
      """
      const data = document.body.dataset;
      const all = [...document.querySelectorAll(".gallery figure")];
      data.every = all.length > 24 && all.every(f => f.querySelector("details.why img, details.why .bars"));
      const why = document.querySelector("details.why");
      why.open = true;
      data.shown = why.querySelector("img").getBoundingClientRect().height > 40;
      // Pictures that are opened from a cell of the matrix have theirs.
      const cells = [...document.querySelectorAll("#matrix td")];
      cells.find(c => c.dataset.label !== c.dataset.prediction && c.dataset.count !== "0").click();
      const opened = [...document.querySelectorAll("#cell figure")];
      data.opened = opened.length > 0 && opened.every(f => f.querySelector("details.why .bars"));
      """
    }
    for name in ["every", "shown", "opened"] {
      #expect(document.contains("data-\(name)=\"true\""), "\(name)")
    }
    #expect(document.contains("data-requests=\"0\"") && !messages.contains("CONSOLE"))
  }
}
