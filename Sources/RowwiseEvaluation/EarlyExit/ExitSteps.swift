/// At which row a picture's reading ends, for every threshold at once.
///
/// The threshold at which a row is the first that reaches it falls within an interval; a lower threshold
/// never ends later. So an exit is a step function of the threshold, kept as its steps.
struct ExitSteps {
  /// One step: with a threshold of at most `estimate`, and above that of the step before, it ends
  /// after `row`.
  struct Step {
    var estimate: Double
    var row: Int
  }

  /// From the highest row on, estimates falling.
  let steps: [Step]

  /// The steps of picture n.
  init(_ rule: EarlyExitRule, _ traces: ReadingTraces, _ n: Int) {
    var steps: [Step] = []
    /// Estimates of the last rows with one class.
    var run: [Double] = []
    var last = -1
    for t in 1..<traces.rows {
      let prediction = traces.prediction(n, row: t)
      if prediction != last { run.removeAll(keepingCapacity: true) }
      last = prediction
      run.append(rule.estimate(traces.score(n, row: t), row: t))
      if run.count > rule.patience { run.removeFirst() }
      guard run.count == rule.patience, t >= rule.firstRow, let least = run.min(),
        steps.last.map({ least > $0.estimate }) ?? true
      else { continue }
      steps.append(Step(estimate: least, row: t))
    }
    self.steps = steps.reversed()
  }

  /// The row after which reading ends with a threshold; nil: not before the last.
  func row(_ threshold: Double) -> Int? {
    steps.last { $0.estimate >= threshold }?.row
  }
}

/// Sums over pictures for each of a list of falling thresholds.
struct ExitCounts {
  /// Pictures for which stopping is wrong, for each threshold.
  var wrong: [Int]
  /// Pictures that stop early.
  var early: [Int]
  /// Σ of the rows read.
  var rows: [Int]

  /// No pictures.
  init(thresholds: Int) {
    wrong = [Int](repeating: 0, count: thresholds)
    early = wrong
    rows = wrong
  }

  /// Adds pictures by what changes from one threshold to the next.
  init(
    _ pictures: [PictureChanges], _ indices: some Sequence<Int>, thresholds: Int, rows total: Int
  ) {
    self.init(thresholds: thresholds)
    var count = 0
    for index in indices {
      count += 1
      for change in pictures[index].changes {
        wrong[change.threshold] += change.wrong
        early[change.threshold] += change.early
        rows[change.threshold] += change.rows
      }
    }
    for j in 0..<thresholds {
      wrong[j] += j > 0 ? wrong[j - 1] : 0
      early[j] += j > 0 ? early[j - 1] : 0
      rows[j] += j > 0 ? rows[j - 1] : count * total
    }
  }
}

/// What a picture adds to `ExitCounts`, as differences from one threshold to the next.
struct PictureChanges {
  /// What changes with a threshold.
  struct Change {
    var threshold: Int
    var wrong: Int
    var early: Int
    var rows: Int
  }

  let changes: [Change]

  /// - Parameter thresholds: falling.
  init(
    _ steps: ExitSteps, _ thresholds: [Double], _ traces: ReadingTraces, _ n: Int,
    _ risk: EarlyExitRisk
  ) {
    var changes: [Change] = []
    var row = traces.rows
    var isWrong = false
    // Steps from the highest estimate on: each takes over at the first threshold it reaches.
    for step in steps.steps {
      guard let first = Self.first(thresholds, atMost: step.estimate) else { break }
      let wrong = risk.isWrong(traces, n, at: step.row)
      let change = Change(
        threshold: first, wrong: (wrong ? 1 : 0) - (isWrong ? 1 : 0),
        early: row == traces.rows ? 1 : 0, rows: step.row - row)
      (row, isWrong) = (step.row, wrong)
      changes.append(change)
    }
    self.changes = changes
  }

  /// The first of falling thresholds that is at most `value`.
  private static func first(_ thresholds: [Double], atMost value: Double) -> Int? {
    var (low, high) = (0, thresholds.count)
    while low < high {
      let middle = (low + high) / 2
      if thresholds[middle] <= value { high = middle } else { low = middle + 1 }
    }
    return low < thresholds.count ? low : nil
  }
}
