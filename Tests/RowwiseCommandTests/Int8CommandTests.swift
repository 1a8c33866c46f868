import Foundation
import Testing

@testable import RowwiseCommand

/// `--precision int8`, started as a shell would.
@Suite struct Int8CommandTests {
  private static func makePlace(_ layers: String) throws -> Workplace {
    let place = try Workplace()
    let run = try ToolRun(
      [
        "train", "digits", "--recipe", "keras", "--epochs", "3", "--layers", layers, "--output",
        "model",
      ], in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    return place
  }

  /// The same whole numbers, and so the same answers, whether a file keeps float32 or int8 weights.
  @Test func filesOfInt8WeightsAnswerTheSame() throws {
    let place = try Self.makePlace("lstm:16")
    let export = try place.rowwise(
      "export", "model", "-o", "small.safetensors", "--weights", "int8")
    #expect(export.status == 0, "\(export.errors)")
    func answers(_ model: String) throws -> [Substring] {
      let run = try ToolRun(
        ["classify", model, "Datasets/digits-png/3", "--precision", "int8", "--format", "csv"],
        in: place.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("int8: layer 1 (lstm, 16 units); float32: layer 2 (dense"))
      // Path and class.
      return run.output.split(separator: "\n").map { row in
        row.split(separator: ",").prefix(2).joined(separator: ",")[...]
      }
    }
    #expect(try answers("small.safetensors") == answers("model"))
  }

  @Test func evaluateSaysWhatItCosts() throws {
    let place = try Self.makePlace("lstm:16")
    let run = try ToolRun(
      ["evaluate", "model", "digits", "--precision", "int8"], in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("int8 against "))
    #expect(run.output.contains("(other predictions: "))
    let json = try ToolRun(
      ["evaluate", "model", "digits", "--precision", "int8", "--format", "json"], in: place.path)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let cost = try #require(report["precision_cost"] as? [String: Any])
    #expect(cost["precision"] as? String == "int8")
    let changed = try #require(cost["other_predictions"] as? Int)
    let plain = try #require(cost["float32_accuracy"] as? Double)
    let own = try #require(report["accuracy"] as? Double)
    #expect(abs(own - plain) * 360 <= Double(changed) + 1e-6)
    let float = try ToolRun(["evaluate", "model", "digits"], in: place.path)
    #expect(!float.output.contains("other predictions"))
  }

  /// Where gradients are needed, and where no layer has int8 products, it is refused.
  @Test func isForClassifying() throws {
    let place = try Self.makePlace("gru:4")
    for arguments in [
      ["train", "digits", "--epochs", "1"], ["explain", "model", "Datasets/digits-png/3/003.png"],
      ["evaluate", "model", "digits", "--folds", "2"],
      ["evaluate", "model", "digits", "--report", "r", "--evidence"],
      ["compare", "--baselines", "digits"], ["benchmark", "--cases", "T1_b32"],
    ] {
      let run = try ToolRun(arguments + ["--precision", "int8"], in: place.path)
      #expect(run.status == CommandStatus.usage.rawValue, "\(arguments): \(run.errors)")
      #expect(run.errors.hasPrefix("rowwise: --precision int8 is for classifying; "))
    }
    let run = try ToolRun(
      ["classify", "model", "Datasets/digits-png/3/003.png", "--precision", "int8"],
      in: place.path)
    #expect(run.status == CommandStatus.usage.rawValue)
    #expect(run.errors.hasPrefix("rowwise: --precision int8 is for lstm layers"))
  }

  @Test func benchmarkHasCasesOfItsOwn() throws {
    let report = try BenchmarkCommandTests.report([
      "--cases", "I1_b1,I1q_b1", "--seconds", "0.001", "--threads", "1",
    ])
    let cases = try #require(report["cases"] as? [[String: Any]])
    #expect(cases.map { $0["precision"] as? String } == ["float32", "int8"])
  }
}
