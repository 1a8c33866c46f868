import DatasetLoading

/// Tells of everything that is odd about data, once however often the same data are opened.
final class DataWarnings {
  private let console: Console
  private var told: Set<[String]> = []

  init(_ console: Console) { self.console = console }

  /// Warns of what a report says, unless one that said the same has been told.
  func tell(_ report: DatasetReport) {
    let lines = report.lines()
    guard told.insert(lines).inserted else { return }
    lines.forEach { console.warn($0) }
  }
}
