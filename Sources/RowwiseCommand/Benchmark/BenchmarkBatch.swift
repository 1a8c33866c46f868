import RowwiseCompute
import RowwiseLayers
import RowwiseRandomness

/// Made-up sequences: what is in them has no influence on how long they take.
enum BenchmarkBatch {
  /// `count` sequences, uniform in [0, 1), with labels of all classes in turn; always the same.
  static func make(timesteps: Int, features: Int, count: Int) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(timesteps: timesteps, features: features, capacity: count)
    var random = RandomStream(seed: 0, stream: 1)
    for i in 0..<timesteps * features * count {
      batch.inputs.start[i] = Float(random.nextUniform())
    }
    for n in 0..<count { batch.labels[n] = Int32(n % BenchmarkCase.classCount) }
    return batch
  }
}
