import Compute

/// How the learning rate changes over a run.
public enum LearningRateSchedule: String, Sendable, Codable, CaseIterable {
  /// Not at all.
  case constant
  /// Along half a cosine from the full rate at the first step to none after the last (Loshchilov &
  /// Hutter 2017, without restarts).
  case cosine

  /// The share of the full rate at step `step` of `steps`, counted from 0 over the whole run.
  public func factor(step: Int, of steps: Int) -> Double {
    switch self {
    case .constant: 1
    case .cosine: 0.5 * (1 + cosine(.pi * Double(step) / Double(max(steps, 1))))
    }
  }

  private func cosine(_ x: Double) -> Double { Compute.cosine(x) }
}
