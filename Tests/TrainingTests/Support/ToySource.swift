import RowwiseLayers
import RowwiseRandomness
import RowwiseRowSequencing
import RowwiseTraining
import RowwiseWorkers
import Synchronization

/// Separable sequences: class k has a bump in feature k, in noise.
struct ToySource: SequenceSource {
  /// What reading a sequence may fail with.
  struct Unreadable: Error, Equatable { var index: Int }

  var count: Int
  var timesteps = 4
  var features = 3
  var classCount = 3
  var seed: UInt64 = 1
  /// Sequences that cannot be read.
  var broken: Set<Int> = []
  /// Sequences that hold a number that is not finite.
  var poisoned: Set<Int> = []
  /// Added to every label.
  var labelShift = 0
  /// Sequence i has `lengths[i % lengths.count]` timesteps; all have all when empty.
  var lengths: [Int] = []
  /// Stands after a sequence's end.
  var filling: Float = 0
  /// What it says of itself; the sequences stay as they are.
  var augmentation = Augmentation()
  /// Remembers what was asked for, if given.
  var log: LoadLog?

  var hasLengths: Bool { !lengths.isEmpty }

  var labels: [Int]? { (0..<count).map { label($0) } }

  func label(_ index: Int) -> Int { (index + labelShift) % classCount }

  func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) throws {
    for row in rows {
      let index = indices[row]
      if broken.contains(index) { throw Unreadable(index: index) }
      var random = RandomStream(seed: seed, stream: UInt64(index))
      batch.labels[row] = Int32(label(index))
      let length = hasLengths ? lengths[index % lengths.count] : timesteps
      batch.lengths[row] = Int32(length)
      for t in 0..<timesteps {
        for d in 0..<features {
          let bump = d == index % classCount ? 1.0 : 0
          let value = Float(bump + random.nextUniform() - 0.5)
          batch.inputs.start[(t * batch.count + row) * features + d] = t < length ? value : filling
        }
      }
      if poisoned.contains(index) { batch.inputs.start[row * features] = .nan }
      log?.add(index)
    }
  }

  func prefetch(_ indices: [Int]) { log?.prefetched(indices) }
}

/// Indices in the order they were asked for (with one thread).
final class LoadLog: Sendable {
  private let state = Mutex<(loaded: [Int], prefetched: [[Int]])>(([], []))

  func add(_ index: Int) { state.withLock { $0.loaded.append(index) } }
  func prefetched(_ indices: [Int]) { state.withLock { $0.prefetched.append(indices) } }
  var loaded: [Int] { state.withLock { $0.loaded } }
  var prefetches: [[Int]] { state.withLock { $0.prefetched } }
}

/// A small network that reads toy sequences.
func toyNetwork(
  threads: Int = 1, seed: UInt64 = 1,
  layers: [any Layer] = [LSTM(7), Dense(3, activation: .softmax)]
) throws -> Network<Float> {
  try Network(
    layers, timesteps: 4, features: 3, seed: seed, pool: WorkerPool(threads: threads))
}

extension Network<Float> {
  /// All weights by parameter name.
  var weights: [String: [Float]] {
    Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, values(of: $0)) })
  }
}

extension TrainingOptions {
  /// Some epochs of small steps' worth.
  init(epochs: Int, batchSize: Int = 8, optimizer: Optimizer = .adam(learningRate: 0.01)) {
    self.init()
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
  }
}
