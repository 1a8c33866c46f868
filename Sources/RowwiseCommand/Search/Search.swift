import ArgumentParser
import RowwiseFiles
import RowwiseTexts
import RowwiseTraining

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The trials of one `rowwise search`, trained stage by stage.
struct Search {
  private let command: SearchCommand
  private let console: Console
  private let trials: [Trial]
  private let folder: String
  /// What trials speak through: only warnings, and how far they are.
  private let quiet: Console
  private let warnings: DataWarnings

  /// Name of the file with what the search was started with.
  static let descriptionName = "search.json"

  private struct Trial {
    let number: Int
    let entries: [ConfigurationFile.Entry]
    let path: String
    let command: TrainCommand
  }

  /// Draws and checks all trials before any is trained.
  ///
  /// - Throws: `ConfigurationError`; `ValidationError` where a trial's options do not go together.
  init(_ command: SearchCommand, _ space: SearchSpace, console: Console) throws {
    self.command = command
    self.console = console
    quiet = Console.forProcess(
      Console.Settings(
        isQuiet: command.consoleOptions.quiet, hidesLogs: true,
        hidesProgress: !console.showsProgress))
    warnings = DataWarnings(console)
    let output = command.output ?? "\(RunFolder.parent)/search"
    let folder = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    self.folder = folder
    let digits = max(3, String(command.trials).count)
    trials = try (1...command.trials).map { number in
      let entries = space.trial(number, seed: command.seed)
      let name = String(repeating: "0", count: digits - String(number).count) + String(number)
      let path = "\(folder)/trial-\(name)"
      return Trial(
        number: number, entries: entries, path: path,
        command: try Self.command(of: entries, trial: number, path: space.path))
    }
  }

  /// A trial's command line.
  ///
  /// - Parameter path: of the search space, for errors.
  /// - Throws: `ConfigurationError`, which names the lines of the options at fault.
  static func command(
    of entries: [ConfigurationFile.Entry], trial: Int, path: String
  ) throws -> TrainCommand {
    let options = try ArgumentExpansion.options(
      of: ConfigurationFile(path: path, entries: entries))
    func text(_ error: any Error) -> String {
      CommandFailure(error, arguments: ["train"]).message
    }
    do {
      return try TrainCommand.parse(options.map(\.argument))
    } catch {
      let guilty = FileOption.guilty(among: options, of: text(error)) { options in
        do {
          _ = try TrainCommand.parse(options.map(\.argument))
          return nil
        } catch { return text(error) }
      }
      throw ConfigurationError.refused(
        guilty.isEmpty ? options : guilty, trial: trial, reason: text(error))
    }
  }

  func run() throws {
    let made = try makeFolder()
    let lock = try RunLock(folder: folder)
    defer { withExtendedLifetime(lock) {} }
    do {
      try trainAll()
    } catch {
      // Nothing has come of it that the same command could go on with.
      if let made, !trials.contains(where: { FileKind(path: $0.path) != nil }) {
        made.discard([Self.descriptionName])
      }
      throw error
    }
  }

  /// Finds out before the first trial whether there are the models that any is to start from.
  private func checkModels() throws(CommandError) {
    for trial in trials
    where FileKind(path: "\(trial.path)/\(TrainingJob.configurationName)") == nil {
      if let model = trial.command.from { _ = try ModelPath.resolve(model) }
    }
  }

  private func trainAll() throws {
    try checkModels()
    var lacksImages = false
    let metric = trials[0].command.runs.metric
    let epochs = try plannedEpochs()
    let plan = SearchPlan(command.strategy, trials: trials.count, epochs: epochs)
    var left = trials
    for (number, stage) in plan.stages.enumerated() {
      if plan.stages.count > 1 {
        let place = "stage \(number + 1) of \(plan.stages.count)"
        let count = "\(left.count) trial\(left.count == 1 ? "" : "s")"
        console.log("\(place): \(count) to epoch \(stage.epochs)")
      }
      for trial in left where try train(trial, toEpoch: stage.epochs, metric) { lacksImages = true }
      guard number + 1 < plan.stages.count else { break }
      let scored = try left.map { trial in
        (trial, try best(trial, metric)?.score(metric))
      }
      left = Array(
        scored.sorted { left, right in
          (left.1 ?? -.infinity, -left.0.number) > (right.1 ?? -.infinity, -right.0.number)
        }.map(\.0).prefix(plan.stages[number + 1].trials))
    }
    let begun = trials.filter { FileKind(path: "\($0.path)/\(TrainingRun.historyName)") != nil }
    guard !begun.isEmpty else {
      throw CommandError.unusableInput(
        path: command.space,
        reason: "no trial came to the end of an epoch; "
          + (command.consoleOptions.quiet
            ? "without --quiet, warnings say why" : "the warnings say why"))
    }
    let summaries = try begun.map { try RunSummary(path: $0.path) }
    try RunTable(summaries, sortedBy: metric).write(to: console, of: folder)
    if lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  /// The most epochs of a trial; those that say none have what the recipe has for their data.
  private func plannedEpochs() throws -> Int {
    var most = 1
    var automatic: Int?
    for trial in trials {
      if let epochs = trial.command.options.epochs {
        most = max(most, epochs)
      } else if automatic == nil {
        let job = TrainingJob(trial.command, console: quiet, shared: SharedImages(warnings))
        automatic = try job.prepared().job.command.training.epochs
      }
    }
    return max(most, automatic ?? 1)
  }

  /// - Returns: whether images had to be left out.
  private func train(
    _ trial: Trial, toEpoch end: Int, _ metric: MonitoredMetric
  ) throws -> Bool {
    if Interruption.isRequested { throw EndedWith(status: .interrupted) }
    let command = try trial.command.goingOn(in: trial.path)
    let done = command.resume == nil ? 0 : try RunSummary(path: trial.path).epochs.count
    var lacksImages = false
    if done < min(end, command.options.epochs ?? .max) {
      var job = TrainingJob(command, console: quiet, shared: SharedImages(warnings))
      job.pauseAfterEpoch = end
      let outcome: TrainingJob.Outcome
      do {
        outcome = try job.perform()
      } catch let error as TrainingError {
        // Options that make the loss explode are a result too.
        console.caution("trial \(trial.number): \(error)")
        return false
      }
      lacksImages = outcome.data.lacksImages
      if case .stopped = outcome.end, Interruption.isRequested {
        console.log("stopped; the same command goes on with the search")
        throw EndedWith(status: .interrupted)
      }
    }
    let best = try best(trial, metric)
    let score = best?.score(metric).map { NumberText.fixed(abs($0), decimals: 4) } ?? "none"
    console.log(
      "trial \(trial.number): \(metric.rawValue) \(score) in epoch \(best?.epoch ?? 0)")
    return lacksImages
  }

  /// A trial's best epoch; nil where it has none, as after a loss that has exploded.
  private func best(_ trial: Trial, _ metric: MonitoredMetric) throws -> RunSummary.Row? {
    let name = "\(trial.path)/\(TrainingJob.configurationName)"
    return FileKind(path: name) == nil ? nil : try RunSummary(path: trial.path).best(metric)
  }

  /// Makes the folder, or checks that what is in it comes of the same search.
  ///
  /// - Returns: the folder where there was no search in it.
  private func makeFolder() throws -> RunFolder? {
    let path = "\(folder)/\(Self.descriptionName)"
    let description = JSONValue.object([
      .init("seed", .string(String(command.seed))),
      .init("strategy", .string(command.strategy.rawValue)),
      .init("trials", .int(command.trials)),
      .init("first", .array(trials[0].entries.map { .string("\($0.key): \($0.value)") })),
      .init(
        "last", .array(trials[trials.count - 1].entries.map { .string("\($0.key): \($0.value)") })),
    ]).pretty
    if FileKind(path: path) != nil {
      guard String(decoding: try InputFile.bytes(path: path), as: UTF8.self) == description else {
        throw CommandError.unusableInput(
          path: folder,
          reason: "holds another search; name a new folder with --output, or give the same options")
      }
      return nil
    }
    let made = try RunFolder(creating: folder)
    try AtomicFile.write(description, toPath: path)
    return made
  }
}
