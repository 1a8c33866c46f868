import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// Cases of Fixtures/cells.json, early_loss.json and gru_reset_before.json; Scripts/goldens/
/// golden_cells.py, golden_early_loss.py and golden_gru_reset_before.py describe and make them.
private struct GoldenFile: Decodable {
  var source: String
  var cases: [GoldenStack]
}

/// One network with an independent implementation's results.
private struct GoldenStack: Decodable, GoldenResults {
  var name: String
  var timesteps: Int
  var batch: Int
  var features: Int
  var classes: Int
  var layers: [LayerSpecification]
  var lengths: [Int]?
  var x: [Double]
  var labels: [Int]
  var loss: Double
  var probabilities: [Double]
  var dx: [Double]
  var parameters: [GoldenNetwork.Parameter]
  var early: EarlyLoss?
  var smoothing: Double?

  var stack: [any RowwiseLayers.Layer] { layers }

  var lossSettings: LossSettings {
    var settings = LossSettings()
    settings.early = early
    settings.labelSmoothing = smoothing ?? 0
    return settings
  }

  var problem: Problem {
    var problem = Problem(timesteps: timesteps, features: features, count: batch, classes: classes)
    problem.x = x
    problem.labels = labels
    problem.lengths = lengths
    return problem
  }
}

/// Every kind of layer against PyTorch, and the one that PyTorch lacks against NumPy.
@Suite struct CellGoldenTests {
  private static func cases() throws -> [GoldenStack] {
    try ["cells", "early_loss", "gru_reset_before"].flatMap { name in
      let url = try #require(
        Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
      return try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url)).cases
    }
  }

  @Test func referenceAgrees() throws {
    let cases = try Self.cases()
    #expect(cases.count == 29)
    // The fixture's numbers have 13 digits.
    for golden in cases {
      try check(
        golden, Network<Double>.self, tolerance: 2e-12, kernels: ReferenceKernels.make())
    }
  }

  @Test(arguments: NamedKernels.all)
  func floatAgrees(_ set: NamedKernels) throws {
    for golden in try Self.cases() {
      // Dividing by the deviation of a few sums makes their rounding larger: measured 8.2e-6, else
      // 1.9e-6.
      let isNormalized =
        golden.name.hasPrefix("layer normalisation") || golden.name.contains("itself")
      try check(
        golden, Network<Float>.self, tolerance: isNormalized ? 2e-5 : 4e-6, kernels: set.kernels)
    }
  }
}
