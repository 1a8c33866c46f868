/// When to stop reading a picture: as soon as what was read, by an estimate of its own for each row, makes
/// it likely enough that nothing would change.
///
/// With s_t the log-odds of the likeliest class after row t, z_t = a_t s_t + b_t. Reading stops at the
/// first row t of at least `firstRow` at which z has been at least the threshold for `patience` rows in
/// a row, with one class all the time.
public struct EarlyExitRule: Sendable, Equatable, Codable {
  /// a_t for the rows before the last, [T − 1].
  public var slopes: [Double]
  /// b_t, [T − 1].
  public var offsets: [Double]
  /// λ; nil: never stop.
  public var threshold: Double?
  /// Rows in a row that must agree, at least 1.
  public var patience: Int
  /// The first row at which reading may stop, from 1.
  public var firstRow: Int

  /// Puts a rule together.
  public init(
    slopes: [Double], offsets: [Double], threshold: Double?, patience: Int, firstRow: Int
  ) {
    self.slopes = slopes
    self.offsets = offsets
    self.threshold = threshold
    self.patience = patience
    self.firstRow = firstRow
  }

  /// Rows of a picture, T.
  public var rows: Int { slopes.count + 1 }

  /// z_t of a score after row t, from 1, before the last.
  func estimate(_ score: Double, row t: Int) -> Double { slopes[t - 1] * score + offsets[t - 1] }

  /// Whether the numbers can be a rule for pictures of `rows` rows.
  package func isSound(rows: Int) -> Bool {
    slopes.count == rows - 1 && offsets.count == rows - 1 && patience >= 1 && firstRow >= 1
      && (slopes + offsets + [threshold ?? 0]).allSatisfy(\.isFinite)
  }

  /// The row, from 1, after which reading picture n of the traces ends.
  public func exitRow(_ traces: ReadingTraces, _ n: Int) -> Int {
    var watch = EarlyExitWatch(self)
    for t in 1..<traces.rows
    where watch.stops(class: traces.prediction(n, row: t), score: traces.score(n, row: t), row: t) {
      return t
    }
    return traces.rows
  }
}

/// Watches the reading of one picture and says when it is enough.
package struct EarlyExitWatch: Sendable {
  private let rule: EarlyExitRule
  private var last = -1
  private var streak = 0

  /// At the beginning of a picture.
  package init(_ rule: EarlyExitRule) { self.rule = rule }

  /// Takes what is said after row t, from 1; whether to stop.
  package mutating func stops(class prediction: Int, score: Double, row t: Int) -> Bool {
    guard let threshold = rule.threshold, t < rule.rows else { return false }
    guard rule.estimate(score, row: t) >= threshold else {
      streak = 0
      return false
    }
    streak = last == prediction && streak > 0 ? streak + 1 : 1
    last = prediction
    return streak >= rule.patience && t >= rule.firstRow
  }
}
