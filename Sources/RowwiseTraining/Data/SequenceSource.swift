public import RowwiseCompute
public import RowwiseLayers
public import RowwiseRowSequencing

/// Labelled sequences to train or evaluate on.
public protocol SequenceSource: Sendable {
  /// How many there are.
  var count: Int { get }
  /// T.
  var timesteps: Int { get }
  /// D.
  var features: Int { get }
  /// K; labels are 0 ..< K.
  var classCount: Int { get }

  /// The class of every sequence, where all are known without reading them: class weights and
  /// balanced sampling need them.
  var labels: [Int]? { get }
  /// Features that belong together, such as the channels of a pixel; divides D.
  var featureGroup: Int { get }

  /// How pictures are changed at random in training; what the options of a training say must be the
  /// same.
  var augmentation: Augmentation { get }

  /// Whether sequences differ in length; then `load` also writes each row's length.
  var hasLengths: Bool { get }

  /// Writes rows `rows` of a batch: row n is sequence `indices[n]` of this source, and so is its
  /// label. Called from several threads at once for different rows of one batch.
  ///
  /// - Throws: whatever keeps a sequence from being read.
  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws

  /// The same for training in epoch `epoch`, counted from 1: sources that change samples at random
  /// do so here, as a function of epoch and sequence.
  func load(
    _ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>, epoch: Int) throws

  /// Says which sequences will be asked for next; may start reading them and must return at once.
  func prefetch(_ indices: [Int])
}

extension SequenceSource {
  /// Not known.
  public var labels: [Int]? { nil }

  /// Every feature for itself.
  public var featureGroup: Int { 1 }

  /// Sequences are the same in every epoch.
  public func load(
    _ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>, epoch: Int
  ) throws {
    try load(indices, rows: rows, into: batch)
  }

  /// Nothing is changed.
  public var augmentation: Augmentation { Augmentation() }

  /// All sequences have T timesteps.
  public var hasLengths: Bool { false }

  /// Nothing to prepare.
  public func prefetch(_ indices: [Int]) {}
}
