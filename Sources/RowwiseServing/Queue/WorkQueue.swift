import NIOCore
import Rowwise
import RowwiseImageDecoding
import RowwiseWorkers

/// Threads that decode and classify, so that connections never wait for them.
///
/// Pictures of one model that wait are classified together: as many as there are, at once where a thread is
/// free; with a delay, only when a batch is full or the oldest has waited so long. A picture's answer has the
/// same bits in any batch.
final class WorkQueue: Sendable {
  /// Pictures of one model that wait.
  private struct Waiting {
    let model: ServedModel
    var pictures = CircularBuffer<(group: PictureGroup, index: Int)>()
    /// Those that have waited long enough.
    var ripe = 0
  }

  private struct State {
    var tasks = CircularBuffer<@Sendable () -> Void>()
    /// In the order of their turns.
    var waiting: [Waiting] = []
    var isStopped = false
    /// Pictures that wait, of all models.
    var count = 0
  }

  /// Pictures that are classified together, at most.
  let batchSize: Int
  /// Whether pictures wait for others.
  let hasDelay: Bool
  private let condition = Condition()
  // SAFETY: touched in `condition`'s critical sections only; see `ServerTests`.
  nonisolated(unsafe) private var state = State()
  private let metrics: Metrics

  init(batchSize: Int, hasDelay: Bool, metrics: Metrics) {
    (self.batchSize, self.hasDelay, self.metrics) = (batchSize, hasDelay, metrics)
  }

  /// Starts the threads; they end after `stop`.
  ///
  /// - Returns: those that the system gave.
  func start(threads: Int) -> [SystemThread] {
    (0..<threads).compactMap { _ in SystemThread { self.serve() } }
  }

  /// Lets the threads end when nothing waits.
  func stop() {
    condition.withLock { state.isStopped = true }
    condition.wakeAll()
  }

  /// Pictures that wait.
  var count: Int { condition.withLock { state.count } }

  /// Has a thread run something.
  func run(_ task: @escaping @Sendable () -> Void) {
    condition.withLock { state.tasks.append(task) }
    condition.wakeOne()
  }

  /// Adds pictures; `wake` says that no more come at once.
  func add(_ group: PictureGroup) {
    condition.withLock {
      let place = place(of: group.model)
      for index in group.pictures.indices { state.waiting[place].pictures.append((group, index)) }
      state.count += group.pictures.count
      if !hasDelay || state.waiting[place].pictures.count >= batchSize {
        state.waiting[place].ripe = state.waiting[place].pictures.count
      }
    }
  }

  /// Has a thread look for what was added.
  func wake() { condition.wakeOne() }

  /// Takes all pictures of a model for having waited long enough.
  func ripen(_ model: ServedModel) {
    condition.withLock {
      guard let place = state.waiting.firstIndex(where: { $0.model === model }) else { return }
      state.waiting[place].ripe = state.waiting[place].pictures.count
    }
    condition.wakeOne()
  }

  private func place(of model: ServedModel) -> Int {
    if let place = state.waiting.firstIndex(where: { $0.model === model }) { return place }
    state.waiting.append(Waiting(model: model))
    return state.waiting.count - 1
  }

  // MARK: A thread's life

  private enum Work {
    case task(@Sendable () -> Void)
    case batch(ServedModel, [(group: PictureGroup, index: Int)])
    case end
  }

  private func serve() {
    while true {
      var work = Work.end
      var isMore = false
      condition.wait {
        state.isStopped || !state.tasks.isEmpty || state.waiting.contains { $0.ripe > 0 }
      } then: {
        work = next()
        isMore = !state.tasks.isEmpty || state.waiting.contains { $0.ripe > 0 }
      }
      if isMore { condition.wakeOne() }
      switch work {
      case .task(let task): task()
      case .batch(let model, let pictures): classify(pictures, by: model)
      case .end: return
      }
    }
  }

  /// What is next, in the lock.
  private func next() -> Work {
    if let task = state.tasks.popFirst() { return .task(task) }
    guard let place = state.waiting.firstIndex(where: { $0.ripe > 0 }) else { return .end }
    var waiting = state.waiting.remove(at: place)
    let count = min(waiting.ripe, batchSize, waiting.model.files.batchSize)
    let batch = (0..<count).map { _ in waiting.pictures.removeFirst() }
    waiting.ripe -= count
    state.count -= count
    if !waiting.pictures.isEmpty { state.waiting.append(waiting) }
    return .batch(waiting.model, batch)
  }

  private func classify(
    _ batch: [(group: PictureGroup, index: Int)], by model: ServedModel
  ) {
    metrics.addBatch(of: batch.count, model: model.name)
    var pictures: [FileClassifier.DecodedPicture] = []
    var errors: [Int: ImageDecodingError] = [:]
    for (place, (group, index)) in batch.enumerated() {
      do throws(ImageDecodingError) {
        pictures.append(try model.files.decoded(group.pictures[index]))
      } catch {
        errors[place] = error
      }
    }
    var answers = model.files.answers(to: pictures).makeIterator()
    for (place, (group, index)) in batch.enumerated() {
      if let error = errors[place] {
        group.put(.failure(error), at: index)
      } else if let answer = answers.next() {
        group.put(.success(answer), at: index)
      }
    }
  }
}

extension FileClassifier {
  /// A picture as it came.
  fileprivate func decoded(
    _ picture: PictureGroup.Picture
  ) throws(ImageDecodingError) -> DecodedPicture {
    switch picture {
    case .file(let bytes, let name): try decoded(bytes: bytes, named: name)
    case .pixels(let pixels): decoded(pixels: pixels)
    }
  }
}
