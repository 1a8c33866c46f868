import RealModule

/// What evaluation needs to know about one row of class probabilities.
///
/// Among equal probabilities the class with the lower index comes first, as in NumPy's `argmax`.
public enum ProbabilityRow {
  /// How far the sum of a row may be from one: room for Float rounding over thousands of classes.
  public static let defaultTolerance = 1e-3

  /// The least probability that the logarithm is taken of, 2⁻⁵², as in scikit-learn's `log_loss`:
  /// a class that was given no chance costs 36.04 nats and not infinity.
  public static let leastProbability = Double.ulpOfOne

  /// Checks that a row holds probabilities.
  /// - Parameters:
  ///   - row: one probability per class.
  ///   - sample: the sample's number, for the error.
  /// - Throws: `EvaluationError` where a value is NaN or outside [0, 1], or the sum is not one.
  public static func check(
    _ row: Span<Float>, sample: Int, tolerance: Double = defaultTolerance
  ) throws(EvaluationError) {
    var sum = 0.0
    for index in row.indices {
      let value = row[index]
      if value.isNaN { throw .notANumber(sample: sample, classIndex: index) }
      // Rounding in a softmax may end a little above one.
      if value < 0 || Double(value) > 1 + tolerance {
        throw .probabilityOutOfRange(sample: sample, classIndex: index, value: value)
      }
      sum += Double(value)
    }
    if (sum - 1).magnitude > tolerance {
      throw .probabilitiesDoNotSumToOne(sample: sample, sum: sum, tolerance: tolerance)
    }
  }

  /// The index of the greatest probability; the first of equal ones.
  public static func prediction(_ row: Span<Float>) -> Int {
    var best = 0
    for index in row.indices where row[index] > row[best] { best = index }
    return best
  }

  /// How many classes come before `label` when ordered by falling probability; 0 for a hit.
  ///
  /// A sample counts for top-k accuracy where its rank is less than k.
  public static func rank(of label: Int, in row: Span<Float>) -> Int {
    let own = row[label]
    var before = 0
    for index in row.indices {
      let other = row[index]
      if other > own || (other == own && index < label) { before += 1 }
    }
    return before
  }

  /// −ln p of the true class, in nats, with p kept within [2⁻⁵², 1].
  public static func loss(of label: Int, in row: Span<Float>) -> Double {
    0 - Double.log(min(1, max(leastProbability, Double(row[label]))))
  }

  /// The `count` classes of greatest probability, greatest first.
  public static func top(_ count: Int, of row: Span<Float>) -> [RankedClass] {
    precondition(count > 0, "at least one class must be asked for, got \(count)")
    var ranked: [RankedClass] = []
    for index in row.indices {
      let entry = RankedClass(classIndex: index, probability: row[index])
      if ranked.count == count, let last = ranked.last, entry.probability <= last.probability {
        continue
      }
      let place = ranked.firstIndex { $0.probability < entry.probability } ?? ranked.count
      ranked.insert(entry, at: place)
      if ranked.count > count { ranked.removeLast() }
    }
    return ranked
  }
}

/// A class with the probability it was given.
public struct RankedClass: Sendable, Equatable {
  /// The class's index.
  public let classIndex: Int
  /// Its probability, 0 to 1.
  public let probability: Float

  /// Puts a class and its probability together.
  public init(classIndex: Int, probability: Float) {
    self.classIndex = classIndex
    self.probability = probability
  }
}
