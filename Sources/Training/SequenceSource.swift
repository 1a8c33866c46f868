public import Compute
public import Layers

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

  /// Whether sequences differ in length; then `load` also writes each row's length.
  var hasLengths: Bool { get }

  /// Writes rows `rows` of a batch: row n is sequence `indices[n]` of this source, and so is its
  /// label. Called from several threads at once for different rows of one batch.
  ///
  /// - Throws: whatever keeps a sequence from being read.
  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws

  /// Says which sequences will be asked for next; may start reading them and must return at once.
  func prefetch(_ indices: [Int])
}

extension SequenceSource {
  /// All sequences have T timesteps.
  public var hasLengths: Bool { false }

  /// Nothing to prepare.
  public func prefetch(_ indices: [Int]) {}
}
