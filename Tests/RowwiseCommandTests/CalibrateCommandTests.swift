import Foundation
import Testing

/// `rowwise calibrate`, and what evaluation and classification make of its model file.
struct CalibrateCommandTests {
  @Test func calibratesByTheImagesHeldBackInTraining() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "6", "--layers", "lstm:32", "--learning-rate", "0.01",
      "--seed", "4", "--output", "run")
    let before = try metrics(place, "run")
    let run = try place.rowwise("calibrate", "run", "digits", "--output", "scaled.safetensors")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output == "scaled.safetensors\n")
    let log = run.errors.split(separator: "\n")
    #expect(log.first == "validation data: 145 images of Datasets/digits")
    #expect(log.count == 4 && log[1].hasPrefix("temperature "))

    let after = try metrics(place, "scaled.safetensors")
    let temperature = try #require(after["temperature"] as? Double)
    #expect(abs(temperature - 1) > 0.01)
    for key in ["accuracy", "confusion_matrix"] {
      #expect(String(describing: after[key]) == String(describing: before[key]), "\(key)")
    }
    let old = try #require(after["before_calibration"] as? [String: Any])
    for key in ["loss", "brier_score", "expected_calibration_error"] {
      let taken = try #require(old[key] as? Double)
      let measured = try #require(before[key] as? Double)
      #expect(abs(taken - measured) < 1e-5, "\(key)")
      #expect(after[key] as? Double != measured)
    }
    #expect(before["temperature"] == nil)
    let inspect = try place.rowwise("inspect", "scaled.safetensors")
    #expect(inspect.output.contains("temperature"))
    let page = try place.rowwise("evaluate", "scaled.safetensors", "digits", "--report", "report")
    #expect(page.output.contains("before scaling by T = "))
    #expect(try place.text("report/report.html").contains("before calibration (ECE "))

    // classify gives p^(1/T).
    let picture = "Datasets/digits-png/7/007.png"
    let plain = try top(place, "run", picture)
    let scaled = try top(place, "scaled.safetensors", picture)
    let powers = plain.map { pow($0.probability, 1 / temperature) }
    for (index, entry) in scaled.enumerated() {
      #expect(entry.name == plain[index].name)
      #expect(abs(entry.probability - powers[index] / powers.reduce(0, +)) < 1e-4)
    }

    // Again: nothing is left to do, and the file is replaced.
    let again = try place.rowwise("calibrate", "scaled.safetensors", "digits")
    #expect(again.status == 0)
    let twice = try metrics(place, "scaled.safetensors")["temperature"] as? Double
    #expect(abs((twice ?? 0) - temperature) < 1e-3)
  }

  @Test func otherImagesNeedToBeNamed() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:8", "--validation-split", "0.2",
      "--output", "run")
    let refused = try place.rowwise("calibrate", "run", "digits")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("--validation-split"))
    #expect(
      try place.rowwise("calibrate", "run", "digits", "--validation-split", "0.2").status == 0)
    #expect(try place.rowwise("calibrate", "run", "digits", "--part", "test").status == 0)
    let wrong = try place.rowwise("calibrate", "run", "digits", "--validation-split", "1")
    #expect(wrong.status == 64)
    #expect(try place.rowwise("calibrate", "nothing", "digits").status == 66)
  }

  /// Two seeds, the same images held back, which are found again.
  @Test func imagesHeldBackHaveASeedOfTheirOwn() throws {
    let place = try Workplace()
    for seed in ["1", "2"] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--seed", seed, "--split-seed",
        "5",
        "--quiet", "--output", seed)
      #expect(run.status == 0, "\(run.errors)")
    }
    func fingerprint(_ run: String) throws -> String? {
      let inspected = try place.rowwise("inspect", run, "--format", "json")
      #expect(inspected.output.contains("\"split_seed\": \"5\""))
      return inspected.output.split(separator: "\n").first { $0.contains("data_fingerprint") }
        .map(String.init)
    }
    let first = try #require(try fingerprint("1"))
    #expect(try fingerprint("2") == first)
    #expect(try place.rowwise("combine", "1", "2", "--output", "both.safetensors").status == 0)
    let run = try place.rowwise("calibrate", "both.safetensors", "digits")
    #expect(run.status == 0, "\(run.errors)")
  }

  private func metrics(_ place: Workplace, _ model: String) throws -> [String: Any] {
    let run = try place.rowwise("evaluate", model, "digits", "--format", "json")
    #expect(run.status == 0)
    return try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
  }

  private func top(
    _ place: Workplace, _ model: String, _ picture: String
  ) throws -> [(name: String, probability: Double)] {
    let run = try place.rowwise(
      "classify", model, picture, "--format", "jsonl", "--top", "10")
    let row = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    return (row?["top"] as? [[String: Any]] ?? []).map {
      ($0["class"] as? String ?? "", $0["probability"] as? Double ?? .nan)
    }
  }
}
