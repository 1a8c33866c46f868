import RowwiseTexts

extension Console {
  /// Shows how many image files are read, for as long as a data set is opened.
  func readingProgress() -> @Sendable (_ done: Int, _ total: Int) -> Void {
    let start = ContinuousClock.Instant.now
    return { [self] done, total in
      showProgress { ProgressRow.counting("reading", done, of: total, since: start) }
    }
  }
}

extension ProgressRow {
  /// The row of something that takes one image after the other.
  static func counting(
    _ label: String, _ done: Int, of total: Int, since start: ContinuousClock.Instant
  ) -> ProgressRow {
    let seconds = (ContinuousClock.Instant.now - start) / .seconds(1)
    let left = done > 0 ? seconds / Double(done) * Double(total - done) : .infinity
    let rate = seconds > 0 ? min(Double(done) / seconds, 1e12) : 0
    return ProgressRow(
      label: label, fraction: total > 0 ? Double(done) / Double(total) : nil,
      details: [
        .init(text: "\(NumberText.grouped(done))/\(NumberText.grouped(total))", rank: 2),
        .init(text: "\(NumberText.grouped(Int(rate))) images/s", rank: 3),
        .init(text: "\(DurationText.text(seconds: left)) left", rank: 1),
      ])
  }
}
