/// The mean of several answers about one picture, summed in Double in the order in which they come, so that
/// it has the same bits whatever else is asked at the same time.
struct ProbabilityMean {
  private var sums: [Double]
  private(set) var count = 0

  init(classCount: Int) { sums = [Double](repeating: 0, count: classCount) }

  /// Takes an answer in.
  ///
  /// - Parameter classes: which of its numbers is that of each class; nil: they are in order.
  mutating func add(_ probabilities: some RandomAccessCollection<Float>, classes: [Int]? = nil) {
    precondition(
      probabilities.count >= sums.count, "\(probabilities.count) of \(sums.count) classes")
    let start = probabilities.startIndex
    for k in sums.indices {
      sums[k] += Double(
        probabilities[probabilities.index(start, offsetBy: classes.map { $0[k] } ?? k)])
    }
    count += 1
  }

  /// The mean of what was taken in; the next one begins.
  mutating func take() -> [Float] {
    let mean = sums.map { Float($0 / Double(max(count, 1))) }
    for k in sums.indices { sums[k] = 0 }
    count = 0
    return mean
  }
}
