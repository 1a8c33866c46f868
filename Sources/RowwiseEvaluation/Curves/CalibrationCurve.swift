/// How confidence relates to accuracy, in bins of confidence: the data of a reliability diagram.
///
/// Confidence is the predicted class's probability. In bin b with n_b samples, conf_b is the mean
/// confidence and acc_b the share of right predictions.
///
/// Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017, section 2.
public struct CalibrationCurve: Sendable, Equatable {
  /// How the edges of the bins are chosen.
  public enum Binning: String, Sendable, Equatable, Codable {
    /// [0, 1] cut in parts of equal width.
    case equalWidth = "equal_width"
    /// Cut at quantiles of the confidences, so that bins hold about equally many samples.
    case equalMass = "equal_mass"
  }

  /// The samples whose confidence lies in (lower, upper]; the first bin holds its lower edge too.
  public struct Bin: Sendable, Equatable {
    /// The lower edge.
    public let lower: Double
    /// The upper edge.
    public let upper: Double
    /// The number of samples.
    public let count: Int
    /// Their mean confidence; NaN where there are none.
    public let confidence: Double
    /// The share of right predictions among them; NaN where there are none.
    public let accuracy: Double

    /// How far confidence and accuracy are apart; 0 for an empty bin.
    public var gap: Double { count == 0 ? 0 : (confidence - accuracy).magnitude }
  }

  /// How the edges were chosen.
  public let binning: Binning
  /// The bins, by rising confidence.
  public let bins: [Bin]

  /// Σ_b n_b/n · |acc_b − conf_b|, the expected calibration error; NaN without samples.
  public var expectedError: Double {
    weightedMean(bins.map(\.gap), weights: bins.map { Double($0.count) })
  }

  /// The greatest |acc_b − conf_b| of any bin that holds samples; 0 without samples.
  public var maximumError: Double { bins.map(\.gap).reduce(0, max) }

  /// Sorts predictions in bins.
  /// - Parameters:
  ///   - confidences: [N] probabilities of the predicted classes.
  ///   - correct: [N] whether each prediction was right.
  ///   - binCount: the number of bins, at least 1.
  public init(
    confidences: [Float], correct: [Bool], binCount: Int = 15, binning: Binning = .equalWidth
  ) {
    precondition(
      confidences.count == correct.count,
      "\(confidences.count) confidences but \(correct.count) results")
    precondition(binCount > 0, "at least one bin is needed, got \(binCount)")
    let step = 1 / Double(binCount)
    var edges = (0..<binCount).map { Double($0) * step } + [1]
    if binning == .equalMass && !confidences.isEmpty {
      let sorted = confidences.map(Double.init).sorted()
      // By way of per cent, as scikit-learn does: where an edge falls on a sample, the last bit
      // decides on the bin.
      edges = edges.map { quantile($0 * 100 / 100, ofSorted: sorted) }
    }
    var counts = Array(repeating: 0, count: binCount)
    var hits = counts
    var sums = Array(repeating: 0.0, count: binCount)
    for (confidence, isCorrect) in zip(confidences, correct) {
      let bin = Self.bin(of: Double(confidence), edges: edges)
      counts[bin] += 1
      hits[bin] += isCorrect ? 1 : 0
      sums[bin] += Double(confidence)
    }
    self.binning = binning
    self.bins = (0..<binCount).map { bin in
      Bin(
        lower: edges[bin], upper: edges[bin + 1], count: counts[bin],
        confidence: counts[bin] == 0 ? .nan : sums[bin] / Double(counts[bin]),
        accuracy: ZeroDivision.undefined.ratio(hits[bin], counts[bin]))
    }
  }

  /// The number of inner edges that lie below the value.
  private static func bin(of value: Double, edges: [Double]) -> Int {
    var low = 1
    var high = edges.count - 1
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}

/// The value below which a share q of the sorted values lies, between neighbours by a straight
/// line, as in NumPy's `quantile`.
/// - Parameters:
///   - q: 0 to 1.
///   - sorted: ascending, not empty.
package func quantile(_ q: Double, ofSorted sorted: [Double]) -> Double {
  precondition(!sorted.isEmpty, "a quantile needs at least one value")
  let position = min(max(q, 0), 1) * Double(sorted.count - 1)
  let below = Int(position.rounded(.down))
  let above = min(below + 1, sorted.count - 1)
  let share = position - Double(below)
  let difference = sorted[above] - sorted[below]
  // From the nearer neighbour, so that whole positions give exactly the value there.
  return share < 0.5
    ? sorted[below] + difference * share : sorted[above] - difference * (1 - share)
}
