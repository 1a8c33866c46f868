import Foundation
import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// Reading timestep by timestep.
@Suite struct NetworkReaderTests {
  /// All stacks but the one that needs all timesteps at once, made to read forwards.
  private static let cases: [(stack: Stack, peephole: Peephole)] = Stack.allCases.filter {
    $0 != .flatten
  }.flatMap { stack in
    Peephole.allCases.filter { stack.hasPeepholes || $0 == .none }.map { (stack, $0) }
  }

  private static func forwards(_ layer: LayerSpecification) -> LayerSpecification {
    switch layer {
    case .recurrent(let recurrent): .recurrent(recurrent.with { $0.direction = .forwards })
    case .residual(let inner): .residual(forwards(inner))
    default: layer
    }
  }

  private func read(_ reader: NetworkReader<Float>, _ row: [Float]) {
    row.withUnsafeBufferPointer { reader.step($0) }
  }

  @Test(arguments: NamedKernels.all, Precision.allCases)
  func everyPrefixHasTheBitsOfTheSequence(_ set: NamedKernels, _ precision: Precision) throws {
    for (stack, peephole) in Self.cases {
      let problem = Problem(timesteps: 7, features: 5, count: 1, hasLengths: false, seed: 4)
      let layers = stack.layers(peephole, width: 19).map { Self.forwards($0.specification) }
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

  /// All timesteps of several sequences at once have the bits of those read one by one.
  @Test(arguments: NamedKernels.all, Precision.allCases)
  func everyPredictionHasTheBitsOfSteps(_ set: NamedKernels, _ precision: Precision) throws {
    for (stack, peephole) in Self.cases {
      let problem = Problem(timesteps: 6, features: 5, count: 9, hasLengths: false, seed: 4)
      let layers = stack.layers(peephole, width: 19).map { Self.forwards($0.specification) }
      let network: Network<Float> = try makeNetwork(
        layers, problem, kernels: set.kernels, precision: precision)
      let all = try network.everyPrediction(problem.batch())
      try #require(all.count == 6 * 9 * 3)
      #expect(Array(all[(5 * 9 * 3)...]) == network.predict(problem.batch()))
      let reader = try network.makeReader()
      for n in [0, 4, 8] {
        reader.reset()
        for t in 0..<6 {
          let first = (t * 9 + n) * 5
          read(reader, problem.x[first..<first + 5].map { Float($0) })
          let own = (t * 9 + n) * 3
          #expect(
            Array(reader.probabilities()) == Array(all[own..<own + 3]),
            "\(set.name), \(stack), \(peephole), \(precision), sequence \(n), t \(t)")
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

  /// Before the first timestep the output layer reads h₀: zeros, or what was learned.
  @Test(arguments: [RecurrentCell.lstm, .gru], [false, true])
  func beforeTheFirstTimestep(_ cell: RecurrentCell, learns: Bool) throws {
    let problem = Problem(timesteps: 3, features: 5, count: 1, hasLengths: false, seed: 4)
    let layers: [any Layer] = [
      Recurrent(cell, 7).with { $0.learnsInitialState = learns },
      Dense(3, activation: .softmax),
    ]
    let network: Network<Double> = try makeNetwork(layers, problem)
    for parameter in network.parameters where parameter.name.contains("initial") {
      network.setValues((0..<parameter.count).map { 0.3 - 0.1 * Double($0) }, of: parameter)
    }
    let reader = try network.makeReader()
    let state = learns ? (0..<7).map { 0.3 - 0.1 * Double($0) } : [Double](repeating: 0, count: 7)
    let weights = try #require(network.parameters.first { $0.name == "layers.1.weight" })
    let bias = try #require(network.parameters.first { $0.name == "layers.1.bias" })
    let (w, b) = (network.values(of: weights), network.values(of: bias))
    let logits = (0..<3).map { k in (0..<7).reduce(b[k]) { $0 + state[$1] * w[$1 * 3 + k] } }
    let sum = logits.map { Foundation.exp($0) }.reduce(0, +)
    for _ in 0..<2 {
      reader.reset()
      for (found, logit) in zip(reader.probabilities(), logits) {
        #expect(abs(found - Foundation.exp(logit) / sum) < 1e-12)
      }
      [0.1, 0.2, 0.3, 0.4, 0.5].withUnsafeBufferPointer { reader.step($0) }
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
      (Stack.backwards, 1), (.bidirectional, 1), (.stackedGRU, 2), (.regularizedGRU, 2),
      (.layerNormalized, 2), (.flatten, 2), (.normalizedResidual, 1), (.residual, 3),
    ] {
      let network: Network<Float> = try makeNetwork(stack.layers(.none), problem)
      #expect(throws: LayerError.notStepwise(layer: layer)) { try network.makeReader() }
      #expect(throws: LayerError.notStepwise(layer: layer)) {
        try network.everyPrediction(problem.batch())
      }
    }
  }
}
