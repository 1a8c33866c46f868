import ArgumentParser
import RowwiseFiles
import RowwiseTexts
import RowwiseTraining

/// `rowwise runs`.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Compare training runs in one table.",
    discussion: """
      Every run folder in FOLDER, or one or two levels below it, gets a row with its best epoch; runs \
      on one data set stand together, the best of them first. Behind the numbers stand the options \
      in which the runs differ, as far as the terminal has room. csv and json have all of them, and \
      the numbers in full, named as in history.csv.

      Examples:
        rowwise runs
        rowwise runs runs/ --sort validation-loss
        rowwise runs search-1 --format csv
      """)

  /// How the table is written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, csv, json
  }

  @Argument(help: "A folder with run folders.", completion: .directory)
  var folder = RunFolder.parent

  @Option(
    help: """
      What runs are compared by, and their best epoch is: \
      \(MonitoredMetric.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var sort = MonitoredMetric.validationAccuracy

  @Option(help: "How to write it.")
  var format = Format.table

  @OptionGroup var consoleOptions: ConsoleOptions

  func run() throws {
    let console = consoleOptions.console
    guard let kind = FileKind(path: folder) else {
      throw CommandError.inputNotFound(path: folder)
    }
    guard kind.isFolder else {
      throw CommandError.unusableInput(path: folder, reason: "not a folder; name one with runs")
    }
    var runs: [RunSummary] = []
    for path in Self.runFolders(in: folder) {
      do {
        let summary = try RunSummary(path: path)
        // A folder of folds has no history of its own.
        if summary.options["folds"] == nil || summary.options["fold"] != nil {
          runs.append(summary)
        }
      } catch {
        console.warn("\(path) is left out: \(error)")
      }
    }
    guard !runs.isEmpty else {
      throw CommandError.unusableInput(
        path: folder, reason: "no run folders in it; rowwise train makes them")
    }
    let table = RunTable(runs, sortedBy: sort)
    switch format {
    case .table: try table.write(to: console, of: folder)
    case .csv: try console.write(table.csv)
    case .json: try console.write(table.json.pretty)
    }
  }

  /// Folders with a `config.json`, down to two levels below `folder`, by name.
  static func runFolders(in folder: String, depth: Int = 2) -> [String] {
    let base = folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder
    let isRun = FileKind(path: "\(base)/\(TrainingJob.configurationName)") != nil
    guard depth > 0 else { return isRun ? [base] : [] }
    let names = ((try? FileSystem.names(in: base)) ?? []).sorted {
      $0.localizedStandardNumberCompare($1)
    }
    let below = names.flatMap { name in
      FileKind(path: "\(base)/\(name)")?.isFolder == true
        ? runFolders(in: "\(base)/\(name)", depth: depth - 1) : []
    }
    return (isRun ? [base] : []) + below
  }
}

extension String {
  /// Shorter numbers first: run-2 before run-10.
  fileprivate func localizedStandardNumberCompare(_ other: String) -> Bool {
    let digits = (self.prefix { !$0.isNumber }, other.prefix { !$0.isNumber })
    if digits.0 == digits.1, count != other.count { return count < other.count }
    return self < other
  }
}
