import RowwiseDatasetLoading

/// Tells of everything that is odd about data, once however often the same data are opened.
final class DataWarnings {
  /// Who is told.
  let console: Console
  private var told: Set<DatasetReport.Finding> = []
  private var toldLines: Set<String> = []

  init(_ console: Console) { self.console = console }

  /// Warns of what a report says, but for what has been told before.
  func tell(_ report: DatasetReport) {
    for finding in report.findings() where told.insert(finding).inserted {
      finding.lines.forEach { finding.isLoss ? console.warn($0) : console.caution($0) }
    }
  }

  /// Tells a line, but where it has been told before.
  func tellOnce(_ line: String, isWarning: Bool) {
    guard toldLines.insert(line).inserted else { return }
    if isWarning { console.caution(line) } else { console.log(line) }
  }
}
