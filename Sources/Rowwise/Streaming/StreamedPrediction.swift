public import RowwiseEvaluation
import RealModule

/// What a classifier says of a picture after some of its timesteps.
public struct StreamedPrediction: Sendable, Equatable {
  /// Timesteps read, from 1.
  public let row: Int
  /// Timesteps of the whole picture, T.
  public let rows: Int
  /// Rows of the picture read, as its file stores it.
  public let sourceRow: Int
  /// Bytes that had come.
  public let bytes: Int
  /// Class probabilities after these timesteps, in the order of the class names.
  public let probabilities: [Float]
  /// Whether it is the answer: nothing follows.
  public let isAnswer: Bool
  /// Whether reading stopped before the last timestep.
  public let isEarly: Bool

  package init(
    row: Int, rows: Int, sourceRow: Int, bytes: Int, probabilities: [Float], isAnswer: Bool,
    isEarly: Bool
  ) {
    self.row = row
    self.rows = rows
    self.sourceRow = sourceRow
    self.bytes = bytes
    self.probabilities = probabilities
    self.isAnswer = isAnswer
    self.isEarly = isEarly
  }

  /// The most probable class; of several the first.
  public var prediction: Int {
    probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  }

  /// ln p₁ − ln Σ_{k≠1} p_k of the most probable class, in nats, within ±104.
  public var logOdds: Double { ReadingTraces.logOdds(probabilities.span, of: prediction) }
}

/// When reading a picture may end before its last row.
public enum StoppingRule: Sendable, Equatable {
  /// Never.
  case never
  /// As soon as the log-odds of the most probable class have been at least `threshold`, in nats, for
  /// `patience` timesteps in a row with the same class, and not before timestep `from`.
  ///
  /// Such a number promises nothing about errors: it is as good as the probabilities are.
  case logOdds(atLeast: Double, patience: Int = 1, from: Int = 1)
  /// As the classifier's early exit says, with what it guarantees; see `ImageClassifier.earlyExit`.
  case calibrated
  /// As a rule says, whatever classifier it was made for.
  case rule(EarlyExitRule)
}

/// Watches the predictions of one picture and says when it is enough.
enum StoppingState: Sendable {
  case never
  case watching(EarlyExitWatch)

  /// - Parameters:
  ///   - rows: of a picture.
  ///   - calibrated: the classifier's early exit.
  init(
    _ rule: StoppingRule, rows: Int, calibrated: () throws(EarlyExitError) -> EarlyExit
  ) throws(EarlyExitError) {
    switch rule {
    case .never: self = .never
    case .rule(let rule):
      guard rule.isSound(rows: rows) else { throw .unsound(rows: rows) }
      self = .watching(EarlyExitWatch(rule))
    case .calibrated: self = .watching(EarlyExitWatch(try calibrated().rule))
    case .logOdds(let threshold, let patience, let from):
      self = .watching(
        EarlyExitWatch(
          EarlyExitRule(
            slopes: [Double](repeating: 1, count: rows - 1),
            offsets: [Double](repeating: 0, count: rows - 1), threshold: threshold,
            patience: max(patience, 1), firstRow: max(from, 1))))
    }
  }

  /// Whether predictions before the last are needed.
  var isWatching: Bool { if case .watching = self { true } else { false } }

  /// Takes the probabilities after timestep `row`, from 1; whether to stop.
  mutating func stops(_ probabilities: Span<Float>, row: Int) -> Bool {
    guard case .watching(var watch) = self else { return false }
    let best = ReadingTraces.best(probabilities)
    let stops = watch.stops(
      class: best, score: ReadingTraces.logOdds(probabilities, of: best), row: row)
    self = .watching(watch)
    return stops
  }
}
