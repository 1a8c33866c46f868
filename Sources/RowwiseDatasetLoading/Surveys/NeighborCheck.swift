public import RowwiseRowSequencing
import RowwiseWorkers

/// Whether changes of pictures keep them in their class, found out by nearest neighbours.
///
/// Up to 1,500 pictures, spread evenly over a training set and shrunk to at most 16 × 16, are asked
/// for their nearest other picture (least squared difference): as they are, mirrored left to right,
/// and with four changed copies of every picture among those to choose from.
public struct NeighborCheck: Sendable, Equatable {
  /// Pictures asked.
  public let count: Int
  /// Of them, those whose nearest other picture is of their class.
  public let hits: Int
  /// The same, of the pictures mirrored.
  public let mirroredHits: Int
  /// The same, of the pictures as they are among changed copies.
  public let augmentedHits: Int
  /// Whether mirrored pictures stay in their class:
  /// - as they are, half again as many hit as the largest class would by chance;
  /// - mirrored, at least 0.9 times as many do; and
  /// - no class loses more than chance explains: of its pictures that hit only one way,
  ///   lost − gained ≤ 2.6 √(lost + gained) (McNemar 1947; one in 200 by chance).
  public let canMirror: Bool

  /// Whether pictures find their class at least as often among changed copies: where the changes are
  /// such as real pictures of a class have.
  public var gainsByAugmentation: Bool { augmentedHits >= hits }

  private static let copies = 4

  /// Asks the pictures of a training set.
  ///
  /// - Parameters:
  ///   - augmentation: the changes of the copies.
  ///   - threads: nil: as many as the machine has processors.
  /// - Throws: `DatasetError.imageLost` where a picture can no longer be read.
  public init(
    _ dataset: ImageDataset, augmentation: Augmentation, threads: Int? = nil
  ) throws(DatasetError) {
    let threads = threads ?? WorkerPool.availableThreads
    self.init(
      try NeighborSample(dataset, threads: threads), augmentation: augmentation, threads: threads)
  }

  init(_ sample: NeighborSample, augmentation: Augmentation, threads: Int) {
    let pictures = sample.pictures
    let right = sample.hits(pictures, among: [pictures], threads: threads)
    let mirrored = sample.hits(sample.mirrored, among: [pictures], threads: threads)
    let copies = WorkerPool.map(Array(1...Self.copies), threads: threads) {
      sample.changed(by: augmentation, epoch: $0)
    }
    let augmented = sample.hits(pictures, among: [pictures] + copies, threads: threads)
    count = pictures.count
    hits = right.count { $0 }
    mirroredHits = mirrored.count { $0 }
    augmentedHits = augmented.count { $0 }
    canMirror = Self.keepsClasses(sample.labels, right, mirrored)
  }

  /// See ``canMirror``.
  static func keepsClasses(_ labels: [Int], _ right: [Bool], _ changed: [Bool]) -> Bool {
    let classes = (labels.max() ?? -1) + 1
    var sizes = [Int](repeating: 0, count: classes)
    var (lost, gained) = (sizes, sizes)
    for (index, label) in labels.enumerated() {
      sizes[label] += 1
      if right[index], !changed[index] { lost[label] += 1 }
      if !right[index], changed[index] { gained[label] += 1 }
    }
    let (hits, changedHits) = (right.count { $0 }, changed.count { $0 })
    guard hits > 0, 2 * hits >= 3 * (sizes.max() ?? 0), 10 * changedHits >= 9 * hits else {
      return false
    }
    return zip(lost, gained).allSatisfy { lost, gained in
      Double(lost - gained) <= 2.6 * Double(lost + gained).squareRoot()
    }
  }
}
