import Foundation
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWorkers
import Testing

/// Names, shapes and first values of the weights.
@Suite struct ParametersTests {
  private func network(
    _ layers: [any Layer], features: Int = 11, seed: UInt64? = 3
  ) throws -> Network<Double> {
    try Network<Double>(
      layers, timesteps: 2, features: features, seed: seed, pool: WorkerPool(threads: 1))
  }

  private func values(_ name: String, of network: Network<Double>) throws -> [Double] {
    let parameter = try #require(network.parameters.first { $0.name == name })
    return network.values(of: parameter)
  }

  @Test func namesAndShapes() throws {
    let network = try network([
      Bidirectional(LSTM(5, returnSequences: true, peephole: .full)), Dropout(0.1),
      LSTM(4, peephole: .diagonal), Dense(6, activation: .relu), Dense(3, activation: .softmax),
    ])
    #expect(
      network.parameters.map { "\($0.name) \($0.shape) \($0.decays)" } == [
        "layers.0.forward.input_weight [11, 20] true",
        "layers.0.forward.recurrent_weight [5, 20] true",
        "layers.0.forward.peephole_weight [5, 15] true",
        "layers.0.forward.bias [20] false",
        "layers.0.backward.input_weight [11, 20] true",
        "layers.0.backward.recurrent_weight [5, 20] true",
        "layers.0.backward.peephole_weight [5, 15] true",
        "layers.0.backward.bias [20] false",
        "layers.2.input_weight [10, 16] true",
        "layers.2.recurrent_weight [4, 16] true",
        "layers.2.peephole_weight [3, 4] true",
        "layers.2.bias [16] false",
        "layers.3.weight [4, 6] true",
        "layers.3.bias [6] false",
        "layers.4.weight [6, 3] true",
        "layers.4.bias [3] false",
      ])
    #expect(network.classCount == 3)
    #expect(network.parameterCount == network.parameters.map(\.count).reduce(0, +))
  }

  /// Uniform in ±√(6 / (rows + columns)), filled to the edges.
  @Test func glorotUniform() throws {
    let network = try network(
      [LSTM(32, peephole: .full), Dense(40, activation: .softmax)], features: 50)
    for (name, rows, columns) in [
      ("layers.0.input_weight", 50, 128), ("layers.0.peephole_weight", 32, 96),
      ("layers.1.weight", 32, 40),
    ] {
      let bound = (6 / Double(rows + columns)).squareRoot()
      let values = try values(name, of: network)
      let largest = values.map(abs).max() ?? 0
      #expect(largest <= bound && largest > 0.99 * bound, "\(name)")
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + $1 * $1 } / count
      #expect(abs(mean) < 5 * bound / (3 * count).squareRoot(), "\(name)")
      #expect(abs(variance / (bound * bound / 3) - 1) < 0.1, "\(name)")
    }
  }

  @Test func diagonalPeepholesAreBounded() throws {
    let network = try network(
      [LSTM(64, peephole: .diagonal), Dense(2, activation: .softmax)])
    let values = try values("layers.0.peephole_weight", of: network)
    #expect(values.count == 192)
    let largest = values.map(abs).max() ?? 0
    #expect(largest <= 0.125 && largest > 0.12)
  }

  /// R [H, 4H] has orthonormal rows.
  @Test(arguments: [1, 2, 7, 32])
  func recurrentWeightsAreOrthonormal(_ units: Int) throws {
    let network = try network([LSTM(units), Dense(2, activation: .softmax)])
    let r = try values("layers.0.recurrent_weight", of: network)
    let columns = 4 * units
    for i in 0..<units {
      for j in 0...i {
        var product = 0.0
        for k in 0..<columns { product += r[i * columns + k] * r[j * columns + k] }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12, "rows \(i) and \(j) of \(units)")
      }
    }
  }

  @Test func biases() throws {
    let network = try network([
      LSTM(2, returnSequences: true), LSTM(2, unitForgetBias: false),
      Dense(3, activation: .softmax),
    ])
    #expect(try values("layers.0.bias", of: network) == [0, 0, 1, 1, 0, 0, 0, 0])
    #expect(try values("layers.1.bias", of: network) == [Double](repeating: 0, count: 8))
    #expect(try values("layers.2.bias", of: network) == [0, 0, 0])
  }

  /// What keeps starts at 1, gains at 1, the rest at 0.
  @Test func biasesOfOtherCells() throws {
    let network = try network([
      Recurrent(.coupled, 2, returnSequences: true), GRU(2, returnSequences: true),
      Recurrent(.layerNormalized, 2, returnSequences: true).with { $0.learnsInitialState = true },
      MinLSTM(2), Dense(3, activation: .softmax),
    ])
    #expect(try values("layers.0.bias", of: network) == [-1, -1, 0, 0, 0, 0])
    #expect(try values("layers.1.bias", of: network) == [Double](repeating: 0, count: 6))
    #expect(try values("layers.1.recurrent_bias", of: network) == [Double](repeating: 0, count: 6))
    #expect(try values("layers.2.bias", of: network) == [0, 0, 1, 1, 0, 0, 0, 0])
    #expect(try values("layers.2.input_gain", of: network) == [Double](repeating: 1, count: 8))
    #expect(try values("layers.2.cell_gain", of: network) == [1, 1])
    #expect(try values("layers.2.initial_cell", of: network) == [0, 0])
    #expect(network.parameters.filter { !$0.decays }.count == 12)
  }

  /// The product that waits for the reset gate has an array of its own.
  @Test func arraysOfAResetBefore() throws {
    let network = try network([
      GRU(2, direction: .both, resetAfter: false), Dense(3, activation: .softmax),
    ])
    let forward = network.parameters.filter { $0.name.contains("forward") }
    #expect(
      forward.map(\.name)
        == ["input_weight", "recurrent_weight", "candidate_weight", "bias"].map {
          "layers.0.forward.\($0)"
        })
    #expect(forward.dropFirst().map(\.shape) == [[2, 4], [2, 2], [6]])
    #expect(forward.map(\.decays) == [true, true, true, false])
    #expect(try values("layers.0.forward.bias", of: network) == [Double](repeating: 0, count: 6))
  }

  /// Biases of what keeps are log U[1, T − 1], of what takes in the same negated, others 0.
  @Test func chronoInitialization() throws {
    let (units, timesteps) = (40, 784)
    var lstm = LSTM(units)
    lstm.chronoInitialization = true
    func chrono(_ cell: RecurrentCell) -> Recurrent {
      Recurrent(cell, units).with { $0.chronoInitialization = true }
    }
    let cases: [(layer: any Layer, signs: [Double])] = [
      (lstm, [-1, 1, 0, 0]), (chrono(.lstm), [-1, 1, 0, 0]),
      (chrono(.layerNormalized), [-1, 1, 0, 0]), (chrono(.gru), [1, 0, 0]),
      (chrono(.gruResetBefore), [1, 0, 0]), (chrono(.coupled), [-1, 0, 0]),
      (chrono(.minimal), [-1, 1, 0]), (chrono(.refined), [1, -1, 0, 0]),
    ]
    for (layer, signs) in cases {
      let network = try Network<Double>(
        [layer, Dense(2, activation: .softmax)], timesteps: timesteps, features: 1, seed: 3,
        pool: WorkerPool(threads: 1))
      let bias = try values("layers.0.bias", of: network)
      for (gate, sign) in signs.enumerated() {
        let block = bias[gate * units..<(gate + 1) * units]
        guard sign != 0 else {
          #expect(block.allSatisfy { $0 == 0 })
          continue
        }
        let logarithms = block.map { $0 * sign }
        #expect(logarithms.allSatisfy { 0 <= $0 && $0 <= log(783) })
        // Uniform in [1, 783]: half of them above 392, give or take three standard deviations.
        let upper = logarithms.filter { $0 > log(392) }.count
        #expect((10...30).contains(upper), "\(upper) of 40")
      }
    }
  }

  /// The gates of `RecurrentCell.refined` begin with every value alike, and the refine gate with 1 less that.
  @Test func uniformGateInitialization() throws {
    let units = 40
    let network = try network([Recurrent(.refined, units), Dense(2, activation: .softmax)])
    let bias = try values("layers.0.bias", of: network)
    let gates = bias.prefix(units).map { 1 / (1 + exp(-$0)) }
    #expect(gates.allSatisfy { 1.0 / 40 <= $0 && $0 <= 39.0 / 40 })
    #expect(Set(gates).count == units)
    // Half of them above a half, give or take three standard deviations.
    #expect((10...30).contains(gates.count { $0 > 0.5 }))
    #expect(bias[units..<2 * units].elementsEqual(bias.prefix(units).map { -$0 }))
    #expect(bias[(2 * units)...].allSatisfy { $0 == 0 })
    let one = try self.network([Recurrent(.refined, 1), Dense(2, activation: .softmax)])
    #expect(try values("layers.0.bias", of: one).allSatisfy { $0 == 0 })
  }

  /// Eigenvalues lie in a ring that follows the number of timesteps, and states keep the variance of white
  /// inputs.
  @Test(arguments: [(28, 0.898, 0.9965), (784, 0.9961, 0.9999), (2, 0.22, 0.952)])
  func eigenvaluesBeginInARing(timesteps: Int, least: Double, most: Double) throws {
    let units = 200
    let network = try Network<Double>(
      [LRU(units), Dense(2, activation: .softmax)], timesteps: timesteps, features: 1, seed: 3,
      pool: WorkerPool(threads: 1))
    let eigenvalues = try #require(
      network.parameters.first { $0.name == "layers.0.eigenvalues" })
    #expect(eigenvalues.shape == [3, units] && !eigenvalues.decays)
    let values = network.values(of: eigenvalues)
    let moduli = values.prefix(units).map { exp(-exp($0)) }
    let phases = values[units..<2 * units].map { exp($0) }
    #expect(moduli.allSatisfy { least <= $0 && $0 <= most }, "\(moduli.min()!) to \(moduli.max()!)")
    let slowest = Double.pi / Double(timesteps)
    #expect(phases.allSatisfy { slowest * 0.9999 <= $0 && $0 <= Double.pi * 1.0001 })
    // Their logarithms are uniform: half of them above the middle, give or take four standard deviations.
    #expect((70...130).contains(phases.count { $0 > (slowest * Double.pi).squareRoot() }))
    for (modulus, scale) in zip(moduli, values[(2 * units)...]) {
      #expect(abs(exp(2 * scale) + modulus * modulus - 1) < 1e-12)
    }
    #expect(
      network.parameters.dropLast(2).map { "\($0.name) \($0.shape)" } == [
        "layers.0.input_weight [1, 400]", "layers.0.eigenvalues [3, 200]",
        "layers.0.output_weight [400, 400]", "layers.0.skip_weight [1, 400]", "layers.0.bias [400]",
      ])
  }

  @Test func withoutSeedAllIsZero() throws {
    let network = try network([LSTM(3), Dense(2, activation: .softmax)], seed: nil)
    for parameter in network.parameters {
      #expect(network.values(of: parameter).allSatisfy { $0 == 0 })
    }
  }

  /// Both directions, and equal layers, start differently.
  @Test func everyParameterHasItsOwnStream() throws {
    let network = try network([
      Bidirectional(LSTM(5, returnSequences: true)), LSTM(5, returnSequences: true), LSTM(5),
      Dense(2, activation: .softmax),
    ])
    let weights = network.parameters.filter { $0.name.hasSuffix("weight") }
    let first = Set(weights.map { network.values(of: $0)[0] })
    #expect(first.count == weights.count)
  }
}
