/// p values of several tests, corrected so that the chance of any false alarm stays below the level
/// that each is held against.
///
/// The p values in rising order p₁ ≤ p₂ ≤ … ≤ pₘ become the running greatest of (m − i + 1)·pᵢ, at
/// most 1. Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.
///
/// - Returns: the corrected values, in the order given.
public func holmCorrected(_ pValues: [Double]) -> [Double] {
  var corrected = pValues
  var greatest = 0.0
  let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  for (rank, index) in order.enumerated() {
    greatest = max(greatest, min(1, Double(pValues.count - rank) * pValues[index]))
    corrected[index] = greatest
  }
  return corrected
}
