import Foundation
import Rowwise
import RowwiseLayers
import RowwiseONNXExchange
import RowwiseRowSequencing
import RowwiseWeightExchange
import Testing

/// Exported models give the same probabilities in ONNX Runtime.
struct ONNXRuntimeTests {
  private struct Check: Encodable {
    var model: String
    var width: Int
    var height: Int
    var pixels: [[UInt8]]
    var probabilities: [[Float]]
    var takes_pictures: Bool
  }

  private struct Case: Encodable {
    var name: String
    var checks: [Check]
  }

  private static func pictures(width: Int, height: Int) -> [[UInt8]] {
    (0..<3).map { picture in
      (0..<width * height).map { UInt8(truncatingIfNeeded: ($0 * 37 + picture * 101) % 256) }
    }
  }

  private static func check(
    _ classifier: ImageClassifier, _ model: String, takesPictures: Bool
  ) -> Check {
    let (width, height) = (classifier.preprocessing.width, classifier.preprocessing.height)
    let pixels = pictures(width: width, height: height)
    return Check(
      model: model, width: width, height: height, pixels: pixels,
      probabilities: classifier.probabilities(ofModelPixels: pixels),
      takes_pictures: takesPictures)
  }

  /// Every kind of layer, at two batch sizes and, where the layers allow it, two lengths; as it is
  /// and with preprocessing in the graph.
  @Test(
    .enabled(
      if: PythonWithONNX.path != nil, "needs Python with onnx and onnxruntime, in ROWWISE_PYTHON"))
  func sameProbabilitiesThere() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rowwise-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (index, (name, layers)) in Networks.stacks.enumerated() {
      let classifier = try Networks.classifier(layers)
      let place = folder.appendingPathComponent("\(index)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for (file, includesPreprocessing) in [("model.onnx", false), ("pictures.onnx", true)] {
        try ONNXExport(classifier, includesPreprocessing: includesPreprocessing)
          .write(toPath: place.appendingPathComponent(file).path)
      }
      var checks = [
        Self.check(classifier, "model.onnx", takesPictures: false),
        Self.check(classifier, "pictures.onnx", takesPictures: true),
      ]
      let weights = NetworkWeights(of: classifier.network)
      if !weights.layers.contains(.flatten), !weights.layers.readColumns {
        let short = try ImageClassifier(
          weights: weights, preprocessing: Preprocessing(width: 6, height: 3),
          classNames: classifier.classNames, threads: 1)
        checks.append(Self.check(short, "model.onnx", takesPictures: false))
      }
      try JSONEncoder().encode(Case(name: name, checks: checks))
        .write(to: place.appendingPathComponent("case.json"))
    }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Scripts/interop/run_exported.py").path
    let run = try PythonWithONNX.run(try #require(PythonWithONNX.path), [script, folder.path])
    #expect(
      run.status == 0 && run.output.hasSuffix("\(Networks.stacks.count) networks, 0 failures\n"),
      "\(run.output)")
  }
}
