import RealModule

/// Makes probabilities mean what they say: logits are divided by one number, the temperature.
///
/// p'ₖ = exp(zₖ/T) / Σⱼ exp(zⱼ/T), and with zₖ = ln pₖ that is pₖ^(1/T) / Σⱼ pⱼ^(1/T): logits are
/// not needed. The predicted class never changes; T > 1 makes a model less sure, T < 1 surer.
///
/// Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2.
public struct TemperatureScaling: Sendable, Equatable {
  /// Where the fitted temperature is looked for.
  public static let range = 0.05...20.0

  /// T, above 0.
  public let temperature: Double

  /// Scales by a known temperature.
  public init(temperature: Double) {
    precondition(
      temperature > 0 && temperature.isFinite, "a temperature is above 0, got \(temperature)")
    self.temperature = temperature
  }

  /// Whether the search for it ended at an end of ``range``, where no temperature was best.
  public var isAtLimit: Bool {
    temperature < Self.range.lowerBound * 1.001 || temperature > Self.range.upperBound * 0.999
  }

  /// What undoes this scaling.
  public var inverse: TemperatureScaling { TemperatureScaling(temperature: 1 / temperature) }

  /// Finds the temperature with the least mean loss on samples that were not trained on.
  ///
  /// The loss is convex in β = 1/T: mean(ln Σₖ exp(β zₖ) − β z_y), with slope mean(E[z] − z_y) and
  /// curvature mean(Var z), both under p^β; its minimum is found by Newton's method, kept within
  /// ``range`` by bisection. A model that makes no mistake there ends at T = 0.05.
  ///
  /// - Parameters:
  ///   - probabilities: row-major [N × classes]; at least one row.
  ///   - labels: [N] true classes.
  ///   - classCount: the number of classes.
  public init(fitting probabilities: [Float], labels: [Int32], classCount: Int) {
    precondition(
      !labels.isEmpty && probabilities.count == labels.count * classCount,
      "\(probabilities.count) probabilities for \(labels.count) samples of \(classCount) classes")
    let logits = probabilities.map(Self.logit)
    var (low, high) = (1 / Self.range.upperBound, 1 / Self.range.lowerBound)
    var beta = 1.0
    for _ in 0..<200 {
      let (slope, curvature) = Self.derivatives(
        at: beta, logits: logits, labels: labels, classCount: classCount)
      if slope > 0 { high = beta } else { low = beta }
      var next = curvature > 0 ? beta - slope / curvature : .nan
      if !(next > low && next < high) { next = (low + high) / 2 }
      let isDone = (next - beta).magnitude <= 1e-14 * beta
      beta = next
      if isDone { break }
    }
    temperature = 1 / beta
  }

  /// Finds the temperature with which the mean of several models' probabilities has the least mean loss, where
  /// the logits of all are divided by it.
  ///
  /// That loss need not be convex: ln T is looked for at 65 places, and between the neighbours of the best by
  /// golden section.
  ///
  /// - Parameters:
  ///   - models: row-major [N × classes] of each model; at least one.
  ///   - labels: [N] true classes.
  ///   - classCount: the number of classes.
  public init(fittingMeanOf models: [[Float]], labels: [Int32], classCount: Int) {
    precondition(
      !models.isEmpty && !labels.isEmpty
        && models.allSatisfy { $0.count == labels.count * classCount },
      "\(models.map(\.count)) probabilities for \(labels.count) samples of \(classCount) classes")
    let logits = models.map { $0.map(Self.logit) }
    func loss(_ position: Double) -> Double {
      Self.loss(
        at: Double.exp(-position), logits: logits, labels: labels, classCount: classCount)
    }
    let start = Double.log(Self.range.lowerBound)
    let step = (Double.log(Self.range.upperBound) - start) / 64
    let places = (0...64).map { start + Double($0) * step }
    let losses = places.map(loss)
    var best = 0
    for index in losses.indices where losses[index] < losses[best] { best = index }
    var (low, high) = (places[max(best - 1, 0)], places[min(best + 1, 64)])
    let share = (5.0.squareRoot() - 1) / 2
    var (left, right) = (high - share * (high - low), low + share * (high - low))
    var (leftLoss, rightLoss) = (loss(left), loss(right))
    while high - low > 1e-7 {
      if leftLoss <= rightLoss {
        (high, right, rightLoss) = (right, left, leftLoss)
        left = high - share * (high - low)
        leftLoss = loss(left)
      } else {
        (low, left, leftLoss) = (left, right, rightLoss)
        right = low + share * (high - low)
        rightLoss = loss(right)
      }
    }
    temperature = Double.exp((low + high) / 2)
  }

  /// The probabilities after scaling.
  ///
  /// - Parameter row: one probability per class, summing to one.
  public func apply(to row: Span<Float>) -> [Float] {
    var logits: [Double] = []
    logits.reserveCapacity(row.count)
    for index in row.indices { logits.append(Self.logit(row[index])) }
    let greatest = logits.max() ?? 0
    var sum = 0.0
    for index in logits.indices {
      logits[index] = Double.exp((logits[index] - greatest) / temperature)
      sum += logits[index]
    }
    return logits.map { Float($0 / sum) }
  }

  /// The probabilities after scaling.
  public func apply(to row: [Float]) -> [Float] { apply(to: row.span) }

  /// ln p, where p has not vanished.
  private static func logit(_ probability: Float) -> Double {
    Double.log(Double(max(probability, .leastNonzeroMagnitude)))
  }

  /// The mean loss of the mean of several models, each p^β.
  private static func loss(
    at beta: Double, logits: [[Double]], labels: [Int32], classCount: Int
  ) -> Double {
    var total = 0.0
    for (sample, label) in labels.enumerated() {
      let row = sample * classCount..<(sample + 1) * classCount
      var mean = 0.0
      for model in logits {
        var greatest = model[row.lowerBound]
        for k in row { greatest = max(greatest, model[k]) }
        var sum = 0.0
        for k in row { sum += Double.exp(beta * (model[k] - greatest)) }
        mean += Double.exp(beta * (model[row.lowerBound + Int(label)] - greatest)) / sum
      }
      total -= Double.log(max(mean / Double(logits.count), .leastNormalMagnitude))
    }
    return total / Double(labels.count)
  }

  /// The first and second derivative of the mean loss by β.
  private static func derivatives(
    at beta: Double, logits: [Double], labels: [Int32], classCount: Int
  ) -> (slope: Double, curvature: Double) {
    var (slope, curvature) = (0.0, 0.0)
    for (sample, label) in labels.enumerated() {
      let first = sample * classCount
      var greatest = logits[first]
      for k in first..<first + classCount { greatest = max(greatest, logits[k]) }
      var (sum, mean, square) = (0.0, 0.0, 0.0)
      for k in first..<first + classCount {
        // Relative to the greatest, so that nothing overflows and little cancels.
        let z = logits[k] - greatest
        let weight = Double.exp(beta * z)
        sum += weight
        mean += weight * z
        square += weight * z * z
      }
      mean /= sum
      slope += mean - (logits[first + Int(label)] - greatest)
      curvature += square / sum - mean * mean
    }
    return (slope / Double(labels.count), curvature / Double(labels.count))
  }
}

/// What scaling by a temperature has changed: the figures before it.
public struct CalibrationChange: Sendable, Equatable {
  /// The temperature.
  public let temperature: Double
  /// The mean loss before, nats.
  public let loss: Double
  /// The Brier score before.
  public let brierScore: Double
  /// The calibration curve before, bins of equal width.
  public let calibration: CalibrationCurve
  /// The calibration curve before, bins of equal mass.
  public let equalMassCalibration: CalibrationCurve

  /// Takes the scaling back and measures.
  ///
  /// - Parameters:
  ///   - accumulator: probabilities after scaling, kept.
  ///   - temperature: what the model was scaled by.
  ///   - binCount: the number of bins.
  /// - Throws: `EvaluationError` where a row does not hold probabilities.
  public init(
    undoing temperature: Double, in accumulator: EvaluationAccumulator, binCount: Int = 15
  ) throws(EvaluationError) {
    precondition(accumulator.keepsProbabilities, "the probabilities were not kept")
    let inverse = TemperatureScaling(temperature: temperature).inverse
    let classes = accumulator.classNames.count
    var before = EvaluationAccumulator(
      classNames: accumulator.classNames, keepsProbabilities: false,
      tolerance: accumulator.tolerance)
    let rows = accumulator.probabilities.span
    for (sample, label) in accumulator.labels.enumerated() {
      let row = rows.extracting(sample * classes..<(sample + 1) * classes)
      try before.add(label: Int(label), probabilities: inverse.apply(to: row))
    }
    self.temperature = temperature
    loss = before.meanLoss
    brierScore = before.brierScore
    let correct = before.correct
    calibration = CalibrationCurve(
      confidences: before.confidences, correct: correct, binCount: binCount)
    equalMassCalibration = CalibrationCurve(
      confidences: before.confidences, correct: correct, binCount: binCount, binning: .equalMass)
  }
}
