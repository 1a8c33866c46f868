import RowwiseImageDecoding
import RealModule

/// What a classifier says of a picture after some of its timesteps.
public struct StreamedPrediction: Sendable, Equatable {
  /// Timesteps read, from 1.
  public let row: Int
  /// Timesteps of the whole picture, T.
  public let rows: Int
  /// Rows of the picture's file read.
  public let sourceRow: Int
  /// Bytes that had come.
  public let bytes: Int
  /// Class probabilities after these timesteps, in the order of the class names.
  public let probabilities: [Float]
  /// Whether it is the answer: nothing follows.
  public let isAnswer: Bool
  /// Whether reading stopped before the last timestep.
  public let isEarly: Bool

  /// The most probable class; of several the first.
  public var prediction: Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  }

  /// ln p₁ − ln Σ_{k≠1} p_k of the most probable class, in nats; infinite where no other has any.
  public var logOdds: Double { Self.logOdds(probabilities, of: prediction) }

  /// ln p_k − ln Σ_{j≠k} p_j.
  static func logOdds(_ probabilities: some Sequence<Float>, of chosen: Int) -> Double {
    var own = 0.0
    var others = 0.0
    for (index, probability) in probabilities.enumerated() {
      if index == chosen { own = Double(probability) } else { others += Double(probability) }
    }
    return Double.log(own) - Double.log(others)
  }
}

/// When reading a picture may end before its last row.
public enum StoppingRule: Sendable, Equatable {
  /// Never.
  case never
  /// As soon as the log-odds of the most probable class have been at least `threshold`, in nats, for
  /// `patience` timesteps in a row with the same class, none before timestep `from`.
  ///
  /// Such a number promises nothing about errors: it is as good as the probabilities are.
  case logOdds(atLeast: Double, patience: Int = 1, from: Int = 1)
}

/// Watches the predictions of one picture and says when it is enough.
struct StoppingState: Sendable {
  let rule: StoppingRule
  private var last: Int?
  private var streak = 0

  init(_ rule: StoppingRule) { self.rule = rule }

  /// Whether the probabilities after timestep `row` are needed.
  func needsProbabilities(row: Int) -> Bool {
    switch rule {
    case .never: false
    case .logOdds: true
    }
  }

  /// Takes the probabilities after timestep `row`, from 1; whether to stop.
  mutating func stops(_ probabilities: UnsafeBufferPointer<Float>, row: Int) -> Bool {
    guard case .logOdds(let threshold, let patience, let from) = rule else { return false }
    var best = 0
    for k in probabilities.indices where probabilities[k] > probabilities[best] { best = k }
    let score = StreamedPrediction.logOdds(probabilities, of: best)
    guard score >= threshold, row >= from else {
      (last, streak) = (nil, 0)
      return false
    }
    streak = last == best ? streak + 1 : 1
    last = best
    return streak >= patience
  }
}
