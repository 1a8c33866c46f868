import RowwiseCompute
import RowwiseKernelInterface
import RowwiseRandomness
import RowwiseWorkers
import Testing

@testable import RowwiseLayers

/// What every engine has to do, shown with the CPU's.
@Suite struct EngineTests {
  private static let layers: [any Layer] = [
    Bidirectional(LSTM(7, returnSequences: true)), Dropout(0.2), GRU(5),
    Dense(3, activation: .softmax),
  ]

  private func network(threads: Int) throws -> Network<Float> {
    try Network(
      Self.layers, timesteps: 6, features: 4, seed: 3, pool: WorkerPool(threads: threads))
  }

  private func batch(_ rows: Range<Int>) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(timesteps: 6, features: 4, capacity: rows.count)
    batch.resize(to: rows.count)
    for (n, row) in rows.enumerated() {
      batch.labels[n] = Int32(row % 3)
      for t in 0..<6 {
        var random = RandomStream(seed: 1, stream: UInt64(row * 6 + t))
        for d in 0..<4 {
          batch.inputs.start[(t * rows.count + n) * 4 + d] = Float(random.nextUniform())
        }
      }
    }
    return batch
  }

  private func request(_ meanOver: Int) -> GradientRequest {
    GradientRequest(
      loss: LossSettings(), meanOver: meanOver, step: 0, accumulates: false,
      wantsInputGradient: false)
  }

  /// Parts of a batch, computed by engines of different threads and summed in the order of the parts,
  /// are the gradient of the batch; who computed which part leaves no trace.
  @Test func partsAddUpWhoeverComputesThem() throws {
    let engines = try [1, 2, 3].map { try network(threads: $0).engine }
    let parts = [0..<5, 5..<11, 11..<12]
    func sum(_ order: [Int]) -> [Float] {
      var total = [Float](repeating: 0, count: engines[0].weightCount)
      for (part, engine) in zip(parts, order) {
        _ = engines[engine].gradients(batch(part), request(12))
        engines[engine].withGradients { for i in total.indices { total[i] += $0[i] } }
      }
      return total
    }
    let found = sum([0, 1, 2])
    #expect(found.contains { $0 != 0 })
    #expect(sum([2, 0, 1]) == found && sum([1, 1, 1]) == found)
  }

  /// A flat view has the arrays of the parameters at their offsets and zeros between them.
  @Test func flatViewsHaveTheParametersInThem() throws {
    let network = try network(threads: 1)
    let flat = network.engine.withWeights { Array($0) }
    var known = [Bool](repeating: false, count: flat.count)
    for parameter in network.parameters {
      #expect(Array(flat[parameter.range]) == network.values(of: parameter))
      for i in parameter.range { known[i] = true }
    }
    #expect(zip(flat, known).allSatisfy { $1 || $0 == 0 })
  }

  /// An average begins as the weights, follows them, and changes places with them.
  @Test func averagesFollow() throws {
    let engine = try network(threads: 2).engine
    let average = engine.makeAverage()
    let before = engine.withWeights { Array($0) }
    #expect(average.values == before)
    engine.changeWeights { for i in $0.indices { $0[i] += 1 } }
    let after = engine.withWeights { Array($0) }
    average.blend(keeping: 0.75)
    let expected = zip(before, after).map { $1 + 0.75 * ($0 - $1) }
    #expect(average.values == expected)
    average.exchange()
    #expect(engine.withWeights { Array($0) } == expected && average.values == after)
  }
}
