public import RowwiseCompute
public import RowwiseDatasetLoading
public import RowwiseLayers
public import RowwiseRowSequencing
public import RowwiseTraining

/// A data set of pictures as sequences to train or score on.
public struct DatasetSource: SequenceSource {
  private let filler: BatchFiller
  /// How pictures are changed at random in training.
  public let augmentation: Augmentation

  /// - Parameters:
  ///   - dataset: of the preprocessing's size and channels.
  ///   - preprocessing: how pictures become timesteps.
  ///   - augmentation: how pictures are changed at random in training.
  ///   - seed: of those changes.
  public init(
    _ dataset: ImageDataset, preprocessing: Preprocessing,
    augmentation: Augmentation = Augmentation(), seed: UInt64 = 0
  ) {
    self.augmentation = augmentation
    let augmenter = Augmenter(
      augmentation, width: preprocessing.width, height: preprocessing.height,
      channels: preprocessing.color.channels, seed: seed)
    filler = BatchFiller(
      dataset, preprocessing: preprocessing, augmenter: augmentation.isNone ? nil : augmenter)
  }

  /// Samples of the data set.
  public var count: Int { filler.dataset.count }
  /// T.
  public var timesteps: Int { filler.preprocessing.timesteps }
  /// D.
  public var features: Int { filler.preprocessing.features }
  /// Classes of the data set.
  public var classCount: Int { filler.dataset.classNames.count }

  /// The samples' classes.
  public var labels: [Int]? { filler.dataset.labels.map { Int($0) } }
  /// A pixel's channels.
  public var featureGroup: Int { filler.preprocessing.color.channels }

  /// Reads samples, decoding them where they are not in memory.
  public func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws {
    try load(indices, rows, into: batch, epoch: nil)
  }

  /// Reads samples and changes them at random.
  public func load(
    _ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>, epoch: Int
  ) throws {
    try load(indices, rows, into: batch, epoch: epoch)
  }

  private func load(
    _ indices: [Int], _ rows: Range<Int>, into batch: SequenceBatch<Float>, epoch: Int?
  ) throws {
    try filler.fill(
      rows, of: indices,
      into: UnsafeMutableBufferPointer(
        start: batch.inputs.start, count: timesteps * batch.count * features),
      rowStride: features,
      labels: UnsafeMutableBufferPointer(start: batch.labels, count: batch.count), epoch: epoch)
  }

  /// Starts decoding in the background.
  public func prefetch(_ indices: [Int]) {
    filler.dataset.prefetch(indices)
  }
}
