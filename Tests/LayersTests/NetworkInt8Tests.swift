import RowwiseKernelInterface
import RowwiseRandomness
import RowwiseWorkers
import Testing

@testable import RowwiseLayers

/// Networks with int8 products: what they predict, and what that depends on.
@Suite struct NetworkInt8Tests {
  private static let stacks: [[any Layer]] = [
    [LSTM(19), Dense(5, activation: .softmax)],
    [
      Bidirectional(LSTM(17, returnSequences: true, peephole: .diagonal)),
      LSTM(33, peephole: .full), Dense(5, activation: .softmax),
    ],
    [
      LSTM(16, returnSequences: true), GRU(9, returnSequences: true), LSTM(8),
      Dense(5, activation: .softmax),
    ],
  ]

  private func network(
    _ layers: [any Layer], _ set: NamedKernels, threads: Int = 1, precision: Precision = .int8
  ) throws -> Network<Float> {
    let problem = Problem(timesteps: 9, features: 7, count: 1, hasLengths: false, seed: 4)
    return try makeNetwork(
      layers, problem, threads: threads, kernels: set.kernels, precision: precision)
  }

  private func batch(_ rows: Range<Int>) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(timesteps: 9, features: 7, capacity: rows.count)
    for (place, n) in rows.enumerated() {
      var random = RandomStream(seed: 3, stream: UInt64(n))
      for t in 0..<9 {
        for d in 0..<7 {
          batch.inputs.start[(t * rows.count + place) * 7 + d] =
            Float(random.nextUniform()) * Float(1 + n % 5)
        }
      }
    }
    return batch
  }

  /// A picture's answer has the same bits alone, among seven and among a thousand, with any threads.
  @Test(arguments: NamedKernels.all)
  func answersDependOnTheSequenceAlone(_ set: NamedKernels) throws {
    let count = set.name == "reference" ? 70 : 1024
    for layers in Self.stacks {
      let whole = try network(layers, set).predict(batch(0..<count))
      #expect(whole.allSatisfy { $0.isFinite })
      for threads in [1, 2, 3] {
        let network = try network(layers, set, threads: threads)
        #expect(network.predict(batch(0..<count)) == whole, "\(set.name), \(threads) threads")
        #expect(network.predict(batch(20..<27)) == Array(whole[100..<135]), "\(set.name)")
        for n in [0, 31, count - 1] {
          #expect(network.predict(batch(n..<n + 1)) == Array(whole[n * 5..<n * 5 + 5]))
        }
      }
    }
  }

  /// All sets with fused multiply-adds give the same probabilities, to the bit.
  @Test func instructionSetsAgree() throws {
    let sets = NamedKernels.all.filter {
      $0.name != "reference" && $0.kernels.instructionSet != .baseline
    }
    for layers in Self.stacks {
      let answers = try sets.map { try network(layers, $0).predict(batch(0..<50)) }
      for (set, answer) in zip(sets, answers) { #expect(answer == answers[0], "\(set.name)") }
    }
  }

  @Test(arguments: NamedKernels.all)
  func isNearFloat(_ set: NamedKernels) throws {
    for layers in Self.stacks {
      let whole = try network(layers, set).predict(batch(0..<50))
      let exact = try network(layers, set, precision: .float32).predict(batch(0..<50))
      let difference = zip(whole, exact).map { abs($0 - $1) }.max() ?? 1
      #expect(0 < difference && difference < 0.03, "\(set.name): \(difference)")
    }
  }

  /// What is not an LSTM of its own kernels is computed as always.
  @Test func layersAreNamed() throws {
    let set = try #require(NamedKernels.all.last)
    #expect(try network(Self.stacks[2], set).layersInPrecision == [1, 3])
    let gru: [any Layer] = [GRU(9), Dense(5, activation: .softmax)]
    #expect(try network(gru, set).layersInPrecision == [])
    let plain = try network(gru, set, precision: .float32).predict(batch(0..<3))
    #expect(try network(gru, set).predict(batch(0..<3)) == plain)
    #expect(Precision.int8.possible(features: 131_073, units: 2) == .float32)
    #expect(Precision.int8.possible(features: 131_072, units: 2) == .int8)
    #expect(Precision.bfloat16.possible(features: 131_073, units: 2) == .bfloat16)
  }
}
