import RealModule
import RowwiseCompute

/// How the learning rate changes over a run.
public enum LearningRateSchedule: Sendable, Equatable, Codable {
  /// Not at all.
  case constant
  /// Multiplied by `factor` after every `epochs` epochs.
  case step(epochs: Int = 10, factor: Double = 0.1)
  /// Along half a cosine from the full rate at the first step to none after the last (Loshchilov &
  /// Hutter 2017, without restarts).
  case cosine
  /// The same, to the share `floor` of the full rate.
  case cosineAbove(floor: Double)
  /// Up along half a cosine from the share `start` during the share `rise` of all steps, then down
  /// along another to the share `end` (Smith & Topin 2018, in PyTorch's form with two phases and an
  /// unchanged momentum).
  case oneCycle(rise: Double = 0.3, start: Double = 0.04, end: Double = 0.000_004)
  /// Multiplied by `factor`, at least `floor` of the full rate, whenever the loss (of the validation
  /// data, where there are any) has not fallen below (1 − `threshold`) of its lowest for more than
  /// `patience` epochs.
  case plateau(
    factor: Double = 0.1, patience: Int = 5, threshold: Double = 0.0001, floor: Double = 0)

  /// The schedules by name, as people write them.
  package enum Name: String, Sendable, CaseIterable {
    case constant, step, cosine, plateau
    case oneCycle = "one-cycle"
  }

  /// Which schedule it is.
  package var name: Name {
    switch self {
    case .constant: .constant
    case .step: .step
    case .cosine, .cosineAbove: .cosine
    case .oneCycle: .oneCycle
    case .plateau: .plateau
    }
  }

  /// The share of the full rate.
  ///
  /// - Parameters:
  ///   - step: from 0 over the whole run.
  ///   - steps: of the whole run.
  ///   - stepsPerEpoch: of one epoch.
  ///   - plateau: the share that `plateau` has come to.
  public func factor(
    step: Int, of steps: Int, stepsPerEpoch: Int = 1, plateau: Double = 1
  ) -> Double {
    switch self {
    case .constant: return 1
    case .step(let epochs, let factor):
      var share = 1.0
      for _ in 0..<(step / max(stepsPerEpoch, 1) / max(epochs, 1)) { share *= factor }
      return share
    case .cosine: return Self.arc(from: 1, to: 0, Double(step) / Double(max(steps, 1)))
    case .cosineAbove(let floor):
      return Self.arc(from: 1, to: floor, Double(step) / Double(max(steps, 1)))
    case .oneCycle(let rise, let start, let end):
      let peak = rise * Double(steps) - 1
      let last = Double(steps) - 1
      let now = Double(step)
      if now <= peak, peak > 0 { return Self.arc(from: start, to: 1, now / peak) }
      let top = max(peak, 0)
      // A run of one step is made at the full rate.
      let share = last > top ? (now - top) / (last - top) : 0
      return Self.arc(from: 1, to: end, min(share, 1))
    case .plateau: return plateau
    }
  }

  /// What is wrong with the numbers, or nil.
  public var problem: String? {
    func share(_ name: String, _ x: Double, from: Double = 0) -> String? {
      from <= x && x <= 1 ? nil : "\(name) must be from \(from) to 1, not \(x)"
    }
    func factor(_ x: Double) -> String? {
      0 < x && x < 1 ? nil : "the schedule's factor must be above 0 and below 1, not \(x)"
    }
    switch self {
    case .constant, .cosine: return nil
    case .step(let epochs, let value):
      return (epochs >= 1 ? nil : "the schedule's epochs must be at least 1, not \(epochs)")
        ?? factor(value)
    case .cosineAbove(let floor): return share("the schedule's floor", floor)
    case .oneCycle(let rise, let start, let end):
      return share("the share of rising steps", rise) ?? share("the first share", start)
        ?? share("the last share", end)
    case .plateau(let value, let patience, let threshold, let floor):
      return factor(value)
        ?? (patience >= 0 ? nil : "the schedule's patience must be at least 0, not \(patience)")
        ?? share("the threshold", threshold) ?? share("the schedule's floor", floor)
    }
  }

  /// From `a` at x = 0 to `b` at x = 1 along half a cosine.
  private static func arc(from a: Double, to b: Double, _ x: Double) -> Double {
    b + (a - b) * 0.5 * (1 + Double.cos(.pi * x))
  }
}

/// Where ``LearningRateSchedule/plateau`` stands.
struct PlateauState: Sendable, Equatable, Codable {
  /// Share of the full rate.
  var share = 1.0
  private var lowest: Double?
  private var epochsWithout = 0

  /// Whether training can have come to it in an epoch.
  func isPossible(in epoch: Int) -> Bool { (0...epoch).contains(epochsWithout) }

  /// Takes in the loss after an epoch.
  mutating func add(loss: Double, _ schedule: LearningRateSchedule) {
    guard case .plateau(let factor, let patience, let threshold, let floor) = schedule else {
      return
    }
    if lowest.map({ loss < $0 * (1 - threshold) }) ?? true {
      lowest = loss
      epochsWithout = 0
      return
    }
    epochsWithout += 1
    guard epochsWithout > patience else { return }
    epochsWithout = 0
    share = max(share * factor, floor)
  }
}
