import RowwiseTraining

/// Says when a checkpoint is due between two epochs.
struct CheckpointClock {
  private let interval: CheckpointInterval
  private var last = ContinuousClock.now
  private var steps = 0

  /// Begins to count.
  init(_ interval: CheckpointInterval) { self.interval = interval }

  /// Takes in a step; whether a checkpoint is due after it.
  mutating func isDue(now: ContinuousClock.Instant = .now) -> Bool {
    steps += 1
    switch interval {
    case .steps(let count): return steps >= count
    case .seconds(let seconds): return (now - last) / .seconds(1) >= seconds
    }
  }

  /// A checkpoint has been made.
  mutating func reset(now: ContinuousClock.Instant = .now) {
    last = now
    steps = 0
  }
}
