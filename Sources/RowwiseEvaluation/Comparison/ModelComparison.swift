/// What a model costs.
public struct ModelCost: Sendable, Equatable {
  /// The number of weights.
  public let parameters: Int
  /// Images classified a second, in batches.
  public let imagesPerSecond: Double
  /// The median time for one image alone, seconds.
  public let latency: Double
  /// How long training took, seconds; nil where that was not seen.
  public let trainingSeconds: Double?

  /// Puts the figures together.
  public init(
    parameters: Int, imagesPerSecond: Double, latency: Double, trainingSeconds: Double? = nil
  ) {
    self.parameters = parameters
    self.imagesPerSecond = imagesPerSecond
    self.latency = latency
    self.trainingSeconds = trainingSeconds
  }
}

/// One of several models that were asked about the same samples.
public struct ComparedModel: Sendable, Equatable {
  /// Its name: a path, or what it is.
  public let name: String
  /// Its figures.
  public let report: ClassificationReport
  /// [N] whether it got each sample right.
  public let correct: [Bool]
  /// [N] its losses, nats.
  public let losses: [Double]
  /// What it costs.
  public let cost: ModelCost
  /// Its training, as a line of validation accuracy by epoch; empty where it is not known.
  public var history: [CurvePoint] = []

  /// Puts a model's results together.
  /// - Throws: `EvaluationError.noSamples`.
  public init(
    name: String, accumulator: EvaluationAccumulator, cost: ModelCost,
    options: ClassificationReport.Options = ClassificationReport.Options()
  ) throws(EvaluationError) {
    self.name = name
    self.cost = cost
    report = try ClassificationReport(accumulator, options: options)
    correct = accumulator.correct
    losses = accumulator.losses
  }
}

/// Several models on the same samples, side by side and every two against each other.
public struct ModelComparison: Sendable, Equatable {
  /// Two of the models.
  public struct Pair: Sendable, Equatable {
    /// The first one's index.
    public let first: Int
    /// The second one's index, greater than the first's.
    public let second: Int
    /// Which samples only one of them got right, and what follows; differences are second − first.
    public let accuracy: PairedComparison
    /// McNemar's exact p value, corrected for the number of pairs (Holm).
    public let correctedPValue: Double
    /// Mean loss of the second minus that of the first, nats.
    public let lossDifference: Double
    /// Its paired bootstrap interval.
    public let lossInterval: ConfidenceInterval
    /// Counts of the second minus those of the first: [classes][classes], rows are true classes.
    public let matrixDifference: [[Int]]

    /// Whether the two differ in accuracy: the corrected p value is below 0.05.
    public var isSignificant: Bool { correctedPValue < 0.05 }
  }

  /// The models, in the order given.
  public let models: [ComparedModel]
  /// Every two models, in order.
  public let pairs: [Pair]
  /// The data, for the reader.
  public let data: String
  /// A hash of the samples; empty where there is none.
  public var dataFingerprint = ""
  /// What follows from the comparison, where whoever made it has an answer.
  public var verdict = ""
  /// Whether the models' names are paths, whose ends tell them apart; else what they begin with does.
  public var namesArePaths = true

  /// Compares models.
  /// - Parameters:
  ///   - models: at least two, of the same samples in the same order.
  ///   - data: a path or name.
  ///   - options: the intervals' confidence, and how samples are drawn for those of losses.
  /// - Throws: `EvaluationError.classesDiffer` where the models' classes are not the same.
  public init(
    _ models: [ComparedModel], data: String,
    options: BootstrapIntervals.Options = BootstrapIntervals.Options()
  ) throws(EvaluationError) {
    precondition(models.count > 1, "a comparison needs two models, got \(models.count)")
    let names = models[0].report.confusion.classNames
    for model in models {
      guard model.report.confusion.classNames == names else {
        throw .classesDiffer(expected: names, received: model.report.confusion.classNames)
      }
      precondition(
        model.report.confusion.labelTotals == models[0].report.confusion.labelTotals,
        "\(model.name) was asked about other samples")
    }
    self.models = models
    self.data = data
    let places = models.indices.flatMap { first in
      (first + 1..<models.count).map { (first, $0) }
    }
    let tests = places.map { first, second in
      PairedComparison(
        first: models[second].correct, second: models[first].correct, level: options.level)
    }
    let corrected = holmCorrected(tests.map(\.pValue))
    pairs = places.indices.map { index in
      let (first, second) = places[index]
      let differences = zip(models[second].losses, models[first].losses).map { $0 - $1 }
      return Pair(
        first: first, second: second, accuracy: tests[index], correctedPValue: corrected[index],
        lossDifference: mean(differences),
        lossInterval: PairedComparison.bootstrap(meanOf: differences, options: options),
        matrixDifference: zip(
          models[second].report.confusion.rows, models[first].report.confusion.rows
        ).map { zip($0, $1).map { $0 - $1 } })
    }
  }
}

/// A cell of the confusion matrix in which two models differ.
package struct CellChange: Sendable, Equatable {
  /// The true class.
  package let label: Int
  /// The predicted class.
  package let prediction: Int
  /// Samples in it for the second model minus those for the first.
  package let change: Int
}

extension ModelComparison.Pair {
  /// The errors that changed most, greatest changes first.
  package func changedErrors(_ limit: Int) -> [CellChange] {
    let cells = matrixDifference.enumerated().flatMap { label, row in
      row.enumerated().compactMap { prediction, change in
        label == prediction || change == 0
          ? nil : CellChange(label: label, prediction: prediction, change: change)
      }
    }
    return Array(
      cells.sorted {
        ($1.change.magnitude, $0.label, $0.prediction)
          < ($0.change.magnitude, $1.label, $1.prediction)
      }.prefix(limit))
  }
}
