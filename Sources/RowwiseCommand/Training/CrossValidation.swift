import RowwiseFiles
import RowwiseTexts
import RowwiseTraining

/// `rowwise train --folds N`: N runs, each judged by a part of the images that the others learn from.
///
/// Every fold is a run of its own in a folder `fold-K`; what is complete is not trained again.
struct CrossValidation {
  private let command: TrainCommand
  private let folds: Int
  private let console: Console

  /// Name of the table of folds.
  static let tableName = "folds.csv"

  init(_ command: TrainCommand, folds: Int, console: Console) {
    self.command = command
    self.folds = folds
    self.console = console
  }

  func run() throws {
    let folder = try TrainingJob(command, console: console).makeFolder()
    let lock = try RunLock(folder: folder.path)
    defer { withExtendedLifetime(lock) {} }
    do {
      try OutputFile.check(folder.file(Self.tableName))
      try trainAll(in: folder)
    } catch {
      // Nothing has come of it that could be resumed.
      if command.resume == nil, FileKind(path: path(of: 1, in: folder)) == nil {
        folder.discard([TrainingJob.configurationName])
      }
      throw error
    }
  }

  private func path(of fold: Int, in folder: RunFolder) -> String { folder.file("fold-\(fold)") }

  private func trainAll(in folder: RunFolder) throws {
    try AtomicFile.write(
      JSONValue.object(command.members()).pretty,
      toPath: folder.file(TrainingJob.configurationName))
    var summaries: [RunSummary] = []
    var lacksImages = false
    let shared = SharedImages(console)
    for fold in 1...folds {
      if Interruption.isRequested { throw EndedWith(status: .interrupted) }
      console.log("fold \(fold) of \(folds)")
      let path = path(of: fold, in: folder)
      let command = try command(for: fold, path)
      let outcome = try TrainingJob(command, console: console, shared: shared).perform()
      if case .stopped = outcome.end {
        console.log("stopped; go on with: rowwise train --resume \(folder.path)")
        throw EndedWith(status: .interrupted)
      }
      lacksImages = lacksImages || outcome.data.lacksImages
      summaries.append(try RunSummary(path: path))
    }
    let table = FoldTable(summaries)
    try AtomicFile.write(table.csv, toPath: folder.file(Self.tableName))
    try console.write(table.text)
    if lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  private func command(for fold: Int, _ path: String) throws -> TrainCommand {
    var command = command
    command.fold = fold
    return try command.goingOn(in: path)
  }
}
