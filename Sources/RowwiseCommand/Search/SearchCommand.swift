import ArgumentParser
import RowwiseTraining

/// `rowwise search`.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Search for good options by training many runs.",
    discussion: """
      SPACE is a YAML, JSON or TOML file with options of rowwise train: a single value is used by \
      all trials, of a list each trial gets one, and of a range any number in it:

        data: digits
        epochs: 9
        layers: ["lstm:32", "lstm:64", "lstm:32,lstm:32"]
        learning_rate: {min: 0.0003, max: 0.03, scale: log}
        batch_size: {min: 8, max: 64, scale: log, type: whole}

      Every trial is a run in a folder of its own. The same command goes on with a search that was \
      stopped. With --strategy halving all trials are begun, and only the better third of each stage \
      goes on to the next; trials never see the test part.

      Examples:
        rowwise search space.yaml --trials 20
        rowwise search space.yaml --trials 27 --strategy halving --output search
      """)

  @Argument(help: "The file with the options to choose from.", completion: .file())
  var space: String

  @Option(help: "How many trials there are.")
  var trials = 20

  @Option(help: "Train all trials to their end (random), or drop the worse ones early (halving).")
  var strategy = SearchPlan.Strategy.random

  @Option(help: "Decides which options the trials get.")
  var seed: UInt64 = 0

  @Option(
    name: .shortAndLong,
    help: "The folder for the trials, new or one of this search. (default: runs/search)",
    completion: .directory)
  var output: String?

  @OptionGroup(title: "Messages") var consoleOptions: ConsoleOptions

  func validate() throws {
    try OptionRange.check("trials", trials)
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let space = try SearchSpace(ConfigurationFile(path: space))
    try Search(self, space, console: console).run()
  }
}

extension SearchPlan.Strategy: ExpressibleByArgument {}
