import Rowwise
import RowwiseWorkers

extension Console {
  /// Says so where the system has started fewer threads than were asked for.
  func tellOfThreads(_ classifier: ImageClassifier, asked: Int) {
    let started = classifier.network.pool.threads
    guard started < asked else { return }
    caution(
      "the system starts no more than \(started) of \(asked) threads; results are the same, later")
  }
}
