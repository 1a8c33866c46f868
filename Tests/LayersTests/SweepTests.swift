import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import Testing

@testable import RowwiseLayers

/// Cases of Fixtures/sweep.json; Scripts/goldens/golden_sweep.py describes and makes them.
private struct GoldenFile: Decodable {
  var cases: [GoldenSweep]
}

/// One network with PyTorch's results.
private struct GoldenSweep: Decodable, GoldenResults {
  struct Layer: Decodable {
    var kind: String
    var number: Int
  }

  var name: String
  var timesteps: Int
  var batch: Int
  var columns: Int
  var patch: Int
  var layers: [Layer]
  var classes: Int
  var x: [Double]
  var labels: [Int]
  var loss: Double
  var probabilities: [Double]
  var dx: [Double]
  var parameters: [GoldenNetwork.Parameter]

  var stack: [any RowwiseLayers.Layer] {
    let read = layers.map { layer -> LayerSpecification in
      switch layer.kind {
      case "sweep": .sweep(Sweep(layer.number))
      case "residual sweep": .sweep(Sweep(layer.number, isResidual: true))
      case "merge": .merge(Merge(layer.number))
      case "dense": .dense(Dense(layer.number, activation: .relu))
      case "norm": .norm(LayerNorm())
      case "mlp": .mlp(MLP(layer.number))
      default: preconditionFailure("a layer called \(layer.kind)")
      }
    }.reading(columns: columns)
    return read + [Flatten(), Dense(classes, activation: .softmax)]
  }

  var problem: Problem {
    var problem = Problem(
      timesteps: timesteps, features: columns * patch, count: batch, classes: classes)
    problem.x = x
    problem.labels = labels
    return problem
  }
}

/// Patches read down their columns and across their rows, and merged.
@Suite struct SweepTests {
  /// Over 5 × 3 patches of 2 numbers, merged to 3 × 2, with an LSTM below, whose rows have gaps, and with
  /// random zeros.
  private static let stacks: [[any RowwiseLayers.Layer]] = [
    [Sweep(3, columns: 3), Merge(2, columns: 3), Sweep(2, columns: 2), Flatten()],
    [LSTM(6, returnSequences: true), Sweep(2, columns: 3), Dropout(0.25), LSTM(3)],
    [Merge(2, columns: 2), GRU(4, returnSequences: true), Sweep(3, columns: 2), Pooling(.max)],
    [
      Sweep(2, columns: 6), Residual(GRU(3, returnSequences: true)), Sweep(2, columns: 1),
      Flatten(),
    ],
    [
      Dense(4, activation: .relu, columns: 3), Sweep(2, columns: 3, isResidual: true),
      MLP(2, columns: 3), Merge(2, columns: 3), LayerNorm(columns: 2),
      Dense(3, activation: .tanh, columns: 2), Flatten(),
    ],
    [
      LSTM(6, returnSequences: true), LayerNorm(columns: 3), MLP(1, columns: 2),
      Sweep(2, columns: 3, isResidual: true), Dropout(0.25), Dense(2, columns: 3), LSTM(3),
    ],
  ]

  private static func layers(_ index: Int) -> [any RowwiseLayers.Layer] {
    stacks[index] + [Dense(3, activation: .softmax)]
  }

  private static func goldens() throws -> [GoldenSweep] {
    let url = try #require(
      Bundle.module.url(forResource: "sweep", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url)).cases
  }

  @Test func agreesWithPyTorch() throws {
    let goldens = try Self.goldens()
    #expect(goldens.count == 5)
    for golden in goldens {
      try check(golden, Network<Double>.self, tolerance: 2e-12)
      // Dividing by the deviations of a few numbers, one layer after the other, makes rounding larger:
      // measured 3.4e-5.
      let isNormalized = ["residual", "blocks"].contains(golden.name)
      try check(golden, Network<Float>.self, tolerance: isNormalized ? 6e-5 : 2e-6)
    }
  }

  /// Fourth-order central differences, in Double; those of a maximum and of relu with a step that crosses
  /// no kink.
  @Test(arguments: stacks.indices)
  func gradientsAreDifferences(_ index: Int) throws {
    let (h, tolerance) = [2, 4, 5].contains(index) ? (1e-5, 1e-6) : (1e-3, 1e-8)
    try checkDifferences(
      Self.layers(index), Problem(timesteps: 5, features: 6, count: 2, classes: 3), h: h,
      tolerance: tolerance)
  }

  @Test(arguments: NamedKernels.all, stacks.indices)
  func threadsAndBatchesChangeNothing(_ set: NamedKernels, _ index: Int) throws {
    try checkThreadsAndBatches(
      Self.layers(index), Problem(timesteps: 7, features: 6, count: 37, classes: 3), set)
  }

  /// Batches of other sizes leave nothing behind, and tasks do not disturb each other.
  @Test func tasksGetTheAnswersOfOne() async throws {
    let problems = [4, 1, 20].map {
      Problem(timesteps: 5, features: 6, count: $0, classes: 3, seed: $0)
    }
    let network = try makeNetwork(
      Self.layers(0), problems[0], threads: 2, kernels: Float.kernels(upTo: nil))
    let expected = problems.map { network.predict($0.batch()) }
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<4 {
        group.addTask {
          (task..<task + 12).count {
            network.predict(problems[$0 % 3].batch()) != expected[$0 % 3]
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  /// In bfloat16 the readings are those of bfloat16 LSTMs: other numbers, nearly the same.
  @Test func precisionReachesTheReadings() throws {
    let problem = Problem(timesteps: 5, features: 6, count: 9, classes: 3)
    func probabilities(_ precision: Precision) throws -> [Float] {
      try makeNetwork(
        Self.layers(0), problem, kernels: Float.kernels(upTo: nil), precision: precision
      ).predict(problem.batch())
    }
    let full = try probabilities(.float32)
    let half = try probabilities(.bfloat16)
    #expect(full != half)
    #expect(scaledDifference(full, half) < 0.02)
  }

  @Test func needsItsColumns() throws {
    func build(_ layers: [any RowwiseLayers.Layer]) throws {
      _ = try NetworkBuilder(
        (layers + [Flatten(), Dense(3, activation: .softmax)]).map(\.specification), timesteps: 4,
        features: 6)
    }
    #expect(throws: LayerError.noColumns(layer: 1, columns: nil, width: 6)) {
      try build([Sweep(3)])
    }
    #expect(throws: LayerError.noColumns(layer: 1, columns: 4, width: 6)) {
      try build([Sweep(3, columns: 4)])
    }
    #expect(throws: LayerError.noColumns(layer: 1, columns: 0, width: 6)) {
      try build([Merge(2, columns: 0)])
    }
    #expect(throws: LayerError.invalidFactor(layer: 1, factor: 1)) {
      try build([Merge(1, columns: 3)])
    }
    #expect(throws: LayerError.invalidUnits(layer: 1, units: 0)) {
      try build([Sweep(0, columns: 3)])
    }
    for layer: any RowwiseLayers.Layer in [
      Dense(2, columns: 4), LayerNorm(columns: 4), MLP(2, columns: 4),
    ] {
      #expect(throws: LayerError.noColumns(layer: 1, columns: 4, width: 6)) { try build([layer]) }
    }
    #expect(throws: LayerError.needsSequence(layer: 2)) {
      try build([Pooling(.max), LayerNorm(columns: 3)])
    }
    #expect(throws: LayerError.invalidRatio(layer: 1, ratio: 0)) { try build([MLP(0)]) }
    #expect(throws: LayerError.invalidRatio(layer: 1, ratio: 17)) { try build([MLP(17)]) }
    #expect(throws: LayerError.needsSequence(layer: 2)) {
      try build([Pooling(.max), Sweep(3, columns: 3)])
    }
    #expect(throws: LayerError.residualNeedsSequence(layer: 1)) {
      try build([Residual(Sweep(3, columns: 3))])
    }
    #expect(LayerError.noColumns(layer: 1, columns: 4, width: 6).description.contains("4 patches"))
  }

  @Test func columnsFollowFromTheFirst() throws {
    let layers: [LayerSpecification] = [
      .sweep(Sweep(4)), .merge(Merge(2)), .dropout(Dropout(0.1)), .sweep(Sweep(5)),
      .merge(Merge(3)), .sweep(Sweep(6, columns: 8)),
    ]
    // Of each patch by itself, as long as there are patches.
    let own: [LayerSpecification] = [
      .dense(Dense(4)), .sweep(Sweep(3, isResidual: true)), .mlp(MLP(2)), .merge(Merge(2)),
      .norm(LayerNorm()), .norm(LayerNorm(columns: 2)), .recurrent(LSTM(5)), .norm(LayerNorm()),
      .dense(Dense(6)),
    ]
    #expect(
      own.reading(columns: 7) == [
        .dense(Dense(4, columns: 7)), .sweep(Sweep(3, columns: 7, isResidual: true)),
        .mlp(MLP(2, columns: 7)), .merge(Merge(2, columns: 7)), .norm(LayerNorm(columns: 4)),
        .norm(LayerNorm(columns: 2)), .recurrent(LSTM(5)), .norm(LayerNorm()), .dense(Dense(6)),
      ])
    #expect(own.reading(columns: 1)[0] == own[0])
    let coded = try JSONEncoder().encode(own)
    #expect(try JSONDecoder().decode([LayerSpecification].self, from: coded) == own)
    #expect(
      layers.reading(columns: 7) == [
        .sweep(Sweep(4, columns: 7)), .merge(Merge(2, columns: 7)), .dropout(Dropout(0.1)),
        .sweep(Sweep(5, columns: 4)), .merge(Merge(3, columns: 4)), .sweep(Sweep(6, columns: 8)),
      ])
    #expect(layers.readColumns)
    let json = try JSONEncoder().encode(layers)
    #expect(try JSONDecoder().decode([LayerSpecification].self, from: json) == layers)
  }

  /// Patches that are seen each by itself have the bits of the whole sequence when strips arrive one by one.
  @Test(arguments: NamedKernels.all)
  func patchesAreReadStripByStrip(_ set: NamedKernels) throws {
    let problem = Problem(timesteps: 5, features: 12, count: 1, classes: 3)
    let layers: [any RowwiseLayers.Layer] = [
      LayerNorm(columns: 3), Dense(5, activation: .tanh, columns: 3), MLP(2, columns: 3), LSTM(7),
      LayerNorm(), MLP(1), Dense(3, activation: .softmax),
    ]
    let network = try makeNetwork(layers, problem, kernels: set.kernels)
    #expect(network.layers.stepObstacle == nil)
    let reader = try network.makeReader()
    for t in 0..<problem.timesteps {
      problem.x[t * 12..<(t + 1) * 12].map { Float($0) }.withUnsafeBufferPointer {
        reader.step($0)
      }
    }
    #expect(Array(reader.probabilities()) == network.predict(problem.batch()), "\(set.name)")
  }

  /// What does not need the whole picture at once could answer while rows arrive; sweeps do.
  @Test func cannotReadTimestepByTimestep() throws {
    let problem = Problem(timesteps: 5, features: 6, count: 1, classes: 3)
    for index in Self.stacks.indices {
      let network: Network<Float> = try makeNetwork(Self.layers(index), problem)
      #expect(throws: LayerError.self) { try network.makeReader() }
      #expect(network.layers.stepObstacle != nil)
    }
  }
}
