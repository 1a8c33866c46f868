import RowwiseDatasetLoading

/// Tells of everything that is odd about data, once however often the same data are opened.
final class DataWarnings {
  /// Who is told.
  let console: Console
  private var told: Set<DatasetReport.Finding> = []

  init(_ console: Console) { self.console = console }

  /// Warns of what a report says, but for what has been told before.
  func tell(_ report: DatasetReport) {
    for finding in report.findings() where told.insert(finding).inserted {
      finding.lines.forEach { finding.isLoss ? console.warn($0) : console.caution($0) }
    }
  }
}
