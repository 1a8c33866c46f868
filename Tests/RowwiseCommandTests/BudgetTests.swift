import ArgumentParser
import Foundation
import RowwiseTexts
import Testing

@testable import RowwiseCommand

/// `--recipe best` and `--budget`.
struct BudgetTests {
  @Test(arguments: [
    ("90s", 90.0), ("10m", 600), ("1h", 3600), ("1.5h", 5400), ("0.5s", 0.5), ("1000h", 3.6e6),
  ])
  func times(text: String, seconds: Double) throws {
    let budget = try TimeBudget(text)
    #expect(budget.seconds == seconds && budget.description == text)
  }

  @Test(arguments: [
    "", "m", "10", "10d", "-1m", "+1m", "0s", "nan s", "infs", "1e9h", "10 m", "m10",
  ])
  func noTimes(text: String) throws {
    let error = #expect(throws: ValidationError.self) { try TimeBudget(text) }
    #expect(error?.message.contains("such as 90s, 10m or 1.5h") == true)
  }

  /// What was chosen stands in `config.json` and is repeated from there to the same bytes, without the
  /// time.
  @Test func aBudgetIsFixedInTheConfiguration() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--budget", "1s", "--layers", "lstm:4", "--no-progress", "--output", "a")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("budget 1s: recipe auto, "), "\(run.errors)")
    let configuration = try place.text("a/config.json")
    #expect(configuration.contains("\"budget\": null"))
    #expect(configuration.contains("\"layers\": \"lstm:4\""))
    let again = try place.rowwise(
      "train", "--config", "a/config.json", "--quiet", "--output", "b")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try place.bytes("a/model.safetensors") == place.bytes("b/model.safetensors"))
    #expect(try place.text("b/config.json") == configuration)
  }

  /// What reads patches gets some where no order is said, and says so where another one is.
  @Test func sweepsChooseTheirOrder() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--layers", "sweep:4,merge:2,sweep:4", "--epochs", "1", "--output", "a")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.text("a/config.json").contains("\"reading_order\": \"patches:1\""))
    let summary = try place.rowwise("inspect", "a")
    #expect(summary.output.contains("sweep, 4 units, 8 columns"), "\(summary.output)")
    #expect(summary.output.contains("merge, 2 × 2 patches"), "\(summary.output)")
    let stream = try place.rowwise("classify", "a", "--stream", "a/config.json")
    #expect(stream.status == 65 && stream.errors.contains("layer 1"), "\(stream.errors)")
    let other = try place.rowwise(
      "train", "digits", "--layers", "sweep:4", "--reading-order", "windows:3/1")
    #expect(other.status == 64)
    #expect(other.errors.contains("windows:3/1 makes none; take patches:SIDE"), "\(other.errors)")
    let recipe = try place.rowwise(
      "train", "digits", "--recipe", "best", "--reading-order", "serpentine")
    #expect(recipe.status == 64)
    #expect(recipe.errors.contains("--recipe best read patches, and --reading-order serpentine"))
    let peephole = try place.rowwise("train", "digits", "--recipe", "best", "--peephole", "full")
    #expect(peephole.status == 64)
    #expect(
      peephole.errors.contains("--peephole full is for lstm layers; --recipe best's sweep:32"))
    let weights = try place.rowwise(
      "export", "a", "--to", "pytorch", "--output", "w.safetensors")
    #expect(weights.status == 65 && weights.errors.contains("patches"), "\(weights.errors)")
  }

  /// The row on what is done tells of mixing, too.
  @Test func whatIsMixedIsSaid() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--layers", "lstm:2", "--epochs", "1", "--cutmix", "1", "--no-progress",
      "--output", "a")
    #expect(run.status == 0, "\(run.errors)")
    // Rows end before 80 columns.
    #expect(
      run.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        .contains("one-cycle, light, cutmix 1.0, about"), "\(run.errors)")
  }

  /// An order that was chosen stays, and sweeps are left out where it has no patches; what needs more
  /// memory than there is is refused before a step is timed.
  @Test func aBudgetKeepsWhatWasChosen() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--budget", "2s", "--reading-order", "serpentine", "--no-progress",
      "--output", "a")
    #expect(run.status == 0, "\(run.errors)")
    let configuration = try place.text("a/config.json")
    #expect(configuration.contains("\"reading_order\": \"serpentine\""))
    #expect(!configuration.contains("sweep"))
    let large = try place.rowwise(
      "train", "digits", "--budget", "2s", "--layers", "lstm:4096", "--memory", "100", "--output",
      "b")
    #expect(large.status == 71, "\(large.errors)")
    #expect(large.errors.contains("100 MiB") || large.errors.contains("allowed"), "\(large.errors)")
  }

  /// Where there is no time for more, two rows are read at once, unless an order was chosen; then as they are.
  @Test func littleTimeIsForTheFastRecipe() throws {
    let place = try Workplace()
    for number in 0..<64 {
      try place.writePicture("data/\(number % 2)/\(number).png", value: UInt8(number * 3))
    }
    func configuration(_ arguments: String...) throws -> String {
      let run = try place.rowwise(
        ["train", "data", "--size", "24", "--no-progress", "--output", "r"] + arguments)
      #expect(run.status == 0, "\(run.errors)")
      defer { try? FileManager.default.removeItem(atPath: "\(place.path)/r") }
      return try place.text("r/config.json")
    }
    for arguments in [["--epochs", "1"], ["--budget", "1s"]] {
      let fast = try configuration("--recipe", "fast", arguments[0], arguments[1])
      #expect(fast.contains("\"reading_order\": \"windows:2/2\""))
      #expect(fast.contains("\"recipe\": \"fast\""))
    }
    let columns = try configuration(
      "--recipe", "fast", "--reading-order", "columns", "--epochs", "1")
    #expect(columns.contains("\"reading_order\": \"columns\""))
    // A time in which only one pass of the last candidate fits.
    let hurried = try configuration("--budget", "0.001s")
    #expect(hurried.contains("\"layers\": \"lstm:96\"") && hurried.contains("\"epochs\": 1,"))
    #expect(hurried.contains("\"reading_order\": \"windows:2/2\""))
  }

  @Test(arguments: [
    ["--epochs", "3"], ["--folds", "3"], ["--find-learning-rate"],
  ])
  func whatABudgetDecidesCannotBeSaid(arguments: [String]) throws {
    let place = try Workplace()
    let run = try place.rowwise(["train", "digits", "--budget", "1m"] + arguments)
    #expect(run.status == 64)
    #expect(run.errors.contains("leave \(arguments[0]) out"), "\(run.errors)")
  }
}
