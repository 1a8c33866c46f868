/// What stopping early costs and saves on a data set.
public struct EarlyExitReport: Sendable, Equatable {
  /// Seconds that reading some pictures took, to the end and as far as the rule reads.
  public struct Timing: Sendable, Equatable {
    /// Pictures that were timed.
    public let samples: Int
    /// Decoding a whole picture and part of it, mean seconds; nil where the samples are no files.
    public let decoding: (whole: Double, early: Double)?
    /// The network's reading of all rows and of some, mean seconds.
    public let network: (whole: Double, early: Double)

    /// Puts the means together.
    public init(
      samples: Int, decoding: (whole: Double, early: Double)?,
      network: (whole: Double, early: Double)
    ) {
      self.samples = samples
      self.decoding = decoding
      self.network = network
    }

    /// How many times faster it is to stop early.
    public var speedUp: Double {
      let whole = network.whole + (decoding?.whole ?? 0)
      return whole / (network.early + (decoding?.early ?? 0))
    }

    /// Whether both have the same numbers.
    public static func == (a: Timing, b: Timing) -> Bool {
      a.samples == b.samples && a.network == b.network && a.decoding?.whole == b.decoding?.whole
        && a.decoding?.early == b.decoding?.early
    }
  }

  /// The rule.
  public let rule: EarlyExitRule
  /// What was guaranteed when it was calibrated.
  public let risk: EarlyExitRisk
  /// How sure that was.
  public let confidence: Double
  /// Samples, n.
  public let samples: Int
  /// Rows of a picture, T.
  public let rows: Int
  /// The share that is right after each row, [T].
  public let accuracyByRow: [Double]
  /// The share that has the whole picture's answer after each row, [T].
  public let agreementByRow: [Double]
  /// Samples that end after each row, [T].
  public let exits: [Int]
  /// Σ of the rows read of each class's samples, divided by their number; NaN where it has none, [K].
  public let meanRowsOfClasses: [Double]
  /// Samples right at the end and wrong early.
  public let lost: Int
  /// Samples wrong at the end and right early.
  public let gained: Int
  /// Samples whose early answer differs from the whole picture's.
  public let disagreeing: Int
  /// Samples whose early answer is right.
  public let correct: Int
  /// Samples whose whole picture's answer is right.
  public let wholeCorrect: Int
  /// How long it takes; nil where it was not measured.
  public var timing: Timing?

  /// Follows the rule on traces, all of which have labels.
  ///
  /// - Throws: `EvaluationError.noSamples`, `.missingLabels`.
  public init(
    _ traces: ReadingTraces, rule: EarlyExitRule, risk: EarlyExitRisk, confidence: Double
  ) throws(EvaluationError) {
    guard traces.count > 0 else { throw .noSamples }
    let labels = traces.labels.compactMap { $0 }
    guard labels.count == traces.count else { throw .missingLabels }
    self.rule = rule
    self.risk = risk
    self.confidence = confidence
    samples = traces.count
    rows = traces.rows
    func share(_ isSo: (Int) -> Bool) -> Double {
      Double(labels.indices.filter(isSo).count) / Double(labels.count)
    }
    accuracyByRow = (1...traces.rows).map { t in
      share { traces.prediction($0, row: t) == labels[$0] }
    }
    agreementByRow = (1...traces.rows).map { t in
      share { traces.prediction($0, row: t) == traces.answer($0) }
    }
    var exits = [Int](repeating: 0, count: traces.rows)
    var ofClasses = [(rows: Int, samples: Int)](repeating: (0, 0), count: traces.classes)
    var (lost, gained, disagreeing, correct, wholeCorrect) = (0, 0, 0, 0, 0)
    for (n, label) in labels.enumerated() {
      let row = rule.exitRow(traces, n)
      exits[row - 1] += 1
      ofClasses[label].rows += row
      ofClasses[label].samples += 1
      let (early, whole) = (traces.prediction(n, row: row), traces.answer(n))
      if early != whole { disagreeing += 1 }
      if whole == label, early != label { lost += 1 }
      if whole != label, early == label { gained += 1 }
      if early == label { correct += 1 }
      if whole == label { wholeCorrect += 1 }
    }
    self.exits = exits
    meanRowsOfClasses = ofClasses.map { Double($0.rows) / Double($0.samples) }
    (self.lost, self.gained, self.disagreeing) = (lost, gained, disagreeing)
    (self.correct, self.wholeCorrect) = (correct, wholeCorrect)
  }

  // MARK: Numbers that follow

  private func share(_ count: Int) -> Double { Double(count) / Double(samples) }

  /// The share whose early answer is right.
  public var accuracy: Double { share(correct) }
  /// The share whose whole picture's answer is right.
  public var wholeAccuracy: Double { share(wholeCorrect) }
  /// Mean rows read.
  public var meanRows: Double {
    Double(exits.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }) / Double(samples)
  }
  /// The share of all rows that are read.
  public var shareRead: Double { meanRows / Double(rows) }
  /// Samples that stop before the last row.
  public var early: Int { samples - exits[rows - 1] }
  /// The share of what the risk counts, of what it is a share of; of classes the greatest is not
  /// known here, and it is that of all.
  public var achievedRisk: Double {
    let wrong = risk.kind == .lost ? lost : disagreeing
    return risk.scope == .early ? Double(wrong) / Double(max(early, 1)) : share(wrong)
  }
  /// Clopper and Pearson's 95 % intervals of the shares lost, gained and disagreeing.
  public var lostInterval: ConfidenceInterval { interval(lost) }
  /// See `lostInterval`.
  public var gainedInterval: ConfidenceInterval { interval(gained) }
  /// See `lostInterval`.
  public var disagreementInterval: ConfidenceInterval { interval(disagreeing) }

  private func interval(_ count: Int) -> ConfidenceInterval {
    .clopperPearson(successes: count, trials: samples)
  }

  /// The harmonic mean of the accuracy and the share that is not read (Schäfer & Leser 2020).
  public var harmonicMean: Double {
    let spared = 1 - shareRead
    return accuracy + spared > 0 ? 2 * accuracy * spared / (accuracy + spared) : 0
  }
  /// The mean of errors and of the share read, each counting half (as Achenchabe et al. 2021 with
  /// α = ½ and a cost of time that grows evenly).
  public var averageCost: Double { (1 - accuracy + shareRead) / 2 }

  /// Every number that a requirement can speak of, in the order of `metrics.json`.
  var metrics: [NamedMetric] {
    [
      ("accuracy", accuracy), ("whole_accuracy", wholeAccuracy), ("mean_rows", meanRows),
      ("share_read", shareRead), ("stopped_early", share(early)), ("lost", share(lost)),
      ("gained", share(gained)), ("disagreement", share(disagreeing)),
      ("harmonic_mean", harmonicMean), ("average_cost", averageCost),
    ].map { NamedMetric(name: "early_exit.\($0.0)", value: $0.1) }
  }
}
