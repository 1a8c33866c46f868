import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining

/// Pictures read one pixel a timestep, in memory.
struct PixelSource: SequenceSource {
  let timesteps: Int
  let classCount: Int
  private let labels: [Int32]
  private let sequences: [[Float]]

  init(_ dataset: ImageDataset) throws {
    let preprocessing = try Preprocessing(
      width: dataset.width, height: dataset.height, readingOrder: .pixels)
    let writer = SequenceWriter(preprocessing)
    timesteps = preprocessing.timesteps
    classCount = dataset.classNames.count
    labels = dataset.labels
    sequences = try (0..<dataset.count).map { writer.sequence(of: try dataset.pixels(at: $0)) }
  }

  var count: Int { labels.count }
  var features: Int { 1 }

  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {
    for row in rows {
      batch.labels[row] = labels[indices[row]]
      for (t, value) in sequences[indices[row]].enumerated() {
        batch.inputs.start[t * batch.count + row] = value
      }
    }
  }

  /// The first `count` sequences as one batch.
  func batch(first count: Int) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(timesteps: timesteps, features: 1, capacity: count)
    load(Array(0..<count), rows: 0..<count, into: batch)
    return batch
  }
}
