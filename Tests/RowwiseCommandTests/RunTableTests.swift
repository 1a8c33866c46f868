import Foundation
import Testing

@testable import RowwiseCommand

/// The table of `rowwise runs`.
struct RunTableTests {
  private func run(
    _ path: String, _ accuracy: Double, _ options: [String: String] = [:], in place: Workplace
  ) throws -> RunSummary {
    let head = "epoch,loss,accuracy,validation_loss,validation_accuracy,validation_macro_f1\n"
    try place.write(
      Data((head + "1,0.5,0.75,0.6,\(accuracy),0.7\n").utf8), to: "\(path)/history.csv")
    let texts = options.merging(["data": "digits", "epochs": "9"]) { given, _ in given }
    let members = texts.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ")
    try place.write(Data("{\(members)}".utf8), to: "\(path)/config.json")
    return try RunSummary(path: "\(place.path)/\(path)")
  }

  private func rows(_ table: RunTable, _ columns: Int) -> [String] {
    table.table.text(columns: columns).rows.split(separator: "\n").map { String($0) }
  }

  @Test func runsOnOneDataSetStandTogether() throws {
    let place = try Workplace()
    let runs = try [
      run("a", 0.5, in: place), run("b", 0.9, ["data": "other/"], in: place),
      run("c", 0.8, in: place), run("d", 0.95, ["data": "other"], in: place),
    ]
    let table = RunTable(runs, sortedBy: .validationAccuracy)
    let rows = rows(table, 80)
    func names(_ rows: [String]) -> [Substring] {
      rows.map { row in row.prefix { $0 != " " }.split(separator: "/").last ?? "" }
    }
    #expect(names(rows) == ["run", "digits:", "c", "a", "other:", "d", "b"])
    #expect(!rows[0].contains("data"))
    let csv = table.csv.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
    #expect(names(csv.map { String($0) }) == ["c", "a", "d", "b"])
    // Where all have the same data there is nothing to say.
    let same = RunTable([runs[0], runs[2]], sortedBy: .validationAccuracy)
    #expect(names(self.rows(same, 80)) == ["run", "c", "a"])
  }

  @Test(arguments: [60, 80, 120])
  func tablesFit(columns: Int) throws {
    let place = try Workplace()
    let long = "lstm:128:bidirectional,dropout:0.2,lstm:128:bidirectional,pool:max"
    let runs = try (1...3).map { number in
      let options = [
        "layers": number == 1 ? "lstm:8" : long, "learning_rate": "0.00\(number)",
        "augment": "light", "optimizer": number == 2 ? "adamw" : "lion", "seed": "\(number)",
        "batch_size": "\(number)", "clip_norm": "\(number)", "mixup": "0.\(number)",
      ]
      return try run("runs/a-long-name-of-data-\(number)", Double(number) / 10, options, in: place)
    }
    let table = RunTable(runs, sortedBy: .validationAccuracy)
    let rows = rows(table, columns)
    #expect(rows.count == 4 && rows.allSatisfy { $0.count <= columns }, "\(rows)")
    // What tells most stays longest.
    #expect(rows[0].hasPrefix("run") && rows[0].contains("val") && rows[0].contains("layers"))
    #expect(rows[1].contains("data-3") && rows[1].contains("30.00 %"))
    #expect(rows[0].contains("learning_rate") == (columns > 60))
    let leftOut = table.table.text(columns: columns).leftOut
    #expect(leftOut.contains("loss") && leftOut.contains("accuracy"))
    #expect(table.table.text(columns: 400).leftOut.isEmpty)
  }

  /// What has no room is said, and where it stands.
  @Test func whatIsLeftOutIsSaid() throws {
    let place = try Workplace()
    let (output, errors) = (
      MemorySink(isTerminal: true, columns: 60), MemorySink(isTerminal: false)
    )
    let console = Console(
      output: output, errors: errors, settings: Console.Settings(),
      environment: TerminalEnvironment())
    let table = try RunTable([run("a-run", 0.5, in: place)], sortedBy: .validationAccuracy)
    try table.write(to: console, of: "runs")
    let leftOut = table.table.text(columns: 60).leftOut.joined(separator: ", ")
    #expect(leftOut.hasSuffix("accuracy, loss"))
    #expect(output.text.split(separator: "\n").allSatisfy { $0.count <= 60 })
    #expect(errors.text == "no room for \(leftOut); all is in: rowwise runs runs --format csv\n")
  }
}
