import RowwiseCompute
import RowwiseLayers

/// The exponential moving average of a network's weights.
final class AveragedWeights {
  private let decay: Double
  private let average: Buffer<Float>

  /// Begins with the network's weights.
  init(decay: Double, _ network: Network<Float>) {
    self.decay = decay
    let average = Buffer<Float>(network.arenaCount)
    network.withWeights { values in
      // SAFETY: both have `count` elements.
      for i in 0..<values.count { unsafe average.start[i] = values.start[i] }
    }
    self.average = average
  }

  /// a ← d a + (1 − d) w with d = min(decay, (1 + n) / (10 + n)), n = `update` from 1.
  func update(_ network: Network<Float>, update: Int) {
    let d = Float(min(decay, Double(1 + update) / Double(10 + update)))
    let size = average.count
    let chunk = 16_384
    network.withWeights { values in
      network.pool.run(tasks: (size + chunk - 1) / chunk) { [average] task, _ in
        // SAFETY: chunks are disjoint and inside both arenas.
        unsafe Self.blend(
          average.start + task * chunk, values.start + task * chunk,
          min(chunk, size - task * chunk), d)
      }
    }
  }

  private static func blend(
    _ a: UnsafeMutablePointer<Float>, _ w: UnsafeMutablePointer<Float>, _ count: Int, _ d: Float
  ) {
    for i in 0..<count {
      let (old, new) = unsafe (a[i], w[i])
      unsafe a[i] = new + d * (old - new)
    }
  }

  /// Exchanges the network's weights and their average.
  func exchange(_ network: Network<Float>) {
    network.changeWeights { values, _ in
      for i in 0..<values.count {
        // SAFETY: both have `count` elements.
        let other = unsafe average.start[i]
        unsafe average.start[i] = values.start[i]
        unsafe values.start[i] = other
      }
    }
  }

  /// The average by parameter.
  func values(_ network: Network<Float>) -> [[Float]] {
    network.parameters.map { average.elements($0.offset, $0.count) }
  }

  /// Replaces the average.
  func setValues(_ values: [[Float]], _ network: Network<Float>) {
    for (parameter, values) in zip(network.parameters, values) {
      average.setElements(values, at: parameter.offset)
    }
  }
}

extension Buffer<Float> {
  /// A copy of some elements.
  func elements(_ offset: Int, _ count: Int) -> [Float] {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count)
    // SAFETY: within the buffer, as just checked.
    return unsafe Array(UnsafeBufferPointer(start: start + offset, count: count))
  }

  /// Replaces some elements.
  func setElements(_ values: [Float], at offset: Int) {
    precondition(offset >= 0 && offset + values.count <= count)
    // SAFETY: within the buffer, as just checked.
    for (i, value) in values.enumerated() { unsafe start[offset + i] = value }
  }
}
