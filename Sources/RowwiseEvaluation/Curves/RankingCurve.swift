/// How well scores put positive samples before negative ones: the data of the ROC and the
/// precision–recall curve of one class against the rest.
///
/// At each distinct score s, taken as threshold from the highest down, the samples with scores ≥ s
/// count as found.
public struct RankingCurve: Sendable, Equatable {
  /// The distinct scores, falling.
  public let thresholds: [Float]
  /// Positive samples found at each threshold.
  public let truePositives: [Int]
  /// Negative samples found at each threshold.
  public let falsePositives: [Int]

  /// The number of positive samples.
  public var positives: Int { truePositives.last ?? 0 }
  /// The number of negative samples.
  public var negatives: Int { falsePositives.last ?? 0 }

  /// Sorts samples by score.
  /// - Parameters:
  ///   - scores: [N], none negative or NaN.
  ///   - positive: [N] whether a sample is of the class.
  public init(scores: [Float], positive: [Bool]) {
    precondition(
      scores.count == positive.count, "\(scores.count) scores but \(positive.count) labels")
    // Non-negative floats order as their bit patterns do; one integer sorts faster than a pair.
    var keys: [UInt64] = []
    keys.reserveCapacity(scores.count)
    for (score, isPositive) in zip(scores, positive) {
      precondition(score >= 0, "scores cannot be negative or NaN, got \(score)")
      keys.append(UInt64((score + 0).bitPattern) << 1 | (isPositive ? 1 : 0))
    }
    keys.sort()
    var thresholds: [Float] = []
    var truePositives: [Int] = []
    var falsePositives: [Int] = []
    var hits = 0
    var misses = 0
    for (place, key) in keys.indices.reversed().lazy.map({ ($0, keys[$0]) }) {
      if key & 1 == 1 { hits += 1 } else { misses += 1 }
      if place == 0 || keys[place - 1] >> 1 != key >> 1 {
        thresholds.append(Float(bitPattern: UInt32(key >> 1)))
        truePositives.append(hits)
        falsePositives.append(misses)
      }
    }
    self.thresholds = thresholds
    self.truePositives = truePositives
    self.falsePositives = falsePositives
  }

  /// The area under the ROC curve, by trapezoids: the chance that a positive sample scores higher
  /// than a negative one, ties counting half. NaN without samples of both kinds.
  ///
  /// Source: T. Fawcett, "An introduction to ROC analysis", 2006, algorithm 2.
  public var rocArea: Double {
    guard positives > 0 && negatives > 0 else { return .nan }
    // In halves of one (positive, negative) pair: whole numbers, so nothing is rounded.
    var area = 0
    var (lastTrue, lastFalse) = (0, 0)
    for (hits, misses) in zip(truePositives, falsePositives) {
      area += (misses - lastFalse) * (hits + lastTrue)
      (lastTrue, lastFalse) = (hits, misses)
    }
    return Double(area) / 2 / Double(positives) / Double(negatives)
  }

  /// Σₙ (Rₙ − Rₙ₋₁)·Pₙ over thresholds, with R recall and P precision; NaN without positive
  /// samples.
  ///
  /// Not the area by trapezoids, which is too kind. Source: scikit-learn,
  /// `average_precision_score`.
  public var averagePrecision: Double {
    guard positives > 0 else { return .nan }
    var sum = 0.0
    var last = 0
    for (hits, misses) in zip(truePositives, falsePositives) where hits > last {
      sum += Double(hits - last) * Double(hits) / Double(hits + misses)
      last = hits
    }
    return sum / Double(positives)
  }

  /// The ROC curve from (0, 0) to (1, 1): x the false, y the true positive rate; empty without
  /// samples of both kinds.
  public var rocPoints: [CurvePoint] {
    guard positives > 0 && negatives > 0 else { return [] }
    return [CurvePoint(x: 0, y: 0)]
      + zip(falsePositives, truePositives).map {
        CurvePoint(x: Double($0) / Double(negatives), y: Double($1) / Double(positives))
      }
  }

  /// The precision–recall curve by rising recall: x recall, y precision, begun at recall 0 with
  /// precision 1; empty without positive samples.
  public var precisionRecallPoints: [CurvePoint] {
    guard positives > 0 else { return [] }
    return [CurvePoint(x: 0, y: 1)]
      + zip(truePositives, falsePositives).map {
        CurvePoint(x: Double($0) / Double(positives), y: Double($0) / Double($0 + $1))
      }
  }
}

/// A point of a curve.
public struct CurvePoint: Sendable, Equatable {
  /// The horizontal place.
  public let x: Double
  /// The vertical place.
  public let y: Double

  /// Puts a point together.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

extension RankingCurve {
  /// The curve of one class against the rest.
  /// - Parameters:
  ///   - probabilities: row-major [N × classes].
  ///   - labels: [N] true classes.
  public init(ofClass index: Int, probabilities: [Float], labels: [Int32], classCount: Int) {
    precondition(
      probabilities.count == labels.count * classCount && (0..<classCount).contains(index),
      "\(probabilities.count) probabilities for \(labels.count) samples of \(classCount) classes")
    self.init(
      scores: labels.indices.map { probabilities[$0 * classCount + index] },
      positive: labels.map { $0 == index })
  }
}
