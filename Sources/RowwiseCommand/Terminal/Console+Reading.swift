import Evaluation

extension Console {
  /// Shows how many image files are read, for as long as a data set is opened.
  func readingProgress() -> @Sendable (_ done: Int, _ total: Int) -> Void {
    let start = ContinuousClock.Instant.now
    return { [self] done, total in
      showProgress {
        let seconds = (ContinuousClock.Instant.now - start) / .seconds(1)
        let left = done > 0 ? seconds / Double(done) * Double(total - done) : .infinity
        return ProgressRow(
          label: "reading", fraction: total > 0 ? Double(done) / Double(total) : nil,
          details: [
            .init(text: "\(NumberText.grouped(done))/\(NumberText.grouped(total))", rank: 2),
            .init(text: "\(DurationText.text(seconds: left)) left", rank: 1),
          ])
      }
    }
  }
}
