public import RowwiseEvaluation

/// A rule for stopping early that was calibrated for one classifier, with what it guarantees.
///
/// Kept in the model file's metadata under `early_exit`. With the confidence it names, over the drawing
/// of the pictures that tested it, the share of pictures for which it is wrong is at most the risk's
/// limit, for pictures of the same kind as those. It holds for the weights, the precision and, to
/// rounding, the instruction set that it was made with.
public struct EarlyExit: Sendable, Equatable, Codable {
  /// When to stop.
  public var rule: EarlyExitRule
  /// What is guaranteed.
  public var risk: EarlyExitRisk
  /// How sure that is, 1 − δ.
  public var confidence: Double
  /// Pictures that screened.
  public var screened: Int
  /// Pictures that tested.
  public var tested: Int
  /// Thresholds that were proposed.
  public var thresholds: Int
  /// Which of them was taken, from 1; 0: none, so that nothing stops early.
  public var taken: Int
  /// Pictures of those that tested for which it was wrong.
  public var wrong: Int
  /// Pictures of those that tested that it stopped early.
  public var early: Int
  /// Of those that tested: mean rows read.
  public var meanRows: Double
  /// Fingerprint of the pictures.
  public var dataFingerprint: String
  /// Fingerprint of the weights.
  public var weightsFingerprint: String
  /// Precision of the products.
  public var precision: String
  /// Instruction set of the kernels.
  public var instructionSet: String
}

/// Why a classifier has no early exit that could be kept to.
public enum EarlyExitError: Error, Sendable, Equatable, CustomStringConvertible {
  /// None was calibrated.
  case notCalibrated
  /// The weights are not those that it was calibrated with.
  case otherWeights
  /// The products are formed in another precision.
  case otherPrecision(calibrated: String, now: String)
  /// Its numbers are not those of a rule for pictures of so many rows.
  case unsound(rows: Int)

  /// What is in the way and what to do.
  public var description: String {
    let way = "rowwise calibrate MODEL DATA --early-exit \"lost<=0.005\""
    return switch self {
    case .notCalibrated:
      "the model has no early exit; give it one with \(way)"
    case .otherWeights:
      "the model's weights or temperature have changed since its early exit was calibrated, so that "
        + "nothing is guaranteed; calibrate it again with \(way)"
    case .otherPrecision(let calibrated, let now):
      "the early exit was calibrated with --precision \(calibrated), not \(now); take that, or "
        + "calibrate it again"
    case .unsound(let rows):
      "the early exit's numbers are not those of a rule for \(rows) rows; calibrate it again with "
        + way
    }
  }
}
