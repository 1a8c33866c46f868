import RowwiseRandomness

/// How far the metrics that no formula gives intervals for could lie from what was measured.
///
/// A bootstrap with a prior: the samples are drawn anew with replacement, as many as there are,
/// every metric is worked out again, and the interval holds the middle of what came out. To each
/// draw one sample more is added, which may lie anywhere in the confusion matrix; without it the
/// metrics of a model that makes no errors would be certain. Its weight is exponential with mean 1,
/// as a sample's is in the Bayesian bootstrap, and divided among the m cells as a
/// Dirichlet(1/m, …, 1/m). Every interval is widened, where need be, to hold what was measured, and
/// the same seed gives the same intervals.
///
/// Sources: B. Efron and R. J. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13
/// (percentile intervals); D. B. Rubin, "The Bayesian bootstrap", 1981; W. Perks, "Some
/// observations on inverse probability including a new indifference rule", 1947 (the prior). The
/// Bayesian bootstrap alone, which weights all samples, was tried: with ten samples a class its
/// intervals are too narrow (`Scripts/studies/interval_coverage.py`).
public struct BootstrapIntervals: Sendable, Equatable {
  /// How the samples are drawn.
  public struct Options: Sendable, Equatable {
    /// How often the samples are drawn; 1,000 steadies the ends to about a tenth of the width.
    public var replicates: Int
    /// The seed of the draws.
    public var seed: UInt64
    /// The confidence, between 0 and 1.
    public var level: Double

    /// Puts the options together.
    public init(replicates: Int = 1_000, seed: UInt64 = 0, level: Double = 0.95) {
      precondition(replicates > 0, "at least one replicate is needed, got \(replicates)")
      precondition(level > 0 && level < 1, "a confidence lies between 0 and 1, got \(level)")
      self.replicates = replicates
      self.seed = seed
      self.level = level
    }
  }

  /// How the samples were drawn.
  public let options: Options
  /// The interval of the mean loss, to which the prior's sample adds nothing.
  public let loss: ConfidenceInterval
  /// The interval of the balanced accuracy.
  public let balancedAccuracy: ConfidenceInterval
  /// The interval of the macro mean of F1.
  public let macroF1: ConfidenceInterval
  /// The interval of the weighted mean of F1.
  public let weightedF1: ConfidenceInterval
  /// The interval of the Matthews correlation.
  public let matthewsCorrelation: ConfidenceInterval

  /// Draws and works out; time grows with samples × replicates.
  /// - Parameters:
  ///   - labels: [N] true classes, at least one.
  ///   - predictions: [N] predicted classes.
  ///   - losses: [N] losses.
  ///   - classCount: the number of classes.
  public init(
    labels: [Int32], predictions: [Int32], losses: [Double], classCount: Int,
    zeroDivision: ZeroDivision = .zero, options: Options = Options()
  ) {
    precondition(
      !labels.isEmpty && labels.count == predictions.count && labels.count == losses.count,
      "\(labels.count) labels, \(predictions.count) predictions, \(losses.count) losses")
    var measured = Tally(classCount: classCount)
    for sample in labels.indices {
      measured.add(label: Int(labels[sample]), prediction: Int(predictions[sample]), weight: 1)
      measured.loss += losses[sample]
    }
    let scale = Scale(measured, zeroDivision: zeroDivision)
    var generator = SplitMix64(seed: options.seed)
    let draws = (0..<options.replicates).map { _ in
      var tally = Tally(classCount: classCount)
      for _ in labels.indices {
        let sample = generator.index(below: labels.count)
        tally.add(label: Int(labels[sample]), prediction: Int(predictions[sample]), weight: 1)
        tally.loss += losses[sample]
      }
      let loss = tally.meanLoss
      tally.addPrior(labels: scale.labels, &generator)
      return scale.metrics(tally, loss: loss)
    }
    let estimate = scale.metrics(measured, loss: measured.meanLoss)
    func interval(_ metric: (Metrics) -> Double) -> ConfidenceInterval {
      ConfidenceInterval.percentile(draws.map(metric), level: options.level)
        .holding(metric(estimate))
    }
    self.options = options
    loss = interval(\.loss)
    balancedAccuracy = interval(\.balancedAccuracy)
    macroF1 = interval(\.macroF1)
    weightedF1 = interval(\.weightedF1)
    matthewsCorrelation = interval(\.matthewsCorrelation)
  }
}

/// The samples of one draw, counted.
private struct Tally {
  var hits: [Double]
  var supports: [Double]
  var predicted: [Double]
  var loss = 0.0

  init(classCount: Int) {
    hits = Array(repeating: 0, count: classCount)
    supports = hits
    predicted = hits
  }

  var meanLoss: Double { loss / supports.reduce(0, +) }

  mutating func add(label: Int, prediction: Int, weight: Double) {
    supports[label] += weight
    predicted[prediction] += weight
    if label == prediction { hits[label] += weight }
  }

  /// Adds the prior's sample, whose weight is divided among cells drawn from all those of `labels`.
  ///
  /// Sticks broken off evenly have the distribution of the weights of a Dirichlet(1/m, …, 1/m) over
  /// the m cells, without a number for each. The last takes the rest, some 10⁻¹⁰ of the whole.
  /// Source: J. Sethuraman, "A constructive definition of Dirichlet priors", 1994.
  mutating func addPrior(labels: [Int], _ generator: inout SplitMix64) {
    var rest = generator.exponential()
    for stick in 1...24 {
      let piece = stick == 24 ? rest : rest * generator.share()
      let label = labels[generator.index(below: labels.count)]
      add(label: label, prediction: generator.index(below: predicted.count), weight: piece)
      rest -= piece
    }
  }
}

/// What the metrics of all draws have in common: which classes there are.
private struct Scale {
  /// Classes that have samples.
  let labels: [Int]
  /// Whether a class occurs, as label or as prediction; what does not is left out of means.
  private let occurs: [Bool]
  private let zeroDivision: ZeroDivision

  init(_ measured: Tally, zeroDivision: ZeroDivision) {
    labels = measured.supports.indices.filter { measured.supports[$0] > 0 }
    occurs = zip(measured.supports, measured.predicted).map { $0 + $1 > 0 }
    self.zeroDivision = zeroDivision
  }

  func metrics(_ tally: Tally, loss: Double) -> Metrics {
    let f1 = occurs.indices.map { index in
      let either = tally.supports[index] + tally.predicted[index]
      return either > 0 ? 2 * tally.hits[index] / either : zeroDivision.value
    }
    return Metrics(
      loss: loss,
      balancedAccuracy: mean(labels.map { tally.hits[$0] / tally.supports[$0] }),
      macroF1: mean(f1.indices.filter { occurs[$0] }.map { f1[$0] }),
      weightedF1: weightedMean(f1, weights: tally.supports),
      matthewsCorrelation: matthewsCorrelationCoefficient(
        correct: tally.hits.reduce(0, +), labelTotals: tally.supports,
        predictionTotals: tally.predicted))
  }
}

/// The metrics of one draw.
private struct Metrics {
  let loss: Double
  let balancedAccuracy: Double
  let macroF1: Double
  let weightedF1: Double
  let matthewsCorrelation: Double
}
