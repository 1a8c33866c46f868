import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// Reading timestep by timestep.
@Suite struct NetworkReaderTests {
  private static let stacks: [Stack] = [.single, .stacked, .dense, .dropout]

  private func read(_ reader: NetworkReader<Float>, _ row: [Float]) {
    row.withUnsafeBufferPointer { reader.step($0) }
  }

  @Test(arguments: NamedKernels.all, Precision.allCases)
  func everyPrefixHasTheBitsOfTheSequence(_ set: NamedKernels, _ precision: Precision) throws {
    for stack in Self.stacks {
      for peephole in Peephole.allCases {
        let problem = Problem(timesteps: 7, features: 5, count: 1, hasLengths: false, seed: 4)
        let layers = stack.layers(peephole, width: 19)
        let network: Network<Float> = try makeNetwork(
          layers, problem, kernels: set.kernels, precision: precision)
        let reader = try network.makeReader()
        for round in 0..<2 {
          reader.reset()
          for t in 0..<problem.timesteps {
            read(reader, problem.x[t * 5..<(t + 1) * 5].map { Float($0) })
            var prefix = problem
            prefix.timesteps = t + 1
            prefix.x = Array(problem.x[..<((t + 1) * 5)])
            let short: Network<Float> = try makeNetwork(
              layers, prefix, kernels: set.kernels, precision: precision)
            #expect(
              Array(reader.probabilities()) == Array(short.predict(prefix.batch())),
              "\(set.name), \(stack), \(peephole), \(precision), round \(round), t \(t)")
          }
          #expect(reader.timesteps == problem.timesteps)
        }
      }
    }
  }

  /// From a learned state, too, again after every reset.
  @Test(arguments: NamedKernels.all, Precision.allCases)
  func learnedStatesAreWhereItBegins(_ set: NamedKernels, _ precision: Precision) throws {
    let problem = Problem(timesteps: 3, features: 5, count: 1, hasLengths: false, seed: 4)
    let layers: [any Layer] = [
      Recurrent(.lstm, 19, returnSequences: true).with { $0.learnsInitialState = true },
      Recurrent(.lstm, 7).with {
        $0.learnsInitialState = true
        $0.peephole = .diagonal
      },
      Dense(3, activation: .softmax),
    ]
    let network: Network<Float> = try makeNetwork(
      layers, problem, kernels: set.kernels, precision: precision)
    let expected = network.predict(problem.batch())
    let reader = try network.makeReader()
    for _ in 0..<2 {
      for t in 0..<3 { read(reader, problem.x[t * 5..<(t + 1) * 5].map { Float($0) }) }
      #expect(Array(reader.probabilities()) == expected)
      reader.reset()
    }
  }

  @Test func seesChangedWeights() throws {
    let problem = Problem(timesteps: 3, features: 5, count: 1, hasLengths: false, seed: 4)
    let network: Network<Float> = try makeNetwork(
      Stack.single.layers(.none), problem)
    let reader = try network.makeReader()
    read(reader, [0.1, 0.2, 0.3, 0.4, 0.5])
    let before = Array(reader.probabilities())
    for parameter in network.parameters {
      network.setValues(network.values(of: parameter).map { -2 * $0 }, of: parameter)
    }
    reader.reset()
    read(reader, [0.1, 0.2, 0.3, 0.4, 0.5])
    #expect(Array(reader.probabilities()) != before)
  }

  @Test func layersThatNeedTheWholeSequenceAreNamed() throws {
    let problem = Problem(timesteps: 3, features: 5, count: 1, hasLengths: false, seed: 4)
    for (stack, layer) in [
      (Stack.backwards, 1), (.bidirectional, 1), (.simple, 1), (.stackedGRU, 1), (.coupled, 1),
      (.layerNormalized, 1), (.minimal, 1), (.learnedState, 1), (.regularizedLSTM, 1),
      (.flatten, 1), (.meanPooling, 1), (.residual, 1),
    ] {
      let network: Network<Float> = try makeNetwork(stack.layers(.none), problem)
      #expect(throws: LayerError.notStepwise(layer: layer)) { try network.makeReader() }
    }
  }
}
