import Foundation
import Rowwise
import Testing

/// Cases of Fixtures/evidence.json; Scripts/goldens/golden_evidence.py describes and makes them.
private struct GoldenEvidence: Decodable {
  struct Layer: Decodable {
    var input: [Float]
    var recurrent: [Float]
    var bias: [Float]
  }

  struct Output: Decodable {
    var weight: [Float]
    var bias: [Float]
  }

  struct Case: Decodable {
    var name: String
    var width: Int
    var height: Int
    var channels: Int
    var order: String
    var baseline: String
    var chosen: Int
    var nodes: Int
    var units: [Int]
    var mean: [Double]?
    var deviation: [Double]?
    var pixels: [UInt8]
    var layers: [Layer]
    var dense: Output
    var logOdds: Double
    var baselineLogOdds: Double
    var attributions: [Double]
  }

  var cases: [Case]
}

/// Integrated gradients against Captum's.
@Suite struct EvidenceGoldenTests {
  @Test func agreesWithCaptum() throws {
    let url = try #require(
      Bundle.module.url(forResource: "evidence", withExtension: "json", subdirectory: "Fixtures"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let cases = try decoder.decode(GoldenEvidence.self, from: Data(contentsOf: url)).cases
    #expect(cases.count == 4)
    for golden in cases {
      let classifier = try ImageClassifier(
        hiddenLayers: golden.units.map { LSTM($0) },
        preprocessing: Preprocessing(
          width: golden.width, height: golden.height, color: golden.channels == 1 ? .gray : .rgb,
          readingOrder: try #require(ReadingOrder(golden.order)), mean: golden.mean,
          standardDeviation: golden.deviation),
        classNames: ["a", "b", "c", "d"], threads: 2)
      let weights =
        golden.layers.flatMap { [$0.input, $0.recurrent, $0.bias] }
        + [golden.dense.weight, golden.dense.bias]
      for (parameter, values) in zip(classifier.network.parameters, weights) {
        classifier.network.setValues(values, of: parameter)
      }
      let baseline: Evidence.Baseline = try #require(.init(rawValue: golden.baseline))
      let evidence = try classifier.evidence(
        ofModelPixels: golden.pixels, for: golden.chosen,
        options: EvidenceOptions(baseline: baseline, nodes: golden.nodes...golden.nodes))
      #expect(evidence.attribution.nodes == golden.nodes)
      #expect(abs(evidence.logOdds - golden.logOdds) < 1e-5, "\(golden.name)")
      #expect(abs(evidence.baselineLogOdds - golden.baselineLogOdds) < 1e-5, "\(golden.name)")
      let error = zip(evidence.attribution.values, golden.attributions).reduce(0.0) {
        max($0, abs($1.0 - $1.1))
      }
      #expect(evidence.attribution.values.count == golden.attributions.count)
      #expect(error < 1e-5, "\(golden.name): \(error)")
    }
  }
}
