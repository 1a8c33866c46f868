import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWorkers
import Testing

/// What holds bit for bit, for every kernel set.
@Suite struct NetworkPropertyTests {
  private func problem(_ item: NetworkCase) -> Problem {
    Problem(timesteps: 7, features: 5, count: 13, hasLengths: item.hasLengths, seed: 4)
  }

  @Test(arguments: NamedKernels.all, NetworkCase.all)
  func aBatchIsItsSequencesOneByOne(_ set: NamedKernels, _ item: NetworkCase) throws {
    let problem = problem(item)
    let layers = item.stack.layers(item.peephole, width: 9)
    let together = run(try makeNetwork(layers, problem, kernels: set.kernels), problem)
    var probabilities: [Float] = []
    var lossSum = 0.0
    var correct = 0
    let network = try makeNetwork(layers, problem, kernels: set.kernels)
    for n in 0..<problem.count {
      let alone = run(network, problem.row(n))
      probabilities += alone.probabilities
      lossSum += alone.lossSum
      correct += alone.correct
    }
    let name = "\(set.name), \(item.testDescription)"
    #expect(together.probabilities == probabilities, "\(name)")
    // Random masks belong to a row of the batch.
    guard !item.stack.isRandom else { return }
    #expect(together.lossSum == lossSum, "\(name)")
    #expect(together.correct == correct, "\(name)")
  }

  @Test(arguments: NamedKernels.all, NetworkCase.all)
  func threadsChangeNothing(_ set: NamedKernels, _ item: NetworkCase) throws {
    let problem = problem(item)
    let layers = item.stack.layers(item.peephole, width: 9)
    let one = run(try makeNetwork(layers, problem, kernels: set.kernels), problem)
    for threads in [2, 3, 16] {
      let network = try makeNetwork(layers, problem, threads: threads, kernels: set.kernels)
      let several = run(network, problem)
      #expect(several == one, "\(set.name), \(item.testDescription), \(threads) threads")
    }
  }

  /// What stands after a sequence's end does not matter, nor how much of it there is.
  @Test(arguments: NamedKernels.all, NetworkCase.all)
  func paddingChangesNothing(_ set: NamedKernels, _ item: NetworkCase) throws {
    // Whose size is that of the padded sequence.
    guard item.stack != .flatten else { return }
    let problem = problem(item)
    let layers = item.stack.layers(item.peephole, width: 9)
    let plain = run(try makeNetwork(layers, problem, kernels: set.kernels), problem)
    let name = "\(set.name), \(item.testDescription)"
    var others = [problem.padded(to: 8, with: 0), problem.padded(to: 19, with: -1e6)]
    if item.hasLengths { others.append(problem.refilled(with: 123)) }
    for other in others {
      let outcome = run(try makeNetwork(layers, other, kernels: set.kernels), other)
      let count = problem.x.count
      // Dropout draws for every timestep in turn: the first ones of each row are the same.
      #expect(outcome.lossSum == plain.lossSum, "\(name), T \(other.timesteps)")
      #expect(outcome.probabilities == plain.probabilities, "\(name), T \(other.timesteps)")
      for (parameter, gradient) in plain.gradients {
        #expect(
          outcome.gradients[parameter] == gradient, "\(name), T \(other.timesteps), \(parameter)")
      }
      #expect(Array(outcome.inputGradient.prefix(count)) == plain.inputGradient, "\(name)")
      #expect(outcome.inputGradient.dropFirst(count).allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  /// A cell with zero peepholes is the plain cell.
  @Test(arguments: NamedKernels.all, Stack.allCases)
  func zeroPeepholesArePlain(_ set: NamedKernels, _ stack: Stack) throws {
    let problem = Problem(timesteps: 7, features: 5, count: 13, hasLengths: true)
    let plain = try makeNetwork(stack.layers(.none, width: 9), problem, kernels: set.kernels)
    let expected = run(plain, problem)
    for peephole in [Peephole.diagonal, .full] {
      let network = try makeNetwork(
        stack.layers(peephole, width: 9), problem, kernels: set.kernels)
      for parameter in network.parameters {
        let same = plain.parameters.first { $0.name == parameter.name }
        let values = same.map { plain.values(of: $0) }
        network.setValues(values ?? [Float](repeating: 0, count: parameter.count), of: parameter)
      }
      let outcome = run(network, problem)
      let name = "\(set.name), \(stack), \(peephole)"
      #expect(outcome.probabilities == expected.probabilities, "\(name)")
      #expect(outcome.lossSum == expected.lossSum, "\(name)")
      #expect(outcome.inputGradient == expected.inputGradient, "\(name)")
      for (parameter, gradient) in expected.gradients {
        #expect(outcome.gradients[parameter] == gradient, "\(name), \(parameter)")
      }
    }
  }

  /// Going backwards over turned sequences is going forwards.
  @Test(arguments: NamedKernels.all, Peephole.allCases)
  func backwardsOfTurnedIsForwards(_ set: NamedKernels, _ peephole: Peephole) throws {
    let problem = Problem(timesteps: 7, features: 5, count: 13, hasLengths: true)
    let lengths = try #require(problem.lengths)
    var turned = problem
    let (count, features) = (problem.count, problem.features)
    for n in 0..<count {
      for t in 0..<lengths[n] {
        for d in 0..<features {
          turned.x[(t * count + n) * features + d] =
            problem.x[((lengths[n] - 1 - t) * count + n) * features + d]
        }
      }
    }
    let forwards = run(
      try makeNetwork(Stack.single.layers(peephole), problem, kernels: set.kernels), problem)
    let backwards = run(
      try makeNetwork(Stack.backwards.layers(peephole), turned, kernels: set.kernels), turned)
    #expect(forwards.probabilities == backwards.probabilities)
    #expect(forwards.lossSum == backwards.lossSum)
    #expect(forwards.gradients == backwards.gradients)
  }

  @Test(arguments: NamedKernels.all)
  func probabilitiesSumToOne(_ set: NamedKernels) throws {
    for classes in [1, 2, 3, 17, 100] {
      let problem = Problem(timesteps: 4, features: 3, count: 9, classes: classes)
      let layers: [any Layer] = [LSTM(6), Dense(classes, activation: .softmax)]
      let network = try makeNetwork(layers, problem, kernels: set.kernels)
      // Logits far apart, too: e^100 would overflow.
      for scale: Float in [1, 300] {
        if let last = network.parameters.last {
          network.setValues(network.values(of: last).map { $0 * scale }, of: last)
        }
        let probabilities = run(network, problem).probabilities
        for n in 0..<problem.count {
          let row = probabilities[n * classes..<(n + 1) * classes]
          let sum = row.reduce(0.0) { $0 + Double($1) }
          #expect(abs(sum - 1) < 1e-6, "\(set.name), \(classes) classes")
          #expect(row.allSatisfy { 0 <= $0 && $0 <= 1 })
        }
      }
    }
  }

  /// −log p stays finite where p itself has vanished.
  @Test(arguments: NamedKernels.all)
  func lossOfAVanishedProbability(_ set: NamedKernels) throws {
    var problem = Problem(timesteps: 4, features: 3, count: 2)
    problem.labels = [0, 1]
    let network = try makeNetwork(Stack.single.layers(.none), problem, kernels: set.kernels)
    let last = try #require(network.parameters.last)
    network.setValues([0, 0, 500], of: last)
    let outcome = run(network, problem)
    #expect(abs(outcome.lossSum - 1000) < 10)
    #expect(outcome.correct == 0)
    #expect(outcome.probabilities[0] < 1e-30)
    #expect(outcome.gradients[last.name]?.map { ($0 * 2).rounded() } == [-1, -1, 2])
  }

  @Test func correctCountsTheMostProbable() throws {
    let problem = Problem(timesteps: 5, features: 3, count: 40)
    for stack in Stack.allCases where !stack.isRandom {
      let network: Network<Float> = try makeNetwork(stack.layers(.none), problem)
      let outcome = run(network, problem)
      var correct = 0
      for n in 0..<problem.count {
        let row = Array(outcome.probabilities[3 * n..<3 * n + 3])
        correct += row.firstIndex(of: row.max() ?? 0) == problem.labels[n] ? 1 : 0
      }
      #expect(outcome.correct == correct, "\(stack)")
    }
  }

  @Test func sameSeedSameWeights() throws {
    func weights(_ seed: UInt64) throws -> [[Float]] {
      let network = try Network<Float>(
        Stack.stackedBidirectional.layers(.full), timesteps: 4, features: 3, seed: seed,
        pool: WorkerPool(threads: 1))
      return network.parameters.map { network.values(of: $0) }
    }
    #expect(try weights(1) == weights(1))
    #expect(try weights(1) != weights(2))
  }
}
