extension ImageDataset {
  /// Divides the samples in two, every class in the same proportion.
  ///
  /// Of a class of n samples, `fraction` × n are held back, rounded to the nearest, but at least one
  /// and not all where n > 1; a single one is kept. Which ones, the seed decides, and nothing else:
  /// each class is shuffled by a generator of its own (`SplitMix64`). Both sides keep the order of
  /// the samples.
  ///
  /// - Parameter fraction: above 0 and below 1.
  /// - Throws: `invalidSplit` where the fraction is out of range or a side is left empty.
  public func stratifiedSplit(
    holdingBack fraction: Double, seed: UInt64
  ) throws(DatasetError) -> (kept: ImageDataset, heldBack: ImageDataset) {
    guard fraction > 0, fraction < 1 else {
      throw .invalidSplit(fraction: fraction, samples: count)
    }
    var kept: [Int] = []
    var heldBack: [Int] = []
    for shuffled in shuffledClasses(seed: seed) where !shuffled.isEmpty {
      let share = Int((Double(shuffled.count) * fraction).rounded())
      let held = shuffled.count > 1 ? min(max(share, 1), shuffled.count - 1) : 0
      heldBack += shuffled[..<held]
      kept += shuffled[held...]
    }
    guard !kept.isEmpty, !heldBack.isEmpty else {
      throw .invalidSplit(fraction: fraction, samples: count)
    }
    return (subset(kept.sorted()), subset(heldBack.sorted()))
  }
}
