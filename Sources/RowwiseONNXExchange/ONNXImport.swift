public import Rowwise
import RowwiseFiles
import RowwiseLayers
public import RowwiseRowSequencing
import RowwiseSafetensors
public import RowwiseWeightExchange
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What an ONNX file says about a classifier.
public struct ONNXImport: Sendable {
  /// Layers and weights.
  public let weights: NetworkWeights
  /// The number of timesteps, where the file fixes it.
  public let timesteps: Int?
  /// How pictures become timesteps, where the file was exported by rowwise.
  public let preprocessing: Preprocessing?
  /// Names of the classes, where the file was exported by rowwise.
  public let classNames: [String]?
  /// How the model came to be, where the file was exported by rowwise.
  public let provenance: Provenance?
  /// What is worth saying about how the file was understood.
  public let notes: [String]

  /// The largest file that is read, in bytes: protocol buffers allow no larger ones.
  private static let maximumByteCount = Int(Int32.max)

  /// Reads the file at `path`.
  ///
  /// Numbers that the model keeps in files beside it are read from there; none may lead out of its
  /// folder. A file of another kind is refused after its first bytes, and nothing is allocated that is
  /// much larger than the files.
  ///
  /// - Parameter willRead: is told how many bytes the model's files have together, before those beside
  ///   it are read; what it throws ends the import.
  /// - Throws: `FileError` where a file cannot be read, `ONNXExchangeError` where it is not understood.
  public init(path: String, willRead: (_ byteCount: Int) throws -> Void = { _ in }) throws {
    let file = try InputFile(path: path)
    guard file.byteCount > 0 else {
      throw ONNXExchangeError.unreadable(path: path, reason: "it is empty")
    }
    let head = try file.next(1)
    guard let first = head.first, Self.isFirstByte(first) else {
      throw ONNXExchangeError.unreadable(path: path, reason: "its first byte is of no such file")
    }
    guard file.byteCount <= Self.maximumByteCount else {
      throw ONNXExchangeError.unreadable(path: path, reason: "it is larger than 2 GiB")
    }
    var model = try Self.model(head + file.next(file.byteCount - 1), path: path)
    var external = ExternalTensors(besides: path)
    try external.check(model.graph)
    let byteCount = file.byteCount + external.byteCount
    if external.byteCount > 0 {
      try willRead(byteCount)
      // Taken out, so that it is not copied for every change.
      var graph = model.graph
      model.clearGraph()
      try external.fill(&graph)
      model.graph = graph
    }
    try self.init(model, byteCount: byteCount)
  }

  /// Reads a file's bytes; all numbers must be in them.
  ///
  /// - Parameter path: for errors.
  /// - Throws: `ONNXExchangeError`.
  public init(bytes: [UInt8], path: String = "ONNX model") throws(ONNXExchangeError) {
    try self.init(Self.model(bytes, path: path), byteCount: bytes.count)
  }

  private static func model(
    _ bytes: [UInt8], path: String
  ) throws(ONNXExchangeError) -> ONNXModel {
    let model: ONNXModel
    do {
      model = try ONNXModel(serializedBytes: bytes)
    } catch {
      throw .unreadable(path: path, reason: "damaged or cut short")
    }
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw .unreadable(path: path, reason: "it holds no graph")
    }
    return model
  }

  /// - Parameter byteCount: of the model's files.
  private init(_ model: ONNXModel, byteCount: Int) throws(ONNXExchangeError) {
    let description = try Self.description(in: model)
    if let description,
      let own = try Self.ownWeights(model, description, byteCount: byteCount)
    {
      weights = own
      timesteps = description.preprocessing.timesteps
      notes = []
    } else {
      let result = try GraphReader.read(model.graph, byteCount: byteCount)
      weights = try Self.weights(of: result)
      timesteps = result.timesteps
      notes =
        result.notes
        + (description == nil ? [] : ["the graph was changed since rowwise exported it"])
    }
    do {
      try weights.checkFinite()
    } catch {
      throw .invalidGraph(reason: error.description)
    }
    let fits =
      description?.preprocessing.features == weights.features
      && description?.classNames.count == weights.classCount
    preprocessing = fits ? description?.preprocessing : nil
    classNames = fits ? description?.classNames : nil
    provenance = fits ? description?.provenance : nil
  }

  /// Whether a protocol buffer of a model may begin so: with one of its fields' numbers and kinds.
  private static func isFirstByte(_ byte: UInt8) -> Bool {
    // Varints: ir_version, model_version; texts, graph, operator sets, properties: with a length.
    let fields: [(number: UInt8, kind: UInt8)] =
      [(1, 0), (5, 0)] + [2, 3, 4, 6, 7, 8, 14].map { ($0, 2) }
    return fields.contains { $0.number << 3 | $0.kind == byte }
  }

  /// What a file that rowwise exported says about its model; nil of other files.
  private static func description(
    in model: ONNXModel
  ) throws(ONNXExchangeError) -> ModelDescription? {
    guard
      let json = model.metadataProps.first(where: { $0.key == ModelDescription.key })?.value
    else { return nil }
    do {
      return try ModelDescription(json: json, path: "")
    } catch {
      switch error {
      case .invalidDescription(_, let reason): throw .invalidDescription(reason: reason)
      case .unknownVersion(_, let version, let known):
        throw .invalidDescription(
          reason: "format \(version) is newer than this program's \(known); update rowwise")
      default: throw .invalidDescription(reason: error.description)
      }
    }
  }

  /// The weights of a file whose graph is exactly the one that is written for its description.
  private static func ownWeights(
    _ model: ONNXModel, _ description: ModelDescription, byteCount: Int
  ) throws(ONNXExchangeError) -> NetworkWeights? {
    guard model.opsetImport.count == 1,
      model.opsetImport[0].version == NetworkGraph.operatorSet
    else { return nil }
    let preprocessing = description.preprocessing
    let isImage = model.graph.input.first?.name == NetworkGraph.imageName
    // The graph holds every pixel's place: a file without them is not worth making them.
    guard !isImage || preprocessing.byteCount <= byteCount else { return nil }
    let storage = model.metadataProps.first { $0.key == ONNXExport.storageKey }?.value
    guard
      let network = try? NetworkWeights(
        layers: description.layers, timesteps: preprocessing.timesteps,
        features: preprocessing.features)
    else { return nil }
    let graph = NetworkGraph(
      network, preprocessing: isImage ? preprocessing : nil,
      storage: storage.flatMap { WeightStorage(rawValue: $0) } ?? .float32)
    return try graph.weights(in: model.graph)
  }

  private static func weights(
    of result: GraphReader.Result
  ) throws(ONNXExchangeError) -> NetworkWeights {
    let chain = result.chain
    guard
      var weights = try? NetworkWeights(
        layers: chain.layers.map(\.specification), timesteps: result.timesteps ?? 1,
        features: result.features)
    else { throw .invalidGraph(reason: "its layers do not fit together") }
    for (index, layer) in chain.layers.enumerated() {
      for (name, values) in layer.arrays {
        let name = "layers.\(index).\(name)"
        guard weights.parameter(named: name)?.count == values.count
        else { throw .invalidGraph(reason: "its layers do not fit together") }
        weights[name] = values
      }
    }
    return weights
  }
}
