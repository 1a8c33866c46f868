public import Rowwise
import RowwiseFiles
public import RowwiseSafetensors
import RowwiseWeightExchange

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A classifier as an ONNX model.
///
/// Operator set 17, file format 8, 32-bit floats. Input `sequence`, float32 [batch, timesteps,
/// features], or with preprocessing `image`, uint8 [batch, height, width, channels] for pictures of
/// any size with 1 or 3 channels; output `probabilities`, float32 [batch, classes]. Batch, timesteps
/// and picture sizes may differ from call to call.
public struct ONNXExport: Sendable {
  /// The version of the operator set that models are written in.
  public static let operatorSet = Int(NetworkGraph.operatorSet)

  /// The file's bytes.
  public let bytes: [UInt8]

  /// Writes a classifier down.
  ///
  /// - Parameters:
  ///   - classifier: what to export.
  ///   - provenance: how it came to be; stored with the class names in the file's metadata.
  ///   - includesPreprocessing: whether the graph takes pictures instead of timesteps.
  ///   - storage: how weight matrices are kept.
  /// - Throws: `ONNXExchangeError.notExported` where preprocessing is to be included that a graph cannot
  ///   do; an error of encoding, which does not happen to a classifier that was made.
  public init(
    _ classifier: ImageClassifier, provenance: Provenance = Provenance(),
    includesPreprocessing: Bool = false, storage: WeightStorage = .float32
  ) throws {
    let obstacles = classifier.preprocessing.adaptation.graphObstacles
    if includesPreprocessing, !obstacles.isEmpty {
      throw ONNXExchangeError.notExported(options: obstacles)
    }
    let weights = NetworkWeights(of: classifier.network)
    let network = NetworkGraph(
      weights, preprocessing: includesPreprocessing ? classifier.preprocessing : nil,
      storage: storage)
    let description = ModelDescription(
      layers: weights.layers, preprocessing: classifier.preprocessing,
      classNames: classifier.classNames, provenance: provenance)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    let names = String(decoding: try encoder.encode(classifier.classNames), as: UTF8.self)
    let properties = [
      ("class_names", names), (Self.storageKey, storage.rawValue),
      (ModelDescription.key, try description.encoded()),
    ]
    let model = ONNXModel.with {
      $0.irVersion = NetworkGraph.formatVersion
      $0.producerName = ModelDescription.key
      $0.producerVersion = ToolkitVersion.current
      $0.opsetImport = [.with { $0.version = NetworkGraph.operatorSet }]
      $0.graph = network.builder.filled(from: weights)
      $0.metadataProps = properties.map { property in
        .with {
          $0.key = property.0
          $0.value = property.1
        }
      }
    }
    bytes = try model.serializedBytes()
  }

  /// The metadata key under which the file says how its weights are stored.
  static let storageKey = "rowwise_weights"

  /// Writes the file beside `path` and renames it, so that `path` never holds a part of it.
  ///
  /// - Throws: `FileError`.
  public func write(toPath path: String) throws {
    try AtomicFile.write(bytes, toPath: path)
  }
}
