import RealModule
import RowwiseCompute

/// Watches for a loss that is finite but far above what guessing gives.
struct ExplosionGuard: Sendable, Equatable, Codable {
  private var smoothed: Double?

  /// Takes in a batch's mean loss.
  ///
  /// - Parameters:
  ///   - guessing: the loss of equal probabilities, log K.
  ///   - limit: how many times that is too much.
  /// - Returns: the smoothed loss where it is.
  mutating func add(_ loss: Double, guessing: Double, limit: Double) -> Double? {
    // Over some ten batches: one odd batch is not an explosion, unless a very large one.
    let next = smoothed.map { 0.9 * $0 + 0.1 * loss } ?? loss
    smoothed = next
    return next > limit * max(guessing, Double.log(2)) ? next : nil
  }
}
