import Foundation
import Rowwise
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

  /// Classes are put side by side by their names, whatever their order in each model.
  @Test func classesMayStandInAnyOrder() throws {
    let place = try Workplace()
    let names = (0..<10).map { "\($0)" }
    for (name, classes, seed) in [
      ("a", names, 1), ("b", names.reversed(), 2), ("c", ["x"] + names.dropFirst(), 3),
    ] as [(String, [String], UInt64)] {
      try ImageClassifier(
        hiddenLayers: [LSTM(9)], preprocessing: Preprocessing(width: 8, height: 8),
        classNames: classes, seed: seed
      ).save(toPath: "\(place.path)/\(name).safetensors")
    }
    let (a, b, c) = ("a.safetensors", "b.safetensors", "c.safetensors")
    for pair in [[a, b], [b, a]] {
      let run = try place.rowwise(["compare"] + pair + ["--data", "digits", "--format", "json"])
      #expect(run.status == 0, "\(run.errors)")
      let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
      let models = try #require(value?["models"] as? [[String: Any]])
      for (model, name) in zip(models, pair) {
        let alone = try place.rowwise("evaluate", name, "digits", "--format", "json")
        let metrics =
          try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any]
        #expect(model["accuracy"] as? Double == metrics?["accuracy"] as? Double, "\(pair) \(name)")
        let (loss, other) = (model["loss"] as? Double ?? 0, metrics?["loss"] as? Double ?? 1)
        #expect(abs(loss - other) < 1e-9, "\(pair) \(name)")
      }
    }
    let refused = try place.rowwise("compare", a, c, "--data", "digits")
    #expect(refused.status == CommandStatus.badData.rawValue)
    #expect(
      refused.errors.contains(
        "c.safetensors: compared with a.safetensors, it lacks the class \"0\", and alone has the class "
          + "\"x\"; only models of the same classes, in any order,"), "\(refused.errors)")

    let shown = try place.rowwise("inspect", "\(a),\(b)")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("2, by the mean of their probabilities"))
    #expect(shown.output.contains("classes          10: 0, 1, 2"))
    #expect(shown.output.contains("2 of 2: b.safetensors"))
    let json = try place.rowwise("inspect", "\(a),\(b)", "--format", "json")
    #expect(json.output.contains("\"path\": \"b.safetensors\""))
    let different = try place.rowwise("inspect", "\(a),\(c)")
    #expect(different.status == CommandStatus.badData.rawValue)
    #expect(different.errors.contains("train it again with these"), "\(different.errors)")
    let missing = try place.rowwise("inspect", "\(a),none")
    #expect(missing.status == CommandStatus.inputNotFound.rawValue, "\(missing.errors)")
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
