/// Which trials are trained for how long.
struct SearchPlan: Sendable, Equatable {
  /// How trials are chosen.
  enum Strategy: String, CaseIterable, Sendable {
    /// Every one is trained to its end.
    case random
    /// All are begun; after each stage the better third goes on (Jamieson & Talwalkar 2016).
    case halving
  }

  /// A stage: how many trials reach it, and the epoch at which it ends.
  struct Stage: Sendable, Equatable {
    let trials: Int
    let epochs: Int
  }

  /// In order; the last one's epochs are all.
  let stages: [Stage]

  /// Of `trials` trials one in `share` goes on.
  static let share = 3

  init(_ strategy: Strategy, trials: Int, epochs: Int) {
    var stages = [Stage(trials: trials, epochs: epochs)]
    if strategy == .halving {
      // From the end backwards: a stage before the last is a third as long.
      var count = 0
      var left = trials
      while left > 1 {
        left = (left + Self.share - 1) / Self.share
        count += 1
      }
      var ends = [epochs]
      while ends.count <= count, let first = ends.first, first > 1 {
        ends.insert((first + Self.share - 1) / Self.share, at: 0)
      }
      left = trials
      stages = ends.map { end in
        defer { left = (left + Self.share - 1) / Self.share }
        return Stage(trials: left, epochs: end)
      }
    }
    self.stages = stages
  }
}
