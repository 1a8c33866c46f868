import Rowwise
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing

/// Pictures of a stream that are classified together, in their order, with those that cannot be.
struct StreamBatch: Sendable {
  /// One of them.
  enum Picture: Sendable {
    /// Its timesteps are number `index` of the batch.
    case sequence(name: String, index: Int, ReadingPlace, damage: String?, PictureFinding)
    case failed(name: String, reason: String)
  }

  /// How far a picture was read.
  struct ReadingPlace: Sendable {
    var sourceRow: Int
    var bytes: Int
    var wholeImageReasons: [ImageInfo.WholeImageReason]
  }

  /// Pictures that are classified together, at most: 128, or as many as have room.
  private let capacity: Int

  private(set) var pictures: [Picture] = []
  private var sequences: [[Float]] = []

  /// Whether it has as many as it should.
  var isFull: Bool { sequences.count >= capacity }
  /// Whether it has nothing.
  var isEmpty: Bool { pictures.isEmpty }

  /// Nothing yet.
  init(_ network: Network<Float>) { capacity = network.batch(of: 128) }

  /// Adds a picture that was read.
  mutating func add(_ name: String, _ stream: PictureStream) {
    pictures.append(
      .sequence(
        name: name, index: sequences.count,
        ReadingPlace(
          sourceRow: stream.sourceRow, bytes: stream.bytesPushed,
          wholeImageReasons: stream.wholeImageReasons), damage: stream.damage, stream.finding))
    sequences.append(stream.sequence)
  }

  /// Adds one that cannot be read.
  mutating func add(_ name: String, failing reason: String) {
    pictures.append(.failed(name: name, reason: reason))
  }

  /// Class probabilities of the sequences, in their order.
  func probabilities(_ network: Network<Float>) -> [[Float]] {
    guard !sequences.isEmpty else { return [] }
    let count = sequences.count
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features, capacity: count)
    for (n, sequence) in sequences.enumerated() { batch.put(sequence, at: n) }
    let all = network.predict(batch)
    let classes = network.classCount
    return (0..<count).map { Array(all[$0 * classes..<($0 + 1) * classes]) }
  }
}
