import RowwiseRandomness

/// Two models on the same samples: does one get more of them right than the other?
public struct PairedComparison: Sendable, Equatable {
  /// The number of samples.
  public let samples: Int
  /// Samples that only the first model got right.
  public let onlyFirst: Int
  /// Samples that only the second model got right.
  public let onlySecond: Int
  /// Accuracy of the first minus accuracy of the second.
  public let difference: Double
  /// The interval of the difference; see `ConfidenceInterval.paired`.
  public let interval: ConfidenceInterval

  /// The exact McNemar test's p value: the chance that equally good models disagree as unevenly.
  ///
  /// Of the samples that only one model got right, each is the first's with chance ½; samples
  /// that both or neither got right say nothing. Source: Q. McNemar, "Note on the sampling error
  /// of the difference between correlated proportions or percentages", 1947.
  public var pValue: Double { fairCoinPValue(onlyFirst, onlySecond) }

  /// Compares two models.
  /// - Parameters:
  ///   - first: [N] whether the first model got each sample right; at least one sample.
  ///   - second: [N] whether the second did, in the same order.
  ///   - level: the interval's confidence, between 0 and 1.
  public init(first: [Bool], second: [Bool], level: Double = 0.95) {
    precondition(
      first.count == second.count && !first.isEmpty,
      "\(first.count) and \(second.count) samples cannot be compared one to one")
    samples = first.count
    let differences = zip(first, second).map { ($0 ? 1.0 : 0) - ($1 ? 1.0 : 0) }
    onlyFirst = differences.count { $0 > 0 }
    onlySecond = differences.count { $0 < 0 }
    difference = mean(differences)
    interval = .paired(
      onlyFirst: onlyFirst, onlySecond: onlySecond, samples: first.count, level: level)
  }

  /// The bootstrap interval of the mean of differences measured on the same samples, such as
  /// losses of two models.
  /// - Parameter differences: [N] first minus second per sample; at least one.
  public static func bootstrap(
    meanOf differences: [Double], options: BootstrapIntervals.Options
  ) -> ConfidenceInterval {
    precondition(!differences.isEmpty, "an interval needs at least one sample")
    var generator = SplitMix64(seed: options.seed)
    let means = (0..<options.replicates).map { _ in
      var sum = 0.0
      for _ in differences.indices {
        sum += differences[generator.index(below: differences.count)]
      }
      return sum / Double(differences.count)
    }
    return .percentile(means, level: options.level)
  }
}
