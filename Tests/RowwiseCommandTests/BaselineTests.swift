import Foundation
import Testing

@testable import RowwiseCommand

/// `rowwise compare --baselines`.
struct BaselineTests {
  @Test func findsTheUnitsNearestToABudget() throws {
    let square = { (units: Int) in units * units + units }
    #expect(BaselineFamily.units(nearest: 110, weights: square) == 10)
    #expect(BaselineFamily.units(nearest: 119, weights: square) == 10)
    #expect(BaselineFamily.units(nearest: 121, weights: square) == 10)
    #expect(BaselineFamily.units(nearest: 122, weights: square) == 11)
    #expect(BaselineFamily.units(nearest: 1, weights: square) == 1)
    #expect(BaselineFamily.units(nearest: 1_000_000, weights: { $0 }) == 65_536)
  }

  @Test func theVerdictNamesWhatCannotBeToldApart() {
    let accounts = ["one", "two", "three"].map {
      BaselineVerdict.Account(name: $0, latency: $0 == "two" ? 0.001 : 0.002)
    }
    let good = (0..<400).map { $0 % 10 != 0 }
    var nearly = good
    nearly[1] = false
    let bad = (0..<400).map { $0 % 2 != 0 }
    let verdict = BaselineVerdict(accounts, correct: [good, nearly, bad], budget: "a day")
    #expect(verdict.best == 0 && verdict.asGood == [1])
    #expect(
      verdict.text
        == "With a day, by 400 validation images one fits these data best (90.00 % right); "
        + "they do not tell it from two. Of these two answers fastest (1000 µs an image).")
    let clear = BaselineVerdict(accounts, correct: [bad, bad, good], budget: "a day")
    #expect(clear.best == 2 && clear.asGood.isEmpty)
    #expect(clear.text.hasSuffix("significantly better than every other."))
    // Of equally good ones the faster is named.
    #expect(BaselineVerdict(accounts, correct: [good, good, good], budget: "a day").best == 1)
  }

  @Test func trainsTheKindsUnderOneBudget() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "compare", "--baselines", "digits", "--epochs", "3", "--parameters", "3000",
      "--learning-rate", "0.003", "--learning-rate", "0.01", "--report", "report", "--format",
      "json")
    #expect(run.status == 0, "\(run.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let models = try #require(value?["models"] as? [[String: Any]])
    #expect(models.count == 4)
    for model in models {
      let parameters = try #require(model["parameters"] as? Int)
      #expect(abs(parameters - 3_000) < 150, "\(model)")
      #expect((model["accuracy"] as? Double ?? 0) > 0.5)
      #expect((model["training_seconds"] as? Double ?? 0) > 0)
    }
    let verdict = try #require(value?["verdict"] as? String)
    #expect(verdict.contains(", by 145 validation images "))
    #expect(
      verdict.hasPrefix("With 3 epochs and at most 3,")
        || verdict.hasPrefix("With 3 epochs and at most 2,9"))
    #expect(value?["samples"] as? Int == 360)
    #expect(run.errors.split(separator: "\n").count { $0.contains("learning rate 0.0") } == 8)
    // The models are there and give the same figures.
    let alone = try place.rowwise(
      "evaluate", "report/gru.safetensors", "digits", "--format", "json")
    let metrics = try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any]
    #expect(models[1]["accuracy"] as? Double == metrics?["accuracy"] as? Double)
  }

  /// Data without a test part: some images are kept for the end.
  @Test func undividedDataAreDivided() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "compare", "--baselines", "Datasets/digits-png", "--epochs", "1", "--parameters", "500",
      "--size", "8")
    #expect(run.status == 64, "there is no such option")
    let whole = try place.rowwise(
      "compare", "--baselines", "Datasets/digits-png", "--epochs", "1", "--parameters", "500")
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(
      whole.errors.hasPrefix("data: 30 images to train on, 10 to choose by, 10 to judge by\n"))
  }
}
