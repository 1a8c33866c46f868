import ArgumentParser
import RowwiseWorkers

/// How many threads work.
struct ThreadOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("Threads to use; no result depends on it. (default: all cores)"))
  var threads: Int?

  /// Threads asked for, or as many as the machine runs at once.
  var count: Int { threads ?? WorkerPool.availableThreads }

  func validate() throws {
    try OptionRange.check("threads", threads)
  }
}
