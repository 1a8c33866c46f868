import Dispatch
import RowwiseDatasetLoading
import RowwiseRowSequencing
import TestSupport
import Testing

@Suite struct BatchFillerTests {
  let folder: TemporaryFolder
  let dataset: ImageDataset

  /// Seven samples of 3 rows and 2 columns; the bytes count on through all of them.
  init() throws {
    folder = try TemporaryFolder()
    try folder.write(
      idx([7, 3, 2], (0..<42).map { UInt8(5 * $0) }), to: "images-idx3-ubyte")
    try folder.write(idx([7], [0, 1, 2, 0, 1, 2, 0]), to: "labels-idx1-ubyte")
    dataset = try #require(try DatasetLoader.open(folder.path).whole)
  }

  @Test func batchesAreTimeMajor() throws {
    let filler = BatchFiller(dataset, preprocessing: try Preprocessing(width: 2, height: 3))
    var batch: [Float] = []
    var labels: [Int32] = []
    try filler.fill([4, 0], into: &batch, labels: &labels)
    // [T, N, D]: row 0 of sample 4, row 0 of sample 0, row 1 of sample 4 …
    let bytes = [24, 25, 0, 1, 26, 27, 2, 3, 28, 29, 4, 5]
    #expect(batch == bytes.map { Float(Double(5 * $0) / 255) })
    #expect(labels == [1, 0])
  }

  @Test func rangesWithGapsMakeTheSameBatch() throws {
    let preprocessing = try Preprocessing(
      width: 2, height: 3, readingOrder: .columns, mean: [0.25], standardDeviation: [0.5])
    let filler = BatchFiller(dataset, preprocessing: preprocessing)
    let indices = [6, 2, 2, 0, 5]
    var expected: [Float] = []
    var labels: [Int32] = []
    try filler.fill(indices, into: &expected, labels: &labels)
    #expect(expected.count == 2 * 5 * 3)

    var batch = [Float](repeating: -9, count: 2 * 5 * 4)
    var others = [Int32](repeating: -1, count: 5)
    batch.withUnsafeMutableBufferPointer { batch in
      others.withUnsafeMutableBufferPointer { labels in
        nonisolated(unsafe) let batch = batch
        nonisolated(unsafe) let labels = labels
        let ranges = [0..<2, 2..<2, 2..<5]
        DispatchQueue.concurrentPerform(iterations: 3) { worker in
          try? filler.fill(
            ranges[worker], of: indices, into: batch, rowStride: 4, labels: labels)
        }
      }
    }
    for row in 0..<10 {
      #expect(Array(batch[row * 4..<row * 4 + 3]) == Array(expected[row * 3..<row * 3 + 3]))
      #expect(batch[row * 4 + 3] == -9)
    }
    #expect(others == labels && labels == [0, 2, 2, 0, 2])
  }

  @Test func aBatchIsTheSumOfItsSamples() throws {
    let preprocessing = try Preprocessing(
      width: 2, height: 3, readingOrder: .pixelsPermuted(seed: 3))
    let filler = BatchFiller(dataset, preprocessing: preprocessing)
    var batch: [Float] = []
    var labels: [Int32] = []
    try filler.fill(Array(0..<7), into: &batch, labels: &labels)
    let writer = SequenceWriter(preprocessing)
    for n in 0..<7 {
      let alone = writer.sequence(of: try dataset.pixels(at: n))
      #expect((0..<6).map { batch[$0 * 7 + n] } == alone)
    }
  }

  @Test func lostFilesAreNamedByTheirPosition() throws {
    let folder = try TemporaryFolder()
    for i in 0..<8 { try folder.picture("\(i % 2)/\(i).png", value: UInt8(i)) }
    var options = DatasetOptions()
    options.cacheBytes = 0
    let dataset = try #require(try DatasetLoader.open(folder.path, options: options).whole)
    let preprocessing = try DatasetLoader.locate(folder.path).preprocessing(options)
    let filler = BatchFiller(dataset, preprocessing: preprocessing)
    var batch: [Float] = []
    var labels: [Int32] = []
    try filler.fill([0, 7, 3], into: &batch, labels: &labels, threads: 2)
    #expect(labels == [0, 1, 0])
    for name in ["0/6.png", "1/1.png"] { try folder.write(text: "gone", to: name) }
    let error = #expect(throws: DatasetError.self) {
      try filler.fill([0, 3, 4, 1], into: &batch, labels: &labels, threads: 2)
    }
    guard case .imageLost(let path, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == folder.path("0/6.png"))
  }
}
