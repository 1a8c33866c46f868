import RowwiseTexts

/// What the model said about one sample whose class is known: one row of `predictions.csv`.
public struct Prediction: Sendable, Equatable {
  /// The sample's path or number.
  public let sample: String
  /// The true class's index.
  public let label: Int
  /// The classes of greatest probability, greatest first; the first is the prediction.
  public let ranked: [RankedClass]
  /// −ln p of the true class, nats.
  public let loss: Double
  /// In what the sample is unlike the training pictures; nil where it is not.
  public var unusual: String?
  /// Whether its light and dark were exchanged.
  public var isInverted = false

  /// Makes the record of one sample.
  /// - Parameters:
  ///   - sample: its path or number.
  ///   - label: its true class.
  ///   - probabilities: one per class.
  ///   - top: how many classes to keep; at least 1, as many as there are where it is more.
  public init(sample: String, label: Int, probabilities: Span<Float>, top: Int) {
    precondition(
      probabilities.indices.contains(label),
      "label \(label) is not among \(probabilities.count) classes")
    self.sample = sample
    self.label = label
    self.ranked = ProbabilityRow.top(top, of: probabilities)
    self.loss = ProbabilityRow.loss(of: label, in: probabilities)
  }

  /// The predicted class's index.
  public var predictedClass: Int { ranked.first?.classIndex ?? label }
  /// The predicted class's probability.
  public var probability: Float { ranked.first?.probability ?? .nan }
  /// Whether the prediction is right.
  public var isCorrect: Bool { predictedClass == label }
}

/// Writes predictions as CSV, a row at a time: `sample`, `label`, `prediction`, `probability`,
/// `correct`, `loss`, then `class_2`, `probability_2`, … up to the number of classes kept, and where
/// pictures are measured against those of training, `unusual` and `inverted`.
public struct PredictionTable: Sendable {
  private let classNames: [String]
  private let top: Int
  private let tellsOfPictures: Bool

  /// Makes a writer for predictions that keep `top` classes each.
  ///
  /// - Parameter tellsOfPictures: whether there are the columns `unusual` and `inverted`.
  public init(classNames: [String], top: Int, tellsOfPictures: Bool = false) {
    precondition(top > 0, "at least one class must be kept, got \(top)")
    self.classNames = classNames
    self.top = min(top, classNames.count)
    self.tellsOfPictures = tellsOfPictures
  }

  /// The head of the table, with its line break.
  public var header: String {
    var fields = ["sample", "label", "prediction", "probability", "correct", "loss"]
    for rank in 1..<max(top, 1) { fields += ["class_\(rank + 1)", "probability_\(rank + 1)"] }
    return CSVText.row(fields + (tellsOfPictures ? ["unusual", "inverted"] : []))
  }

  /// One prediction's row, with its line break; what the prediction did not keep stays empty.
  public func row(_ prediction: Prediction) -> String {
    var fields = [
      prediction.sample, classNames[prediction.label], classNames[prediction.predictedClass],
      CSVText.number(prediction.probability), prediction.isCorrect ? "true" : "false",
      CSVText.number(prediction.loss),
    ]
    for rank in 1..<max(top, 1) {
      if rank < prediction.ranked.count {
        let entry = prediction.ranked[rank]
        fields += [classNames[entry.classIndex], CSVText.number(entry.probability)]
      } else {
        fields += ["", ""]
      }
    }
    if tellsOfPictures {
      fields += [prediction.unusual ?? "", prediction.isInverted ? "true" : "false"]
    }
    return CSVText.row(fields)
  }
}
