import RealModule

/// For each row, how the log-odds of the likeliest class become an estimate that stopping there would not
/// be wrong: a logistic fit, z_t = a_t s_t + b_t.
struct RowEstimates {
  /// a_t, [T − 1].
  private(set) var slopes: [Double] = []
  /// b_t, [T − 1].
  private(set) var offsets: [Double] = []

  /// Fits the rows one by one.
  init(_ traces: ReadingTraces, _ risk: EarlyExitRisk) {
    for t in 1..<max(traces.rows, 1) {
      let scores = (0..<traces.count).map { traces.score($0, row: t) }
      let isFine = (0..<traces.count).map { !risk.isWrong(traces, $0, at: t) }
      let (a, b) = Self.fit(scores, isFine)
      slopes.append(a)
      offsets.append(b)
    }
  }

  /// Makes Σ ln(1 + exp(∓z)) + ½ (a − 1)² + ½ b² least by Newton's method, which the penalty gives a
  /// minimum also where a row is never wrong; a score never counts against itself (a ≥ 0).
  private static func fit(_ scores: [Double], _ isFine: [Bool]) -> (Double, Double) {
    var (a, b) = (1.0, 0.0)
    func loss(_ a: Double, _ b: Double) -> Double {
      zip(scores, isFine).reduce(((a - 1) * (a - 1) + b * b) / 2) { sum, sample in
        let z = a * sample.0 + b
        let wrong = sample.1 ? -z : z
        return sum + max(wrong, 0) + Double.log(onePlus: Double.exp(-wrong.magnitude))
      }
    }
    var current = loss(a, b)
    for _ in 0..<50 {
      var (ga, gb) = (a - 1, b)
      var (aa, ab, bb) = (1.0, 0.0, 1.0)
      for (s, fine) in zip(scores, isFine) {
        let p = 1 / (1 + Double.exp(-(a * s + b)))
        let residual = p - (fine ? 1 : 0)
        let weight = p * (1 - p)
        ga += residual * s
        gb += residual
        aa += weight * s * s
        ab += weight * s
        bb += weight
      }
      let determinant = aa * bb - ab * ab
      var step = ((bb * ga - ab * gb) / determinant, (aa * gb - ab * ga) / determinant)
      var next = loss(a - step.0, b - step.1)
      for _ in 0..<30 where !(next <= current) {
        step = (step.0 / 2, step.1 / 2)
        next = loss(a - step.0, b - step.1)
      }
      guard next < current - 1e-10 * (1 + current) else { break }
      (a, b) = (a - step.0, b - step.1)
      current = next
    }
    return (max(a, 0), b)
  }
}
