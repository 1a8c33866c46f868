import Foundation
import RowwiseTraining
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

  private static let accounts = ["one", "two", "three"].map {
    BaselineVerdict.Account(name: $0, latency: $0 == "two" ? 0.001 : 0.002)
  }
  private static let good = (0..<400).map { $0 % 10 != 0 }
  private static let bad = (0..<400).map { $0 % 2 != 0 }

  private static func verdict(
    _ correct: [[Bool]], of accounts: [BaselineVerdict.Account] = accounts, epochs: Int = 9
  ) -> BaselineVerdict {
    BaselineVerdict(accounts, correct: correct, epochs: epochs, weights: 1_234)
  }

  @Test func theVerdictNamesWhatCannotBeToldApart() throws {
    let (good, bad) = (Self.good, Self.bad)
    var nearly = good
    nearly[1] = false
    let verdict = Self.verdict([good, nearly, bad])
    #expect(verdict.best == 0 && verdict.asGood == [1])
    #expect(
      verdict.text
        == "With 9 epochs and at most 1,234 weights for a network, 400 validation images favour one "
        + "(90.00 % right); they do not tell it from two. Of these the fastest is two (1000 µs an "
        + "image).")
    let clear = Self.verdict([bad, bad, good])
    #expect(clear.best == 2 && clear.asGood.isEmpty)
    #expect(clear.text.hasSuffix("significantly better than every other."))
    // Of equally good ones the faster is named.
    #expect(Self.verdict([good, good, good]).best == 1)
  }

  @Test func theVerdictSaysWhetherANetworkIsNeeded() {
    let (good, bad) = (Self.good, Self.bad)
    let sentence = " They do not show that a network is needed."
    var accounts = Self.accounts
    accounts[2].isNetwork = false
    #expect(Self.verdict([good, bad, good], of: accounts).text.contains(sentence))
    #expect(!Self.verdict([good, good, bad], of: accounts).text.contains(sentence))
    accounts[0].isNetwork = false
    accounts[1].isNetwork = false
    #expect(Self.verdict([good, good, bad], of: accounts).text.contains(sentence))
  }

  @Test func noVerdictBeforeEveryNetworkHasConverged() {
    var accounts = Self.accounts
    accounts[1].isUnfinished = true
    let verdict = Self.verdict([Self.good, Self.bad, Self.bad], of: accounts)
    #expect(verdict.best == nil && verdict.asGood.isEmpty)
    #expect(
      verdict.text
        == "No verdict: two had not converged after 9 epochs, so that a longer training could turn "
        + "the order. Train longer, with --epochs 18.")
    accounts[2].isUnfinished = true
    #expect(
      Self.verdict([Self.good, Self.bad, Self.bad], of: accounts, epochs: 1).text
        .hasPrefix("No verdict: two, three had not converged after 1 epoch, "))
  }

  @Test func optionsReplaceTheirPartOfTheRecipe() throws {
    var recipe = TrainingOptions()
    recipe.epochs = 77
    recipe.batchSize = 64
    recipe.optimizer = .adamw(learningRate: 0.004, weightDecay: 0.02)
    recipe.schedule = .oneCycle()
    recipe.clipNorm = 1
    recipe.restoresBestWeights = true
    #expect(try BaselineOptions.parse([]).trainings(recipe) == [recipe])
    let given = try BaselineOptions.parse([
      "--epochs", "5", "--batch-size", "16", "--learning-rate", "0.1", "--learning-rate", "0.2",
      "--seed", "3",
    ]).trainings(recipe)
    recipe.epochs = 5
    recipe.batchSize = 16
    recipe.seed = 3
    #expect(given.count == 2)
    for (options, rate) in zip(given, [0.1, 0.2]) {
      recipe.optimizer = .adamw(learningRate: rate, weightDecay: 0.02)
      #expect(options == recipe)
    }
    #expect(throws: (any Error).self) { try BaselineOptions.parse(["--learning-rate", "0"]) }
    #expect(throws: (any Error).self) { try BaselineOptions.parse(["--epochs", "0"]) }
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
    try #require(models.count == 7)
    for model in models {
      #expect((model["training_seconds"] as? Double ?? 0) > 0)
      #expect((model["latency_ms"] as? Double ?? 0) > 0)
    }
    for model in models.prefix(5) {
      let parameters = try #require(model["parameters"] as? Int)
      #expect(abs(parameters - 3_000) < 150, "\(model)")
      #expect((model["accuracy"] as? Double ?? 0) > 0.5)
    }
    // What needs no network: these two are done learning, and digits are easy for them.
    let names = models.suffix(2).map { $0["name"] as? String ?? "" }
    #expect(names[0] == "logistic regression" && names[1].hasPrefix("nearest neighbours (k = "))
    #expect((models[4]["name"] as? String)?.hasPrefix("CNN (conv:7,conv:14,dense:") == true)
    #expect(models[5]["parameters"] as? Int == 650)
    #expect((models[5]["accuracy"] as? Double ?? 0) > 0.92)
    #expect(models[6]["parameters"] as? Int == 1_292 * 64)
    #expect((models[6]["accuracy"] as? Double ?? 0) >= 0.97)
    #expect((value?["pairs"] as? [Any])?.count == 21)
    // Three epochs are too few.
    let verdict = try #require(value?["verdict"] as? String)
    #expect(verdict.hasPrefix("No verdict: LSTM, "))
    #expect(verdict.contains(" had not converged after 3 epochs, "))
    #expect(verdict.hasSuffix("Train longer, with --epochs 66."))
    #expect(value?["samples"] as? Int == 360)
    let rows = run.errors.split(separator: "\n")
    #expect(
      rows.count { $0.contains(" val. ") || $0.contains(", validation accuracy ") } == 10)
    #expect(rows.contains { $0.hasPrefix("LSTM: lstm:") && $0.hasSuffix(", not converged") })
    let plan = "networks: 3 epochs of batch 32, adamw one-cycle, light, about "
    #expect(rows.contains { $0.hasPrefix(plan) })
    #expect(rows.allSatisfy { $0.count <= 80 }, "\(run.errors)")
    // The models are there and give the same figures.
    for (file, index) in [("gru", 1), ("cnn", 4), ("logistic", 5)] {
      let alone = try place.rowwise(
        "evaluate", "report/\(file).safetensors", "digits", "--format", "json")
      let metrics =
        try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any]
      #expect(models[index]["accuracy"] as? Double == metrics?["accuracy"] as? Double)
    }
    #expect(try place.text("report/report.html").contains("nearest neighbours (k = "))
    // What a comparison has written a later one replaces.
    #expect(
      place.contents.filter { $0.hasPrefix("report/") }.allSatisfy {
        ComparisonFiles.names.contains(String($0.dropFirst(7)))
      })
  }

  /// Data without a test part: some images are kept for the end. Two passes of a recipe's hundreds give
  /// no verdict.
  @Test func undividedDataAreDivided() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "compare", "--baselines", "Datasets/digits-png", "--epochs", "1", "--parameters", "500",
      "--size", "8")
    #expect(run.status == 64, "there is no such option")
    let whole = try place.rowwise(
      "compare", "--baselines", "Datasets/digits-png", "--epochs", "2", "--parameters", "500")
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(
      whole.errors.hasPrefix("data: 30 images to train on, 10 to choose by, 10 to judge by\n"))
    // What is too wide for a row is cut behind the kind's name.
    for start in ["4  fully connected", "5  CNN (conv:"] {
      #expect(
        whole.output.split(separator: "\n").contains { $0.hasPrefix(start) }, "\(whole.output)")
    }
    let text = whole.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      text.contains("No verdict: LSTM, GRU, SimpleRNN, fully connected, CNN had not converged"))
    #expect(text.contains("Train longer, with --epochs 300."))
  }
}
