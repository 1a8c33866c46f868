/// Largest |a − b|; infinite where the counts differ or exactly one of a pair is not a number.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) where x != y {
    if x.isNaN, y.isNaN { continue }
    let difference = abs(x - y)
    largest = max(largest, difference.isNaN ? .infinity : difference)
  }
  return largest
}

/// Largest |a − b| as a share of the largest |b|, which counts as 1 where it is smaller.
func scaledDifference(_ a: [Double], _ b: [Double]) -> Double {
  let scale = b.reduce(1) { max($0, abs($1)) }
  return largestDifference(a, b) / scale
}

/// The nearest number with 8 significant bits, ties to even, as the definition says it.
func nearestBFloat16(_ x: Double) -> Double {
  guard x != 0, x.isFinite else { return x }
  let unit = Double(sign: .plus, exponent: max(x.exponent, -126) - 7, significand: 1)
  return (x / unit).rounded(.toNearestOrEven) * unit
}

/// |result − exact| in units in the last place of Float at `exact`.
func ulps(_ result: Float, from exact: Double) -> Double {
  abs(Double(result) - exact) / Double(Float(exact).ulp)
}
