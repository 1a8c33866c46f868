/// What is needed of an earlier `metrics.json` to tell whether accuracy dropped.
public struct Baseline: Sendable, Equatable, Decodable {
  /// The number of samples.
  public let samples: Int
  /// The share predicted right.
  public let accuracy: Double

  private enum CodingKeys: String, CodingKey {
    case samples, accuracy
  }

  /// Puts a baseline together.
  public init(samples: Int, accuracy: Double) {
    precondition(samples > 0 && (0...1).contains(accuracy), "\(accuracy) of \(samples) samples")
    self.samples = samples
    self.accuracy = accuracy
  }

  /// Reads `samples` and `accuracy`; the other keys of `metrics.json` are passed by.
  /// - Throws: `DecodingError` where they are missing, or no accuracy of any samples.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    samples = try container.decode(Int.self, forKey: .samples)
    accuracy = try container.decode(Double.self, forKey: .accuracy)
    guard samples > 0, (0...1).contains(accuracy) else {
      throw DecodingError.dataCorruptedError(
        forKey: .accuracy, in: container,
        debugDescription: "expected an accuracy from 0 to 1 of at least one sample, found "
          + "\(accuracy) of \(samples)")
    }
  }

  /// Accuracy now minus accuracy then, with Newcombe's interval.
  ///
  /// The drop is significant where the whole interval lies below zero. The two are taken as
  /// independent: `PairedComparison` sees smaller differences, but needs both models' predictions.
  public func change(to report: ClassificationReport, level: Double = 0.95) -> ConfidenceInterval {
    .newcombe(
      first: (report.confusion.correct, report.samples),
      second: (Int((accuracy * Double(samples)).rounded()), samples), level: level)
  }
}
