import RealModule

/// Where a quantity lies, with a stated confidence.
public struct ConfidenceInterval: Sendable, Equatable {
  /// The lower end.
  public let lower: Double
  /// The upper end.
  public let upper: Double

  /// Puts the ends together.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Wilson's score interval of a proportion.
  ///
  /// (p̂ + z²/2n ± z·√(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n). It stays within [0, 1] and keeps its
  /// promise for few samples and for shares near one, where p̂ ± z·√(p̂(1 − p̂)/n) does not.
  /// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
  /// 1927.
  /// - Parameters:
  ///   - successes: 0 to `trials`.
  ///   - trials: at least 1.
  ///   - level: the confidence, between 0 and 1.
  public static func wilson(successes: Int, trials: Int, level: Double = 0.95) -> Self {
    precondition(
      trials > 0 && (0...trials).contains(successes),
      "\(successes) of \(trials) is no proportion")
    let z = normalQuantile(twoSided: level)
    let n = Double(trials)
    let share = Double(successes) / n
    let divisor = 2 * (n + z * z)
    let center = (2 * n * share + z * z) / divisor
    let reach = z / divisor * (4 * n * share * (1 - share) + z * z).squareRoot()
    return Self(
      lower: successes == 0 ? 0 : center - reach,
      upper: successes == trials ? 1 : center + reach)
  }

  /// The interval of F1 = 2·TP / (support + predicted); of unknown ends where both are zero.
  ///
  /// F1 = 2J/(1 + J) rises with J = TP/(support + predicted − TP), and J is a proportion: of the
  /// samples that are of the class, or were taken for it, the share that is both. The ends are
  /// those of J's Wilson interval, turned into F1. Source: K. F. Y. Lam, V. Gopal and J. Qian,
  /// "Confidence intervals for the F1 score: a comparison of four methods", 2023, the indirect
  /// Wilson method.
  /// - Parameters:
  ///   - truePositives: no more than either of the next two.
  ///   - support: samples of the class.
  ///   - predicted: samples taken for it.
  ///   - level: the confidence, between 0 and 1.
  public static func f1(
    truePositives: Int, support: Int, predicted: Int, level: Double = 0.95
  ) -> Self {
    let either = support + predicted - truePositives
    guard either > 0 else { return .unknown }
    let share = wilson(successes: truePositives, trials: either, level: level)
    return Self(
      lower: 2 * share.lower / (1 + share.lower), upper: 2 * share.upper / (1 + share.upper))
  }

  /// Of what was not measured.
  static let unknown = Self(lower: .nan, upper: .nan)

  /// Bonett and Price's interval of the difference of two proportions of the same samples.
  ///
  /// With p₁ = (b + 1)/(n + 2) and p₂ = (c + 1)/(n + 2), where b and c of n samples are successes of
  /// only the first and of only the second: p₁ − p₂ ± z·√((p₁ + p₂ − (p₁ − p₂)²)/(n + 2)), within
  /// [−1, 1]. Source: D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a
  /// difference of binomial proportions based on paired data", 2012.
  public static func paired(
    onlyFirst: Int, onlySecond: Int, samples: Int, level: Double = 0.95
  ) -> Self {
    precondition(
      onlyFirst >= 0 && onlySecond >= 0 && onlyFirst + onlySecond <= samples && samples > 0,
      "\(onlyFirst) and \(onlySecond) of \(samples) samples")
    let n = Double(samples + 2)
    let first = Double(onlyFirst + 1) / n
    let second = Double(onlySecond + 1) / n
    let difference = first - second
    let variance = (first + second - difference * difference) / n
    let reach = normalQuantile(twoSided: level) * variance.squareRoot()
    return Self(lower: max(-1, difference - reach), upper: min(1, difference + reach))
  }

  /// Newcombe's interval of the difference of two independent proportions, first − second.
  ///
  /// Source: R. G. Newcombe, "Interval estimation for the difference between independent
  /// proportions", 1998, method 10: Wilson's intervals put together.
  public static func newcombe(
    first: (successes: Int, trials: Int), second: (successes: Int, trials: Int),
    level: Double = 0.95
  ) -> Self {
    let one = wilson(successes: first.successes, trials: first.trials, level: level)
    let two = wilson(successes: second.successes, trials: second.trials, level: level)
    let share1 = Double(first.successes) / Double(first.trials)
    let share2 = Double(second.successes) / Double(second.trials)
    func length(_ first: Double, _ second: Double) -> Double {
      (first * first + second * second).squareRoot()
    }
    return Self(
      lower: share1 - share2 - length(share1 - one.lower, two.upper - share2),
      upper: share1 - share2 + length(one.upper - share1, share2 - two.lower))
  }

  /// The middle of the values by share: of values that are numbers, the quantiles (1 − level)/2
  /// and (1 + level)/2; NaN where there are none.
  static func percentile(_ values: [Double], level: Double) -> Self {
    let sorted = values.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return .unknown }
    return Self(
      lower: quantile((1 - level) / 2, ofSorted: sorted),
      upper: quantile((1 + level) / 2, ofSorted: sorted))
  }

  /// The interval widened, where need be, to hold a value.
  func holding(_ value: Double) -> Self {
    value.isNaN ? .unknown : Self(lower: min(lower, value), upper: max(upper, value))
  }
}

/// The z with P(|Z| ≤ z) = level for a standard normal Z, found by Newton's method on erfc.
func normalQuantile(twoSided level: Double) -> Double {
  precondition(level > 0 && level < 1, "a confidence lies between 0 and 1, got \(level)")
  let target = 1 - level
  var z = 1.0
  // erfc is convex for z > 0, so that from a start to the left of the root each step stays there.
  while Double.erfc(z / 2.0.squareRoot()) < target { z /= 2 }
  for _ in 0..<200 {
    let slope = (2 / Double.pi).squareRoot() * Double.exp(-z * z / 2)
    let step = (Double.erfc(z / 2.0.squareRoot()) - target) / slope
    z += step
    if step.magnitude <= 1e-15 * z { break }
  }
  return z
}
