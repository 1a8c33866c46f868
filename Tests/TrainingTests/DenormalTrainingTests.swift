import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWorkers
import Synchronization
import Testing

@testable import RowwiseTraining

/// Training where numbers get too small for ordinary arithmetic.
@Suite struct DenormalTrainingTests {
  /// 784 timesteps of inputs of 10⁻³⁸ and below among ordinary ones.
  private struct VanishingSource: SequenceSource {
    let count = 24
    let timesteps = 784
    let features = 1
    let classCount = 3

    func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {
      for row in rows {
        batch.labels[row] = Int32(indices[row] % classCount)
        for t in 0..<timesteps {
          batch.inputs.start[t * batch.count + row] =
            t % 3 == 0
            ? Float(1 + indices[row]) * (Float.leastNormalMagnitude / 16)
            : Float(indices[row] % classCount)
        }
      }
    }
  }

  private func network(
    threads: Int, kernels: KernelSet<Float>? = nil, weightScale: Float
  ) throws -> Network<Float> {
    let network = try Network<Float>(
      [LSTM(8), Dense(3, activation: .softmax)], timesteps: 784, features: 1, seed: 1,
      pool: WorkerPool(threads: threads), kernels: kernels)
    for parameter in network.parameters where parameter.shape.count > 1 {
      network.setValues(network.values(of: parameter).map { $0 * weightScale }, of: parameter)
    }
    return network
  }

  /// Weights of a millionth: gradients vanish within a few dozen of the timesteps. All that training
  /// leaves is finite, no denormal number, and the same for any number of threads.
  @Test func vanishingGradientsTrain() throws {
    var first: (weights: [String: [Float]], averages: [[Float]], history: [Double])?
    for threads in [1, 2, 3] {
      let network = try network(threads: threads, weightScale: 1e-6)
      var options = TrainingOptions(epochs: 2, batchSize: 10)
      options.averageDecay = 0.9
      var state: TrainingCheckpoint?
      var callbacks = TrainingCallbacks()
      callbacks.onCheckpoint = { state = $0 }
      let history = try Trainer(network, options: options).fit(
        VanishingSource(), validation: VanishingSource(), callbacks: callbacks)
      #expect(!flushesDenormals, "the caller's mode is back")
      let averages = try ["first", "second", "average"].flatMap {
        try #require(state).group($0, network)
      }
      let all = averages.flatMap { $0 } + network.parameters.flatMap { network.values(of: $0) }
      #expect(all.allSatisfy { $0.isFinite && !$0.isSubnormal })
      let losses = history.epochs.map(\.training.loss)
      #expect(losses.allSatisfy { $0.isFinite })
      let found = (network.weights, averages, losses)
      if let first {
        #expect(found.0 == first.weights && found.1 == first.averages && found.2 == first.history)
      } else {
        first = found
      }
    }
  }

  /// The optimizer's kernels run in the mode; its averages of a weight whose gradients have ended decay
  /// to zero, where they would stay at the smallest denormal number for good.
  @Test(arguments: [1, 2, 3])
  func averagesDecayToZero(threads: Int) throws {
    let calls = Atomic<Int>(0)
    let off = Atomic<Int>(0)
    let plain = Float.kernels(upTo: nil)
    var kernels = plain
    let note: @Sendable () -> Void = {
      calls.add(1, ordering: .sequentiallyConsistent)
      if !flushesDenormals { off.add(1, ordering: .sequentiallyConsistent) }
    }
    kernels.optimize = {
      note()
      plain.optimize($0, $1)
    }
    kernels.sumOfSquares = {
      note()
      return plain.sumOfSquares($0, $1)
    }
    let network = try network(threads: threads, kernels: kernels, weightScale: 1)
    let optimizer = OptimizerState(.adam(beta2: 0.99), network)
    network.engine.changeGradients { gradients in
      for i in 0..<gradients.count { gradients[i] = Float(i % 7 - 3) * 1e-18 }
    }
    for step in 0..<10_000 {
      optimizer.apply(clipNorm: 1)
      if step == 0 {
        let averages = optimizer.averages(network)
        #expect(averages.first.joined().contains { $0 != 0 })
        #expect(averages.second.joined().contains { $0 != 0 })
        network.engine.changeGradients { $0.update(repeating: 0) }
      }
    }
    let averages = optimizer.averages(network)
    #expect((averages.first + averages.second).joined().allSatisfy { $0 == 0 })
    #expect(calls.load(ordering: .sequentiallyConsistent) >= 20_000)
    #expect(off.load(ordering: .sequentiallyConsistent) == 0)
    #expect(!flushesDenormals)
  }

  /// Batches are loaded in the mode too, on every thread: what a source augments, and mixing.
  @Test(arguments: [1, 2])
  func loadingRunsInTheMode(threads: Int) throws {
    final class Witness: SequenceSource {
      private let inner = VanishingSource()
      let calls = Atomic<Int>(0)
      let off = Atomic<Int>(0)
      var count: Int { inner.count }
      var timesteps: Int { inner.timesteps }
      var features: Int { inner.features }
      var classCount: Int { inner.classCount }

      func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {
        calls.add(1, ordering: .sequentiallyConsistent)
        if !flushesDenormals { off.add(1, ordering: .sequentiallyConsistent) }
        inner.load(indices, rows: rows, into: batch)
      }
    }
    let source = Witness()
    let network = try network(threads: threads, weightScale: 1)
    var options = TrainingOptions(epochs: 1, batchSize: 10)
    options.mixing = Mixing(mixup: 0.2)
    _ = try Trainer(network, options: options).fit(source, validation: source)
    #expect(source.calls.load(ordering: .sequentiallyConsistent) >= 4)
    #expect(source.off.load(ordering: .sequentiallyConsistent) == 0)
  }
}
