/// Whether training had come to its end when it ended, by its validation losses.
struct LossTrend: Sendable, Equatable {
  /// After every epoch, in order.
  let validationLosses: [Double]

  /// Whether the loss was still clearly falling: the last one is below 0.9 times the lowest of the
  /// first three quarters of the epochs; nil with fewer than two epochs, which show nothing.
  var isStillFalling: Bool? {
    guard validationLosses.count >= 2, let last = validationLosses.last else { return nil }
    let earlier = validationLosses.prefix(max(1, validationLosses.count * 3 / 4))
    guard let lowest = earlier.min() else { return nil }
    return last < 0.9 * lowest
  }
}
