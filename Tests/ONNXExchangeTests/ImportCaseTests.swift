import Foundation
import Rowwise
import RowwiseONNXExchange
import RowwiseRowSequencing
import RowwiseWeightExchange
import Testing

/// Models that PyTorch, Keras and tf2onnx have written (Scripts/interop), with the probabilities
/// that they themselves compute.
struct ImportCaseTests {
  static let folder = (Bundle.module.resourceURL ?? Bundle.module.bundleURL)
    .appendingPathComponent("Fixtures")

  static let names: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []

  struct Case: Decodable {
    var width: Int
    var height: Int
    var pixels: [[UInt8]]
    var probabilities: [[Float]]

    init(_ name: String) throws {
      let url = ImportCaseTests.folder.appendingPathComponent("\(name)/case.json")
      self = try JSONDecoder().decode(Case.self, from: Data(contentsOf: url))
    }

    /// The largest difference of a model's probabilities from those that are right.
    func difference(of weights: NetworkWeights) throws -> Float {
      let classifier = try ImageClassifier(
        weights: weights, preprocessing: Preprocessing(width: width, height: height),
        classNames: (0..<weights.classCount).map { "\($0)" }, threads: 1)
      let ours = classifier.probabilities(ofModelPixels: pixels)
      #expect(ours.count == probabilities.count)
      return zip(ours.joined(), probabilities.joined()).map { abs($0 - $1) }.max() ?? .infinity
    }
  }

  static func path(_ name: String) -> String {
    folder.appendingPathComponent("\(name)/model.onnx").path
  }

  @Test func casesAreThere() {
    #expect(Self.names.count == 37)
  }

  @Test(arguments: names.filter { !$0.hasPrefix("refused") })
  func sameProbabilitiesAsThere(name: String) throws {
    let model = try ONNXImport(path: Self.path(name))
    #expect(model.preprocessing == nil && model.classNames == nil)
    #expect(try Case(name).difference(of: model.weights) <= 1e-5)
  }

  /// The backward part has read a single row at the last timestep, which no layer here does.
  @Test func lastTimestepOfBothDirectionsIsRefused() throws {
    let path = Self.path("refused-both-ends")
    #expect {
      try ONNXImport(path: path)
    } throws: { error in
      guard case ONNXExchangeError.notUnderstood(_, "Gather", let reason) = error else {
        return false
      }
      return reason.contains("reads the other way")
    }
  }

  @Test func whatIsWorthSayingIsSaid() throws {
    func notes(_ name: String) throws -> [String] { try ONNXImport(path: Self.path(name)).notes }
    #expect(try notes("torch-lstm-script") == [])
    #expect(
      try notes("torch-stacked-script")
        == ["the graph ends in logits; here the output layer has softmax"])
    #expect(
      try notes("torch-picture-export")
        == ["the graph ends in log-probabilities; here the output is probabilities"])
  }

  @Test func timestepsAreKnownWhereFixed() throws {
    #expect(try ONNXImport(path: Self.path("torch-fixed-script")).timesteps == 5)
    #expect(try ONNXImport(path: Self.path("torch-lstm-script")).timesteps == nil)
  }
}
