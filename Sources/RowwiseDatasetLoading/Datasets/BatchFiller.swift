import RowwiseRowSequencing
import RowwiseWorkers
import Synchronization

/// Writes samples of a data set into the memory of a batch, time-major: [T, N, D].
///
/// Feature d of timestep t of the batch's sample n goes to (t × N + n) × rowStride + d. May be used
/// from several threads at once, each for its own samples of one batch.
public struct BatchFiller: Sendable {
  /// Where the samples come from.
  public let dataset: ImageDataset
  /// How they become timesteps.
  public let preprocessing: Preprocessing
  private let writer: SequenceWriter
  private let augmenter: Augmenter?

  /// - Parameters:
  ///   - preprocessing: of the data set's size and channels.
  ///   - augmenter: changes samples that are filled in for an epoch.
  public init(
    _ dataset: ImageDataset, preprocessing: Preprocessing, augmenter: Augmenter? = nil
  ) {
    precondition(
      dataset.width == preprocessing.width && dataset.height == preprocessing.height
        && dataset.color == preprocessing.color,
      "data set of \(dataset.width)×\(dataset.height) \(dataset.color), preprocessing for "
        + "\(preprocessing.width)×\(preprocessing.height) \(preprocessing.color)")
    self.dataset = dataset
    self.preprocessing = preprocessing
    writer = SequenceWriter(preprocessing)
    self.augmenter = augmenter
  }

  /// Writes some samples of a batch.
  ///
  /// - Parameters:
  ///   - positions: which of the batch's samples to write, a part of `0..<N`; other threads may
  ///     write others at the same time.
  ///   - indices: the data set's samples that make up the batch, N of them.
  ///   - batch: T × N × `rowStride` numbers; those between D and `rowStride` stay untouched.
  ///   - rowStride: numbers from one sample's timestep to the next sample's, at least D.
  ///   - labels: N classes.
  ///   - epoch: of training, where samples are changed at random; nil: as they are.
  /// - Throws: `imageLost` where a file can no longer be read.
  package func fill(
    _ positions: Range<Int>, of indices: [Int], into batch: UnsafeMutableBufferPointer<Float>,
    rowStride: Int, labels: UnsafeMutableBufferPointer<Int32>, epoch: Int? = nil
  ) throws(DatasetError) {
    let n = indices.count
    precondition(
      rowStride >= preprocessing.features,
      "row stride \(rowStride), features \(preprocessing.features)")
    precondition(
      batch.count >= preprocessing.timesteps * n * rowStride && labels.count >= n,
      "room for \(batch.count) numbers and \(labels.count) labels, needed "
        + "\(preprocessing.timesteps * n * rowStride) and \(n)")
    precondition(
      positions.lowerBound >= 0 && positions.upperBound <= n, "samples \(positions) of \(n)")
    let changes = epoch == nil ? nil : augmenter
    var changed = [UInt8](repeating: 0, count: changes == nil ? 0 : dataset.byteCount)
    for position in positions {
      labels[position] = dataset.labels[indices[position]]
      let rest = UnsafeMutableBufferPointer(rebasing: batch[(position * rowStride)...])
      try dataset.withPixels(at: indices[position]) { pixels in
        // SAFETY: the writer touches this sample's numbers only; see `BatchFillerTests`.
        var sequence = rest.mutableSpan
        guard let changes, let epoch else {
          writer.write(pixels.span, into: &sequence, timestepStride: n * rowStride)
          return
        }
        var picture = changed.mutableSpan
        changes.apply(
          to: pixels.span, epoch: epoch, sample: indices[position], into: &picture)
        writer.write(changed.span, into: &sequence, timestepStride: n * rowStride)
      }
    }
  }

  /// Writes a whole batch, by several threads where samples have to be decoded.
  ///
  /// - Parameters:
  ///   - indices: the data set's samples, N of them.
  ///   - batch: becomes [T, N, D], without gaps.
  ///   - labels: becomes N classes.
  ///   - threads: nil: as many as the machine has processors.
  public func fill(
    _ indices: [Int], into batch: inout [Float], labels: inout [Int32],
    threads: Int? = nil
  ) throws(DatasetError) {
    let size = preprocessing.timesteps * indices.count * preprocessing.features
    if batch.count != size { batch = [Float](repeating: 0, count: size) }
    if labels.count != indices.count { labels = [Int32](repeating: 0, count: indices.count) }
    let failure = batch.withUnsafeMutableBufferPointer { batch in
      labels.withUnsafeMutableBufferPointer { labels in
        fillInParallel(
          indices, into: batch, labels: labels, threads: threads ?? WorkerPool.availableThreads)
      }
    }
    if let failure { throw failure }
  }

  private func fillInParallel(
    _ indices: [Int], into batch: UnsafeMutableBufferPointer<Float>,
    labels: UnsafeMutableBufferPointer<Int32>, threads: Int
  ) -> DatasetError? {
    // SAFETY: every call writes one sample's numbers, and forEach returns when all are done; see
    // `BatchFillerTests`.
    nonisolated(unsafe) let batch = batch
    nonisolated(unsafe) let labels = labels
    // The first position that failed, so that the error does not depend on timing.
    let failure = Mutex<(position: Int, error: DatasetError)?>(nil)
    WorkerPool.forEach(indices.count, threads: dataset.isResident ? 1 : threads) { position in
      do throws(DatasetError) {
        try fill(
          position..<position + 1, of: indices, into: batch, rowStride: preprocessing.features,
          labels: labels)
      } catch {
        failure.withLock { first in
          if first.map({ position < $0.position }) ?? true { first = (position, error) }
        }
      }
    }
    return failure.withLock { $0?.error }
  }
}
