import RowwiseCompute
import RowwiseKernelInterface
import TestSupport
import Testing

@testable import RowwiseLayers

/// One sequence in the hands of several threads.
@Suite struct DividedSequenceTests {
  /// Layers large enough that threads take parts of them, in ways that leave parts of different sizes.
  enum Kind: String, CaseIterable, Sendable {
    case forwards, backwards, stacked, bidirectional, learnedState

    func layers(_ peephole: Peephole, units: Int) -> [any Layer] {
      var layer = LSTM(units, peephole: peephole)
      switch self {
      case .forwards: return [layer]
      case .backwards: return [LSTM(units, peephole: peephole, goBackwards: true)]
      case .stacked:
        layer.returnSequences = true
        return [
          LSTM(40, returnSequences: true), Dropout(0.5), layer, LSTM(units),
          Dense(7, activation: .relu),
        ]
      case .bidirectional:
        layer.returnSequences = true
        return [Bidirectional(layer), Bidirectional(LSTM(units))]
      case .learnedState:
        layer.learnsInitialState = true
        return [layer]
      }
    }
  }

  private func answers(
    _ kind: Kind, _ peephole: Peephole, precision: Precision, threads: Int, lengths: [Int]?
  ) throws -> [UInt32] {
    // More timesteps than the kernels multiply inputs of at once.
    var problem = Problem(timesteps: 30, features: 5, count: 1, seed: 3)
    problem.lengths = lengths
    let network = try makeNetwork(
      kind.layers(peephole, units: 327) + [Dense(3, activation: .softmax)], problem,
      threads: threads, kernels: Float.kernels(upTo: nil), precision: precision)
    return network.predict(problem.batch()).map(\.bitPattern)
  }

  /// All kinds with all peepholes that they have.
  private static let cases = Kind.allCases.flatMap { kind in
    Peephole.allCases.filter { kind != .learnedState || $0 != .full }.map { (kind, $0) }
  }

  @Test(arguments: cases)
  func partsMakeTheBitsOfOneThread(_ kind: Kind, _ peephole: Peephole) throws {
    for precision in peephole == .none ? Precision.allCases : [.float32] {
      for (lengths, counts) in [(nil, [2, 5]), ([17], [3])] {
        let expected = try answers(
          kind, peephole, precision: precision, threads: 1, lengths: lengths)
        for threads in counts {
          let divided = try answers(
            kind, peephole, precision: precision, threads: threads, lengths: lengths)
          #expect(divided == expected, "\(precision), \(threads) threads")
        }
      }
    }
  }

  /// Several tasks at once: one has the threads, the others go alone.
  @Test func tasksGetTheAnswersOfOne() async throws {
    let problems = (1...3).map {
      Problem(timesteps: 9, features: 5, count: 1, hasLengths: false, seed: $0)
    }
    let network = try makeNetwork(
      [LSTM(260), Dense(3, activation: .softmax)], problems[0], threads: 2,
      kernels: Float.kernels(upTo: nil))
    let expected = problems.map { network.predict($0.batch()) }
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<4 {
        group.addTask {
          (0..<(Sanitizing.isOn ? 6 : 40)).count { round in
            let index = (task + round) % problems.count
            return network.predict(problems[index].batch()) != expected[index]
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
