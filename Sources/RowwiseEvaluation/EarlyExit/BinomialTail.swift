import RealModule

/// What is rarer than a share ε would make it: tails of the binomial distribution.
package enum BinomialTail {
  /// P(X ≤ k) for X ~ Binomial(n, p), to about 12 digits.
  ///
  /// Terms relative to the greatest one that is summed, each a known fraction of its neighbour, times
  /// that one, whose logarithm is formed by Γ.
  package static func atMost(_ k: Int, of n: Int, _ p: Double) -> Double {
    precondition(n >= 0 && 0 <= p && p <= 1, "no binomial distribution: \(n), \(p)")
    if k < 0 { return 0 }
    if k >= n || p == 0 { return 1 }
    if p == 1 { return 0 }
    // The shorter side of the mean, so that the sum is small and nothing cancels.
    if Double(k) > Double(n) * p { return 1 - atMost(n - k - 1, of: n, 1 - p) }
    let odds = p / (1 - p)
    var term = 1.0
    var sum = 1.0
    var j = k
    while j > 0, term > 1e-18 * sum {
      term *= Double(j) / (Double(n - j + 1) * odds)
      sum += term
      j -= 1
    }
    return min(1, sum * Double.exp(logProbability(k, of: n, p)))
  }

  /// ln P(X = k).
  private static func logProbability(_ k: Int, of n: Int, _ p: Double) -> Double {
    let (n, k) = (Double(n), Double(k))
    let ways = Double.logGamma(n + 1) - Double.logGamma(k + 1) - Double.logGamma(n - k + 1)
    return ways + k * Double.log(p) + (n - k) * Double.log(onePlus: -p)
  }

  /// The largest k with P(X ≤ k) ≤ `level`; −1 where there is none.
  package static func quantile(_ level: Double, of n: Int, _ p: Double) -> Int {
    var (low, high) = (-1, n)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if atMost(middle, of: n, p) <= level { low = middle } else { high = middle }
    }
    return low
  }
}

extension ConfidenceInterval {
  /// Clopper and Pearson's interval of a proportion: it holds the true one at least as often as it
  /// says, for any number of trials.
  ///
  /// Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in
  /// the case of the binomial", 1934.
  /// - Parameters:
  ///   - successes: 0 to `trials`.
  ///   - trials: at least 1.
  ///   - level: the confidence, between 0 and 1.
  public static func clopperPearson(
    successes: Int, trials: Int, level: Double = 0.95
  ) -> ConfidenceInterval {
    precondition(
      trials > 0 && (0...trials).contains(successes),
      "\(successes) of \(trials) is no proportion")
    let tail = (1 - level) / 2
    /// The p at which `reaches` turns true.
    func turn(_ reaches: (Double) -> Bool) -> Double {
      var (low, high) = (0.0, 1.0)
      for _ in 0..<100 where high - low > 1e-15 {
        let middle = (low + high) / 2
        if reaches(middle) { high = middle } else { low = middle }
      }
      return (low + high) / 2
    }
    return ConfidenceInterval(
      lower: successes == 0
        ? 0 : turn { 1 - BinomialTail.atMost(successes - 1, of: trials, $0) >= tail },
      upper: successes == trials
        ? 1 : turn { BinomialTail.atMost(successes, of: trials, $0) <= tail })
  }
}
