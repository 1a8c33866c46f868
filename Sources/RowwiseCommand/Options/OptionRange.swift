import ArgumentParser
import RowwiseRowSequencing

/// What the numbers behind options may be, all in one place.
///
/// Wide enough for all that makes sense, and narrow enough that nothing computed of them is too large
/// for a number. What depends on other options, or excludes the end of a range, is checked where these
/// are; what depends on the machine's memory, once it is known (`MemoryPlan`).
enum OptionRange {
  /// Of options that take whole numbers.
  static let whole: [String: ClosedRange<Int>] = [
    "epochs": 1...1_000_000, "fold-epochs": 1...1_000_000, "batch-size": 1...1 << 24,
    "accumulate": 1...1 << 20, "activation-memory": 1...1 << 24, "picture-memory": 1...1 << 24,
    "memory": 1...1 << 30, "threads": 1...1024, "folds": 2...100_000, "fold": 1...100_000,
    "schedule-epochs": 1...1_000_000, "schedule-patience": 0...1_000_000,
    "patience": 1...1_000_000, "parameters": 100...1_000_000_000_000, "trials": 1...10_000,
    "top": 1...1_000_000, "neighbors": 1...1000,
    "port": 0...65_535, "max-body": 1...4096, "max-pictures": 1...100_000,
    "max-connections": 1...1_000_000, "body-memory": 1...1 << 24,
    "freeze": 0...10_000, "views": 1...PictureViews.maximumCount,
  ]

  /// Of options that take any numbers.
  static let real: [String: ClosedRange<Double>] = [
    "learning-rate": 1e-20...1e40, "momentum": 0...1, "weight-decay": 0...1, "warm-up": 0...1e6,
    "schedule-factor": 0...1, "schedule-floor": 0...1, "clip-norm": 1e-20...1e20,
    "clip-value": 1e-20...1e20, "average-decay": 0...1, "label-smoothing": 0...1,
    "focal-gamma": 0...1000, "early-loss": 0...0.99, "teacher-weight": 0.001...1,
    "teacher-temperature": 1...100, "minimum-delta": 0...1e6,
    "validation-split": 0...1,
    "mixup": 0...100, "cutmix": 0...100, "class-weights": 0...1e6, "seconds": 0...3600,
    "checkpoint-every": 0...1e9, "confidence": 0.5...0.999999, "timeout": 0.001...1e6,
    "batch-delay": 0...10_000, "head-timeout": 0.1...1e6, "idle-timeout": 0.1...1e6,
    "drain-timeout": 0...1e6,
  ]

  /// Throws a `ValidationError` where a value is given that is out of its option's range.
  static func check(_ name: String, _ value: Int?) throws {
    guard let value, let range = whole[name], !range.contains(value) else { return }
    throw ValidationError(
      "--\(name) must be from \(range.lowerBound) to \(range.upperBound), got \(value)")
  }

  /// Throws a `ValidationError` where a value is given that is out of its option's range, or no
  /// number.
  static func check(_ name: String, _ value: Double?) throws {
    guard let value, let range = real[name], !range.contains(value) else { return }
    throw ValidationError(
      "--\(name) must be from \(text(range.lowerBound)) to \(text(range.upperBound)), got "
        + text(value))
  }

  private static func text(_ value: Double) -> String {
    value.magnitude < 1e15 && value.rounded() == value ? "\(Int(value))" : "\(value)"
  }
}
