import Foundation
import RowwiseTexts
import Testing

@testable import RowwiseCommand

/// Nothing that people read is wider than 80 columns where no terminal says otherwise.
struct WidthTests {
  private func check(_ run: ToolRun, _ what: [String]) {
    for row in (run.output + run.errors).split(separator: "\n") {
      #expect(TerminalText.width(String(row)) <= 80, "\(what): \(row)")
    }
  }

  @Test func helpPagesFit() throws {
    let place = try Workplace()
    for name in [[]] + RowwiseCommand.configuration.subcommands.map({ [$0._commandName] }) {
      let run = try ToolRun(name + ["--help"], in: place.path)
      #expect(run.status == 0 && run.output.contains("USAGE: rowwise"))
      check(run, name)
    }
    let usage = "USAGE: rowwise do <this> [--much <much>] [--more <more> ...]\nOther text, longer."
    #expect(
      HelpText.folded(usage, to: 40)
        == "USAGE: rowwise do <this> [--much <much>]\n       [--more <more> ...]\n"
        + "Other text, longer.")
  }

  /// Every command that writes tables or logs, on small data with many options.
  @Test func commandsFit() throws {
    let place = try Workplace()
    try place.write(
      Data(
        """
        data: digits
        epochs: 1
        layers: ["lstm:4", "lstm:4:bidirectional,pool:max"]
        learning_rate: {min: 0.0003, max: 0.03, scale: log}
        """.utf8), to: "space.yaml")
    let layers =
      "lstm:4:bidirectional:residual:zoneout=0.1,dropout:0.2,lstm:4:bidirectional:layer-norm,pool:max"
    for arguments in [
      ["train", "digits", "--epochs", "2", "--layers", layers, "--learning-rate", "0.003"],
      ["train", "digits", "--epochs", "1", "--layers", "lstm:8", "--schedule", "cosine"],
      ["train", "digits", "--epochs", "1", "--layers", "lstm:4", "--folds", "2"],
      ["search", "space.yaml", "--trials", "2"], ["runs"],
      ["evaluate", "runs/digits-1", "digits"], ["inspect", "runs/digits-1"], ["inspect", "digits"],
      ["inspect", "Datasets/digits-png"], ["inspect", "Datasets/digits-png/3/003.png"],
      ["classify", "runs/digits-1", "Datasets/digits-png"],
      ["compare", "runs/digits-1", "runs/digits-2", "--data", "digits"],
      ["compare", "--baselines", "digits", "--epochs", "1", "--parameters", "400"],
      ["calibrate", "runs/digits-2", "digits"],
      ["export", "runs/digits-2", "--output", "d.onnx", "--weights", "int8", "--data", "digits"],
      ["import", "d.onnx", "--output", "d.safetensors"],
      ["benchmark", "--layers", layers, "--layers", "gru:8", "--seconds", "0.01"],
    ] {
      let run = try ToolRun(arguments, in: place.path)
      #expect(run.status == 0, "\(arguments): \(run.errors)")
      #expect(!(run.output + run.errors).isEmpty)
      check(run, arguments)
    }
  }

  /// Summaries fold what is long.
  @Test(arguments: [60, 80, 120]) func summariesFit(columns: Int) {
    let names = (0..<100).map { "class\($0)" }.joined(separator: ", ")
    let text = SummaryTable.text([("classes", names), ("a", "b")], columns: columns)
    let rows = text.split(separator: "\n").map { String($0) }
    #expect(rows.allSatisfy { $0.count <= columns } && rows.count > 6)
    #expect(rows[1].hasPrefix("         class") && rows.last == "a        b")
  }
}
