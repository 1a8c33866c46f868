/// Every number of one evaluation: of a model, on a data set.
public struct ClassificationReport: Sendable, Equatable {
  /// The version of the JSON layout; it grows when a key is renamed, removed or means something
  /// else, and stays when keys are added.
  public static let schema = 1

  /// What a report is asked for.
  public struct Options: Sendable, Equatable {
    /// The model evaluated, for the reader: a path or a name.
    public var model: String
    /// The data it was evaluated on, for the reader: a path or a name.
    public var data: String
    /// The part of the data, such as `test`; empty where they have no parts.
    public var part = ""
    /// A hash of the model; empty where there is none.
    public var modelFingerprint = ""
    /// A hash of the samples; empty where there is none.
    public var dataFingerprint = ""
    /// Where the predictions are of several networks, each of samples it was not trained on: how
    /// many networks.
    public var folds: Int?
    /// Where each sample was looked at in several ways and the answers averaged: how many.
    public var views: Int?
    /// Where several models answered together: how many.
    public var members: Int?
    /// The k of top-k accuracy; those that are no less than the number of classes are left out.
    public var topK: [Int]
    /// What metrics are worth where they divide zero by zero.
    public var zeroDivision: ZeroDivision
    /// The number of bins of the calibration errors.
    public var calibrationBins: Int
    /// How samples are drawn for intervals that no formula gives; there are none where this is
    /// nil.
    public var bootstrap: BootstrapIntervals.Options?

    /// Puts the options together.
    public init(
      model: String = "", data: String = "", topK: [Int] = [1, 3, 5],
      zeroDivision: ZeroDivision = .zero, calibrationBins: Int = 15,
      bootstrap: BootstrapIntervals.Options? = BootstrapIntervals.Options()
    ) {
      self.model = model
      self.data = data
      self.topK = topK
      self.zeroDivision = zeroDivision
      self.calibrationBins = calibrationBins
      self.bootstrap = bootstrap
    }
  }

  /// The share of samples whose class is among the k most probable.
  public struct TopKAccuracy: Sendable, Equatable {
    /// How many classes count.
    public let k: Int
    /// The share of samples.
    public let value: Double
  }

  /// What the report was asked for.
  public let options: Options
  /// The number of samples.
  public let samples: Int
  /// The share of samples predicted right.
  public let accuracy: Double
  /// Top-k accuracies by rising k.
  public let topKAccuracy: [TopKAccuracy]
  /// The mean of −ln p of the true class, nats.
  public let loss: Double
  /// The confusion matrix.
  public let confusion: ConfusionMatrix
  /// The metrics of each class, in the matrix's order.
  public let perClass: [ClassMetrics]
  /// Their plain means.
  public let macro: AverageMetrics
  /// Their means weighted by support.
  public let weighted: AverageMetrics
  /// The metrics of all one-against-rest decisions pooled.
  public let micro: AverageMetrics
  /// Wilson's interval of the accuracy, at the bootstrap's level, or 95 % where there is none.
  public let accuracyInterval: ConfidenceInterval
  /// The intervals of each class's metrics, at the same level.
  public let classIntervals: [ClassIntervals]
  /// The mean recall of the classes that have samples.
  public let balancedAccuracy: Double
  /// Cohen's kappa.
  public let cohenKappa: Double
  /// The Matthews correlation.
  public let matthewsCorrelation: Double
  /// The Brier score, 0 (best) to 2.
  public let brierScore: Double
  /// ROC-AUC and average precision; nil where the probabilities were not kept.
  public let ranking: RankingMetrics?
  /// The calibration curve with bins of equal width.
  public let calibration: CalibrationCurve
  /// The calibration curve with bins of equal mass.
  public let equalMassCalibration: CalibrationCurve
  /// Risk by coverage.
  public let riskCoverage: RiskCoverageCurve
  /// The intervals found by drawing samples; nil where that was not asked for.
  public let intervals: BootstrapIntervals?
  /// The figures before temperature scaling; nil where the model was not scaled.
  public var calibrationChange: CalibrationChange?
  /// What products of less precision than float32 cost; nil where that was not measured.
  public var precisionCost: PrecisionCost?
  /// How many pictures are unlike the training pictures; nil where that is not known.
  public var pictures: PictureCounts?
  /// What stopping early costs and saves; nil where it was not asked for.
  public var earlyExit: EarlyExitReport?

  /// Works a report out.
  /// - Throws: `EvaluationError.noSamples` where the accumulator is empty.
  public init(
    _ accumulator: EvaluationAccumulator, options: Options = Options()
  ) throws(EvaluationError) {
    guard accumulator.count > 0 else { throw .noSamples }
    let confusion = accumulator.confusion
    self.options = options
    samples = accumulator.count
    accuracy = confusion.accuracy
    topKAccuracy = Set(options.topK).sorted().filter { $0 < confusion.classCount }
      .map { TopKAccuracy(k: $0, value: accumulator.topKAccuracy($0)) }
    loss = accumulator.meanLoss
    self.confusion = confusion
    perClass = confusion.classMetrics(zeroDivision: options.zeroDivision)
    macro = perClass.macroAverage
    weighted = perClass.weightedAverage
    micro = confusion.microAverage
    let level = options.bootstrap?.level ?? 0.95
    accuracyInterval = .wilson(
      successes: confusion.correct, trials: accumulator.count, level: level)
    classIntervals = confusion.classIntervals(level: level)
    balancedAccuracy = confusion.balancedAccuracy
    cohenKappa = confusion.cohenKappa
    matthewsCorrelation = confusion.matthewsCorrelation
    brierScore = accumulator.brierScore
    ranking =
      accumulator.keepsProbabilities
      ? RankingMetrics(
        probabilities: accumulator.probabilities, labels: accumulator.labels,
        classCount: confusion.classCount) : nil
    let correct = accumulator.correct
    calibration = CalibrationCurve(
      confidences: accumulator.confidences, correct: correct, binCount: options.calibrationBins)
    equalMassCalibration = CalibrationCurve(
      confidences: accumulator.confidences, correct: correct, binCount: options.calibrationBins,
      binning: .equalMass)
    riskCoverage = RiskCoverageCurve(confidences: accumulator.confidences, correct: correct)
    intervals = options.bootstrap.map { bootstrap in
      BootstrapIntervals(
        labels: accumulator.labels, predictions: accumulator.predictions,
        losses: accumulator.losses, classCount: confusion.classCount,
        zeroDivision: options.zeroDivision, options: bootstrap)
    }
  }
}
