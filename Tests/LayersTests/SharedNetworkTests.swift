import RowwiseCompute
import RowwiseKernelInterface
import TestSupport
import Testing

@testable import RowwiseLayers

/// One network in the hands of several tasks.
@Suite struct SharedNetworkTests {
  /// Runs `body` in so many tasks at once; how often it said that something was wrong.
  private func wrong(
    tasks: Int, _ body: @escaping @Sendable (_ task: Int) throws -> Int
  ) async throws -> Int {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<tasks { group.addTask { try body(task) } }
      return try await group.reduce(0, +)
    }
  }

  private func problem(_ seed: Int, count: Int, stack: Stack) -> Problem {
    Problem(
      timesteps: 7, features: 5, count: count, hasLengths: stack != .flatten && seed % 2 == 1,
      seed: seed)
  }

  /// Every kind of layer, with batches of different sizes, so that one's work space would not do for
  /// another's.
  @Test(arguments: Stack.allCases, [1, 2])
  func tasksGetTheAnswersOfOne(_ stack: Stack, threads: Int) async throws {
    let problems = [1, 9, 3, 100].enumerated().map { index, count in
      problem(index + 1, count: count, stack: stack)
    }
    let layers = stack.layers(stack.hasPeepholes ? .diagonal : .none, width: 9)
    let alone = try makeNetwork(layers, problems[0], kernels: Float.kernels(upTo: nil))
    let expected = problems.map { alone.predict($0.batch()) }
    let network = try makeNetwork(
      layers, problems[0], threads: threads, kernels: Float.kernels(upTo: nil))
    let wrong = try await wrong(tasks: 8) { task in
      var wrong = 0
      for round in 0..<(Sanitizing.isOn ? 4 : 20) {
        let index = (task + round) % problems.count
        if network.predict(problems[index].batch()) != expected[index] { wrong += 1 }
      }
      return wrong
    }
    #expect(wrong == 0, "\(stack), \(threads) threads")
    #expect(
      (network.engine as? CPUEngine<Float>)?.spaces.count ?? 9 <= 8,
      "a work space for every task at most")
  }

  /// A prediction stays as it is while its reader looks at it, whatever others do meanwhile.
  @Test func probabilitiesAreTheReadersOwn() throws {
    let problems = (1...3).map { problem($0, count: 4, stack: .single) }
    let network = try makeNetwork(
      Stack.single.layers(.none), problems[0], kernels: Float.kernels(upTo: nil))
    let expected = problems.map { network.predict($0.batch()) }
    network.withProbabilities(of: problems[0].batch()) { first in
      network.withProbabilities(of: problems[1].batch()) { second in
        _ = network.gradients(problems[2].batch())
        network.setValues(
          [Float](repeating: 1, count: network.parameters[0].count), of: network.parameters[0])
        #expect(Array(first) == expected[0])
        #expect(Array(second) == expected[1])
      }
    }
    #expect(network.predict(problems[0].batch()) != expected[0])
    #expect((network.engine as? CPUEngine<Float>)?.spaces.count == 2)
  }

  /// Some change all weights between two states, train and look at gradients; whoever predicts or
  /// reads step by step gets the answers of one of the states and nothing in between.
  @Test(arguments: [Stack.single, .layerNormalized, .residual], [1, 2])
  func answersAreThoseOfOneState(_ stack: Stack, threads: Int) async throws {
    let problem = problem(2, count: 60, stack: stack)
    let layers = stack.layers(.none, width: 9)
    let network = try makeNetwork(
      layers, problem, threads: threads, kernels: Float.kernels(upTo: nil))
    let states = [network.allValues, network.allValues.map { $0.map { -$0 } }]
    let expected = states.map { state in
      network.allValues = state
      return network.predict(problem.batch())
    }
    #expect(expected[0] != expected[1])
    let gradients = states.map { state in
      network.allValues = state
      return network.gradients(problem.batch())
    }
    let wrong = try await wrong(tasks: 6) { task in
      var wrong = 0
      for round in 0..<Sanitizing.rounds(30) {
        switch task {
        case 0: network.allValues = states[round % 2]
        case 1: if !gradients.contains(network.gradients(problem.batch())) { wrong += 1 }
        case 2:
          let all = network.allValues
          if !states.contains(all) { wrong += 1 }
          _ = network.gradient(of: network.parameters[0])
        default:
          if !expected.contains(network.predict(problem.batch())) { wrong += 1 }
        }
      }
      return wrong
    }
    #expect(wrong == 0)
  }

  /// Readers of single timesteps run beside predictions and changes of weights.
  @Test func readersRunBesideOthers() async throws {
    let problem = problem(2, count: 1, stack: .stacked)
    let layers = Stack.stacked.layers(.full, width: 9)
    let network = try makeNetwork(layers, problem, threads: 2, kernels: Float.kernels(upTo: nil))
    let expected = network.predict(problem.batch())
    let state = network.allValues
    let wrong = try await wrong(tasks: 6) { task in
      var wrong = 0
      let reader = try network.makeReader()
      for _ in 0..<Sanitizing.rounds(30) {
        if task == 0 {
          // The same numbers, packed again.
          network.allValues = state
          continue
        }
        reader.reset()
        let x: Buffer<Float> = problem.batch().inputs
        for t in 0..<7 { reader.step(UnsafeBufferPointer(start: x.start + t * 5, count: 5)) }
        if Array(reader.probabilities()) != expected { wrong += 1 }
      }
      return wrong
    }
    #expect(wrong == 0)
  }

  @Test func oneTrainingAtATime() throws {
    let network = try makeNetwork(
      Stack.single.layers(.none), problem(2, count: 1, stack: .single),
      kernels: Float.kernels(upTo: nil))
    #expect(network.beginTraining())
    #expect(!network.beginTraining())
    network.endTraining()
    #expect(network.beginTraining())
  }
}
