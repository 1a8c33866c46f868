import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

/// Pictures of a data set as batches.
@Suite struct DatasetSourceTests {
  @Test(arguments: [ReadingOrder.rows, .columns, .pixels])
  func batchesHoldThePictures(_ order: ReadingOrder) throws {
    let (_, test) = try Digits.load()
    let preprocessing = try Preprocessing(
      width: 8, height: 8, readingOrder: order, mean: [0.3], standardDeviation: [0.4])
    let source = DatasetSource(test, preprocessing: preprocessing)
    #expect(source.count == 360)
    #expect(source.classCount == 10)
    let (timesteps, features) = (source.timesteps, source.features)
    #expect(timesteps * features == 64)
    let indices = [7, 0, 359, 7, 100]
    let batch = SequenceBatch<Float>(timesteps: timesteps, features: features, capacity: 5)
    // In two parts, as two threads would.
    try source.load(indices, rows: 0..<2, into: batch)
    try source.load(indices, rows: 2..<5, into: batch)
    let writer = SequenceWriter(preprocessing)
    for (row, index) in indices.enumerated() {
      #expect(batch.labels[row] == test.labels[index])
      let expected = writer.sequence(of: try test.pixels(at: index))
      var received: [Float] = []
      for t in 0..<timesteps {
        for d in 0..<features {
          received.append(batch.inputs.start[(t * 5 + row) * features + d])
        }
      }
      #expect(received == expected, "row \(row)")
    }
  }
}
