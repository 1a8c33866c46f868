import RealModule

/// The chance of a fair coin to land as unevenly as it did, or more.
///
/// - Parameters:
///   - first: how often it landed on one side.
///   - second: how often it landed on the other.
/// - Returns: min(1, 2·P(X ≤ min(first, second))) for X ~ Binomial(first + second, ½): the exact
///   two-sided p value, to about 12 digits.
func fairCoinPValue(_ first: Int, _ second: Int) -> Double {
  precondition(first >= 0 && second >= 0, "counts cannot be negative: \(first), \(second)")
  let fewer = min(first, second)
  let throwsCount = first + second
  if first == second { return 1 }
  // From the greatest term down, each a known fraction of the one before.
  let greatest = fairCoinProbability(fewer, of: throwsCount)
  var term = 1.0
  var sum = 1.0
  var successes = fewer
  while successes > 0 && term > 1e-18 * sum {
    term *= Double(successes) / Double(throwsCount - successes + 1)
    sum += term
    successes -= 1
  }
  return min(1, 2 * greatest * sum)
}

/// C(n, k) / 2ⁿ, by Stirling's series around the mean rather than by factorials, whose logarithms
/// would lose digits to each other.
///
/// Source: C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
private func fairCoinProbability(_ successes: Int, of count: Int) -> Double {
  let n = Double(count)
  let k = Double(successes)
  if successes == 0 { return Double.exp(-n * Double.log(2)) }
  let exponent =
    stirlingRemainder(n) - stirlingRemainder(k) - stirlingRemainder(n - k)
    - deviance(k, mean: n / 2) - deviance(n - k, mean: n / 2)
  return Double.exp(exponent) * (n / (2 * Double.pi * k * (n - k))).squareRoot()
}

/// ln n! − (n + ½)·ln n + n − ½·ln 2π, for n ≥ 1.
private func stirlingRemainder(_ n: Double) -> Double {
  if n < 16 {
    var factorial = 1.0
    for factor in stride(from: 2, through: n, by: 1) { factorial *= factor }
    return Double.log(factorial) - (n + 0.5) * Double.log(n) + n
      - 0.5 * Double.log(2 * Double.pi)
  }
  let square = n * n
  let series = 1 / 1680.0 / square
  return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - series) / square) / square) / n
}

/// x·ln(x/m) + m − x, without cancellation where x is near m.
private func deviance(_ x: Double, mean m: Double) -> Double {
  let v = (x - m) / (x + m)
  guard v.magnitude < 0.1 else { return x * Double.log(x / m) + m - x }
  // ln(x/m) = 2·artanh(v) = 2(v + v³/3 + v⁵/5 + …), and x·2v + m − x = (x − m)·v.
  var sum = (x - m) * v
  var power = 2 * x * v
  var odd = 3.0
  while true {
    power *= v * v
    let next = sum + power / odd
    if next == sum { return sum }
    sum = next
    odd += 2
  }
}
