import RowwiseLayers

/// What a trained network, or several, make of the sequences that another one learns from.
public protocol SequenceTeacher {
  /// Class probabilities of sequences of the source that is learned from, [N, K] with that source's
  /// classes.
  ///
  /// - Parameter epoch: of which the sequences are taken as they are changed at random, from 1.
  /// - Throws: whatever keeps a sequence from being read.
  func probabilities(of indices: [Int], epoch: Int) throws -> [Float]
}

/// A network that teaches.
package struct NetworkTeacher<Source: SequenceSource>: SequenceTeacher {
  private let network: Network<Float>
  private let source: Source

  /// - Parameter source: the sequences as the network reads them, in the order of those that are
  ///   learned from and with the same changes.
  package init(_ network: Network<Float>, _ source: Source) {
    (self.network, self.source) = (network, source)
  }

  package func probabilities(of indices: [Int], epoch: Int) throws -> [Float] {
    let size = network.batch(of: max(indices.count, 1))
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features,
      capacity: min(size, max(indices.count, 1)))
    var all: [Float] = []
    for start in stride(from: 0, to: indices.count, by: size) {
      let part = Array(indices[start..<min(start + size, indices.count)])
      try batch.load(part, of: source, epoch: epoch, on: network.pool)
      all += network.predict(batch)
    }
    return all
  }
}

extension SequenceBatch<Float> {
  /// Mixes what a teacher says of the sequences as `BatchMixer` has mixed these.
  func mixTaught() {
    guard isMixed, !taught.isEmpty else { return }
    let classes = taught.count / count
    for (a, b) in (0..<count / 2).map({ ($0, count - 1 - $0) }) {
      let share = labelShare(at: a)
      for k in 0..<classes {
        let (p, q) = (taught[a * classes + k], taught[b * classes + k])
        taught[a * classes + k] = q + share * (p - q)
        taught[b * classes + k] = p + share * (q - p)
      }
    }
  }
}
