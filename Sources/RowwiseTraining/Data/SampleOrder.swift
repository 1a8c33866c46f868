import RowwiseRandomness

/// In which order an epoch reads which samples: a function of seed and epoch.
struct SampleOrder {
  let seed: UInt64
  let shuffles: Bool
  /// Indices of each class's samples, for balanced sampling; nil where each is read once.
  let classes: [[Int]]?
  let count: Int

  /// - Parameter labels: the samples' classes, needed for balanced sampling only.
  init(_ options: TrainingOptions, count: Int, labels: [Int]?) {
    seed = options.seed
    shuffles = options.shuffles
    self.count = count
    guard options.sampling == .balanced, let labels else {
      classes = nil
      return
    }
    var classes = [[Int]](repeating: [], count: (labels.max() ?? 0) + 1)
    for (index, label) in labels.enumerated() { classes[label].append(index) }
    self.classes = classes.filter { !$0.isEmpty }
  }

  /// The samples of epoch `epoch`, counted from 1.
  func indices(epoch: Int) -> [Int] {
    // Streams of training are told from those of initial weights by the highest bit.
    var random = RandomStream(seed: seed, stream: 1 << 63 | UInt64(epoch))
    guard let classes else {
      return shuffles ? random.permutation(count) : Array(0..<count)
    }
    var drawn: [Int] = []
    drawn.reserveCapacity(count)
    for (number, members) in classes.enumerated() {
      // What does not divide evenly goes to one class more each epoch.
      let turn = (number + epoch) % classes.count
      var left = count / classes.count + (turn < count % classes.count ? 1 : 0)
      while left > 0 {
        let order = random.permutation(members.count).prefix(left)
        drawn += order.map { members[$0] }
        left -= order.count
      }
    }
    guard shuffles else { return drawn }
    return random.permutation(drawn.count).map { drawn[$0] }
  }
}
