import Foundation
import RowwiseCompute
import RowwiseLayers
import Testing

/// Cases of Fixtures/network.json; Scripts/goldens/golden_network.py describes and makes them.
private struct GoldenFile: Decodable {
  var source: String
  var cases: [GoldenNetwork]
}

/// One network with PyTorch's results.
struct GoldenNetwork: Decodable {
  struct Parameter: Decodable {
    var name: String
    var shape: [Int]
    var values: [Double]
    var gradient: [Double]
  }

  var name: String
  var timesteps: Int
  var batch: Int
  var features: Int
  var hidden: [Int]
  var directions: Int
  var dense: Int
  var classes: Int
  var lengths: [Int]?
  var x: [Double]
  var labels: [Int]
  var loss: Double
  var probabilities: [Double]
  var dx: [Double]
  var parameters: [Parameter]

  var layers: [any Layer] {
    var layers: [any Layer] = hidden.enumerated().map { index, units in
      let lstm = LSTM(units, returnSequences: index < hidden.count - 1)
      return directions == 2 ? Bidirectional(lstm) : lstm
    }
    if dense > 0 { layers.append(Dense(dense, activation: .tanh)) }
    return layers + [Dense(classes, activation: .softmax)]
  }

  var problem: Problem {
    var problem = Problem(timesteps: timesteps, features: features, count: batch, classes: classes)
    problem.x = x
    problem.labels = labels
    problem.lengths = lengths
    return problem
  }
}

/// Whole networks against PyTorch.
@Suite struct NetworkGoldenTests {
  private static func cases() throws -> [GoldenNetwork] {
    let url = try #require(
      Bundle.module.url(forResource: "network", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url)).cases
  }

  @Test func referenceAgreesWithPyTorch() throws {
    let cases = try Self.cases()
    #expect(cases.count == 4)
    // The fixture's numbers have 13 digits.
    for golden in cases { try check(golden, Network<Double>.self, tolerance: 2e-12) }
  }

  @Test func floatAgreesWithPyTorch() throws {
    for golden in try Self.cases() { try check(golden, Network<Float>.self, tolerance: 2e-6) }
  }

  private func check<Scalar: ComputeScalar>(
    _ golden: GoldenNetwork, _ type: Network<Scalar>.Type, tolerance: Double
  ) throws {
    let problem = golden.problem
    let network: Network<Scalar> = try makeNetwork(golden.layers, problem)
    #expect(network.parameters.map(\.name) == golden.parameters.map(\.name))
    #expect(network.parameters.map(\.shape) == golden.parameters.map(\.shape))
    for (parameter, values) in zip(network.parameters, golden.parameters) {
      network.setValues(values.values.map { Scalar($0) }, of: parameter)
    }
    let outcome = run(network, problem)
    #expect(abs(outcome.lossSum / Double(golden.batch) - golden.loss) < tolerance, "\(golden.name)")
    #expect(
      scaledDifference(outcome.probabilities, golden.probabilities) < tolerance, "\(golden.name)")
    #expect(scaledDifference(outcome.inputGradient, golden.dx) < tolerance, "\(golden.name), x")
    for parameter in golden.parameters {
      let gradient = try #require(outcome.gradients[parameter.name])
      let error = scaledDifference(gradient, parameter.gradient)
      #expect(error < tolerance, "\(golden.name), \(parameter.name): off by \(error)")
    }
  }
}
