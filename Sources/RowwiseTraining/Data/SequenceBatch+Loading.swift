import RowwiseLayers
import RowwiseWorkers
import Synchronization

extension SequenceBatch<Float> {
  /// Fills the batch with the sequences `indices` of a source, on all threads of a pool.
  ///
  /// - Parameter epoch: in training; nil: as the sequences are.
  /// - Throws: the error of the first row that could not be read.
  func load(
    _ indices: [Int], of source: some SequenceSource, epoch: Int? = nil, on pool: WorkerPool
  ) throws {
    resize(to: indices.count)
    isMixed = false
    hasLengths = source.hasLengths
    let failure = Mutex<(row: Int, error: any Error)?>(nil)
    // A few rows a task: enough work to be worth handing out, small enough to share evenly.
    let tasks = min(indices.count, 4 * pool.threads)
    pool.run(tasks: tasks) { task, _ in
      let rows = (task * indices.count / tasks)..<((task + 1) * indices.count / tasks)
      do {
        if let epoch {
          try source.load(indices, rows: rows, into: self, epoch: epoch)
        } else {
          try source.load(indices, rows: rows, into: self)
        }
      } catch {
        failure.withLock { first in
          if first.map({ rows.lowerBound < $0.row }) ?? true {
            first = (rows.lowerBound, error)
          }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
  }

  /// The share of a row's first label.
  func labelShare(at row: Int) -> Float {
    precondition(0 <= row && row < count, "row \(row) of \(count)")
    // SAFETY: within the array, as just checked; see `SequenceTeacherTests`.
    return unsafe labelShares[row]
  }

  /// The label of a row.
  func label(at row: Int) -> Int {
    precondition(0 <= row && row < count, "row \(row) of \(count)")
    // SAFETY: within the array, as just checked; see `ScorerTests`.
    return unsafe Int(labels[row])
  }
}
