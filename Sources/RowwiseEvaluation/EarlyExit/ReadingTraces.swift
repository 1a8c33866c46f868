import RealModule

/// What a classifier said of pictures after each of their rows.
public struct ReadingTraces: Sendable {
  /// Rows of a picture, T: timesteps of the model.
  public let rows: Int
  /// Classes, K.
  public let classes: Int
  /// The pictures' true classes, as they were added; nil where they are not known.
  public private(set) var labels: [Int?] = []
  /// The likeliest class after each row, [N, T].
  private var predicted: [Int32] = []
  /// Its log-odds after each row, nats, [N, T].
  private var scores: [Double] = []

  /// No pictures yet.
  public init(rows: Int, classes: Int) {
    precondition(rows > 0 && classes > 0, "\(rows) rows, \(classes) classes")
    self.rows = rows
    self.classes = classes
  }

  /// Pictures, N.
  public var count: Int { labels.count }

  /// Adds what was said of a picture.
  ///
  /// - Parameters:
  ///   - label: its true class, where that is known.
  ///   - probabilities: of the classes after each row, [T, K].
  public mutating func add(label: Int?, probabilities: Span<Float>) {
    precondition(
      probabilities.count == rows * classes, "\(probabilities.count) for \(rows) × \(classes)")
    labels.append(label)
    for t in 0..<rows {
      let row = probabilities.extracting(t * classes..<(t + 1) * classes)
      let best = Self.best(row)
      predicted.append(Int32(best))
      scores.append(Self.logOdds(row, of: best))
    }
  }

  /// The likeliest class of picture n after row t, from 1.
  public func prediction(_ n: Int, row t: Int) -> Int { Int(predicted[n * rows + t - 1]) }
  /// The likeliest class's log-odds, nats, within ±104.
  public func score(_ n: Int, row t: Int) -> Double { scores[n * rows + t - 1] }
  /// The class that the whole picture gets.
  public func answer(_ n: Int) -> Int { prediction(n, row: rows) }

  /// The traces of some of the pictures.
  package func picked(_ indices: some Sequence<Int>) -> ReadingTraces {
    var result = ReadingTraces(rows: rows, classes: classes)
    for n in indices {
      result.labels.append(labels[n])
      result.predicted += predicted[n * rows..<(n + 1) * rows]
      result.scores += scores[n * rows..<(n + 1) * rows]
    }
    return result
  }

  /// The index of the largest; of several the first.
  package static func best(_ probabilities: Span<Float>) -> Int {
    var best = 0
    for k in probabilities.indices where probabilities[k] > probabilities[best] { best = k }
    return best
  }

  /// ln p_k − ln Σ_{j≠k} p_j, nats, within ±104: what Float's smallest number makes of it where
  /// others have vanished.
  package static func logOdds(_ probabilities: Span<Float>, of chosen: Int) -> Double {
    var others = 0.0
    for k in probabilities.indices where k != chosen { others += Double(probabilities[k]) }
    let odds = Double.log(Double(probabilities[chosen])) - Double.log(others)
    return min(max(odds, -104), 104)
  }
}
