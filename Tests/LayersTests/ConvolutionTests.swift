import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import Testing

@testable import RowwiseLayers

/// Cases of Fixtures/convolution.json; Scripts/goldens/golden_convolution.py describes and makes them.
private struct GoldenFile: Decodable {
  var cases: [GoldenConvolution]
}

/// One network with PyTorch's results.
private struct GoldenConvolution: Decodable, GoldenResults {
  var name: String
  var timesteps: Int
  var batch: Int
  var columns: Int
  var channels: Int
  var units: [Int]
  var dense: Int
  var classes: Int
  var x: [Double]
  var labels: [Int]
  var loss: Double
  var probabilities: [Double]
  var dx: [Double]
  var parameters: [GoldenNetwork.Parameter]

  var stack: [any RowwiseLayers.Layer] {
    let read = units.map { LayerSpecification.convolution(Convolution($0)) }
    return read.reading(columns: columns)
      + [Flatten(), Dense(dense, activation: .relu), Dense(classes, activation: .softmax)]
  }

  var problem: Problem {
    var problem = Problem(
      timesteps: timesteps, features: columns * channels, count: batch, classes: classes)
    problem.x = x
    problem.labels = labels
    return problem
  }
}

/// Convolutions with pooling.
@Suite struct ConvolutionTests {
  /// Over pictures of 5 × 3 places of 2 numbers, with an LSTM below, whose rows have gaps, above, and with
  /// other layers of places.
  private static let stacks: [[any RowwiseLayers.Layer]] = [
    [
      Convolution(3, columns: 3), Convolution(4, columns: 2), Flatten(),
      Dense(5, activation: .relu),
    ],
    [LSTM(6, returnSequences: true), Convolution(3, columns: 2), Dropout(0.25), LSTM(3)],
    [
      Convolution(3, columns: 6), LayerNorm(columns: 3), Dense(2, activation: .tanh, columns: 3),
      Convolution(4, columns: 3), Pooling(.mean),
    ],
    [Convolution(2, columns: 6), Merge(2, columns: 3), Sweep(2, columns: 2), Flatten()],
    [Convolution(4, columns: 1), Flatten()],
  ]

  private static func layers(_ index: Int) -> [any RowwiseLayers.Layer] {
    stacks[index] + [Dense(3, activation: .softmax)]
  }

  private static func goldens() throws -> [GoldenConvolution] {
    let url = try #require(
      Bundle.module.url(
        forResource: "convolution", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url)).cases
  }

  @Test func agreesWithPyTorch() throws {
    let goldens = try Self.goldens()
    #expect(goldens.count == 4)
    for golden in goldens {
      try check(golden, Network<Double>.self, tolerance: 2e-12)
      for set in NamedKernels.all {
        try check(golden, Network<Float>.self, tolerance: 2e-6, kernels: set.kernels)
      }
    }
  }

  /// Fourth-order central differences, in Double, with a step that crosses no kink of relu and no change of
  /// the largest.
  @Test(arguments: stacks.indices)
  func gradientsAreDifferences(_ index: Int) throws {
    try checkDifferences(
      Self.layers(index), Problem(timesteps: 5, features: 6, count: 2, classes: 3), h: 1e-5,
      tolerance: 1e-6, reachesAll: true)
  }

  @Test(arguments: NamedKernels.all, stacks.indices)
  func threadsAndBatchesChangeNothing(_ set: NamedKernels, _ index: Int) throws {
    try checkThreadsAndBatches(
      Self.layers(index), Problem(timesteps: 7, features: 6, count: 37, classes: 3), set)
  }

  /// Without the gradient by the input, which the first layer then leaves out, the others are the same.
  @Test func theInputsGradientIsNotNeeded() throws {
    let problem = Problem(timesteps: 5, features: 6, count: 4, classes: 3)
    let network = try makeNetwork(
      Self.layers(0), problem, kernels: Float.kernels(upTo: nil))
    let batch: SequenceBatch<Float> = problem.batch()
    _ = network.gradients(batch, step: 3)
    let without = network.parameters.map { network.gradient(of: $0) }
    _ = network.gradients(batch, step: 3, wantsInputGradient: true)
    #expect(without == network.parameters.map { network.gradient(of: $0) })
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

  @Test func needsItsColumns() throws {
    func build(_ layers: [any RowwiseLayers.Layer]) throws -> NetworkBuilder {
      try NetworkBuilder(
        (layers + [Flatten(), Dense(3, activation: .softmax)]).map(\.specification), timesteps: 5,
        features: 6)
    }
    #expect(throws: LayerError.noColumns(layer: 1, columns: nil, width: 6)) {
      try build([Convolution(3)])
    }
    #expect(throws: LayerError.noColumns(layer: 1, columns: 4, width: 6)) {
      try build([Convolution(3, columns: 4)])
    }
    #expect(throws: LayerError.invalidUnits(layer: 1, units: 0)) {
      try build([Convolution(0, columns: 3)])
    }
    #expect(throws: LayerError.needsSequence(layer: 2)) {
      try build([Pooling(.max), Convolution(3, columns: 3)])
    }
    #expect(throws: LayerError.residualNeedsSequence(layer: 1)) {
      try build([Residual(Convolution(3, columns: 3))])
    }
    let plans = try build([Convolution(4, columns: 3), Convolution(7, columns: 2)]).plans
    #expect(plans.map(\.timesteps) == [5, 3, 2, 2])
    #expect(plans.map(\.width) == [2 * 4, 7, 2 * 7, 3])
    let network: Network<Float> = try makeNetwork(
      Self.layers(4), Problem(timesteps: 5, features: 6, count: 1, classes: 3))
    #expect(throws: LayerError.notStepwise(layer: 1)) { try network.makeReader() }
    #expect(network.layers.stepObstacle == 1)
  }

  @Test func columnsFollowFromTheFirst() throws {
    let layers: [LayerSpecification] = [
      .convolution(Convolution(4)), .dropout(Dropout(0.1)), .convolution(Convolution(5)),
      .norm(LayerNorm()), .flatten, .dense(Dense(6)),
    ]
    #expect(layers.readColumns)
    #expect(
      layers.reading(columns: 7) == [
        .convolution(Convolution(4, columns: 7)), .dropout(Dropout(0.1)),
        .convolution(Convolution(5, columns: 4)), .norm(LayerNorm(columns: 2)), .flatten,
        .dense(Dense(6)),
      ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(layers.reading(columns: 7)[0])
    // These texts stand in model files: they may not change.
    #expect(
      String(decoding: json, as: UTF8.self) == #"{"columns":7,"type":"convolution","units":4}"#)
    #expect(
      try JSONDecoder().decode([LayerSpecification].self, from: encoder.encode(layers)) == layers)
  }

  /// What lies around each place is counted, and what comes out before and after pooling.
  @Test func workSpaceIsPlanned() throws {
    func space(_ layers: [any RowwiseLayers.Layer]) throws -> WorkSpace {
      try WorkSpace(
        of: (layers + [Flatten(), Dense(3, activation: .softmax)]).map(\.specification),
        timesteps: 5, features: 6)
    }
    let space = try space([Convolution(4, columns: 3)])
    let (places, pooled) = (5 * 3, 3 * 2 * 4)
    let numbers = places * (18 + 4) + pooled
    #expect(space.predictionBytes == Double(4 * (30 + numbers + pooled + 3)))
    #expect(space.trainingBytes == Double(4 * (30 + 2 * (numbers + pooled + 3))))
    #expect(space.multiplications == Double(places * 18 * 4 + pooled * 3))
    #expect(space.weightBytes == Double(4 * (18 * 4 + 4 + pooled * 3 + 3)))
  }
}
