public import Compute
public import DatasetLoading
public import Layers
public import RowSequencing
public import Training

/// A data set of pictures as sequences to train or score on.
public struct DatasetSource: SequenceSource {
  private let filler: BatchFiller

  /// - Parameters:
  ///   - dataset: of the preprocessing's size and channels.
  ///   - preprocessing: how pictures become timesteps.
  public init(_ dataset: ImageDataset, preprocessing: Preprocessing) {
    filler = BatchFiller(dataset, preprocessing: preprocessing)
  }

  /// Samples of the data set.
  public var count: Int { filler.dataset.count }
  /// T.
  public var timesteps: Int { filler.preprocessing.timesteps }
  /// D.
  public var features: Int { filler.preprocessing.features }
  /// Classes of the data set.
  public var classCount: Int { filler.dataset.classNames.count }

  /// Reads samples, decoding them where they are not in memory.
  public func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws {
    try filler.fill(
      rows, of: indices,
      into: UnsafeMutableBufferPointer(
        start: batch.inputs.start, count: timesteps * batch.count * features),
      rowStride: features,
      labels: UnsafeMutableBufferPointer(start: batch.labels, count: batch.count))
  }

  /// Starts decoding in the background.
  public func prefetch(_ indices: [Int]) {
    filler.dataset.prefetch(indices)
  }
}
