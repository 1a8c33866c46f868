import Foundation
import Testing

@testable import RowwiseCommand

/// `rowwise compare` of models that are there.
struct CompareCommandTests {
  @Test func comparesModelsOnTheSameImages() throws {
    let place = try Workplace()
    for (name, units) in [("good", "24"), ("poor", "2")] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "3", "--layers", "lstm:\(units)", "--learning-rate", "0.01",
        "--output", name)
      #expect(run.status == 0)
    }
    let run = try place.rowwise(
      "compare", "poor", "good", "--data", "digits", "--report", "report", "--format", "json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.text("report/comparison.json") == run.output)
    let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(value?["samples"] as? Int == 360)
    let models = try #require(value?["models"] as? [[String: Any]])
    #expect(models.map { $0["name"] as? String } == ["poor", "good"])
    for (model, name) in zip(models, ["poor", "good"]) {
      let alone = try place.rowwise("evaluate", name, "digits", "--format", "json")
      let metrics =
        try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any]
      #expect(model["accuracy"] as? Double == metrics?["accuracy"] as? Double)
      #expect(model["loss"] as? Double == metrics?["loss"] as? Double)
      #expect((model["latency_ms"] as? Double ?? 0) > 0)
      #expect((model["images_per_second"] as? Double ?? 0) > 0)
    }
    let pair = try #require((value?["pairs"] as? [[String: Any]])?.first)
    #expect((pair["mcnemar_p"] as? Double ?? 1) < 1e-6)
    let page = try place.text("report/report.html")
    #expect(page.contains("Training: validation accuracy"))
    let table = try place.rowwise("compare", "poor", "good", "--data", "digits")
    #expect(table.output.contains("\n2  good  "))
    #expect(table.output.contains("< 0.0001 *"))
    let same = try place.rowwise("compare", "good", "good", "--data", "digits")
    #expect(same.output.contains("\n2  good (2)  "))
  }

  @Test func saysWhatIsMissing() throws {
    let place = try Workplace()
    _ = try place.rowwise("train", "digits", "--epochs", "1", "--layers", "lstm:2", "--output", "a")
    for (arguments, message, status) in [
      (["a", "--data", "digits"], "name at least two MODELS, or --baselines DATA", 64),
      (["a", "a"], "--data is missing", 64),
      (["a", "a", "--data", "digits", "--epochs", "2"], "go with --baselines only", 64),
      (["a", "--baselines", "digits"], "--baselines trains its own models", 64),
      (["a", "b", "--data", "digits"], "b: no such file or folder", 66),
      (["a", "a", "--data", "nowhere"], "nowhere: no such file or folder", 66),
      (["--baselines", "digits", "--parameters", "3"], "--parameters must be from 100", 64),
    ] as [([String], String, Int32)] {
      let run = try ToolRun(["compare"] + arguments + ["--report", "new"], in: place.path)
      #expect(run.status == status, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(message), "\(run.errors)")
      #expect(!place.contents.contains("new"))
    }
  }
}
