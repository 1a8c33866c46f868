package import RowwiseLayers
package import RowwiseRowSequencing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The JSON text in a model file's metadata, under the key `rowwise`.
package struct ModelDescription: Codable, Equatable {
  /// The newest format this version reads and the one it writes.
  static let currentVersion = 1
  /// Key in the safetensors metadata.
  package static let key = "rowwise"

  /// 1.
  package var formatVersion: Int
  /// Order of the four gates in every LSTM weight: always `ifgo`.
  package var gateOrder: String
  /// All layers, the output layer included.
  package var layers: [LayerSpecification]
  /// How pictures become timesteps.
  package var preprocessing: Preprocessing
  /// In the order of the output layer's units.
  package var classNames: [String]
  /// How the model came to be.
  package var provenance: Provenance
  /// The early exit that was calibrated; nil for none.
  package var earlyExit: EarlyExit?

  private enum CodingKeys: String, CodingKey {
    case formatVersion, gateOrder, layers, preprocessing, classNames, provenance
    case earlyExit = "early_exit"
  }

  /// What is looked at before anything else is read.
  private struct Overview: Decodable {
    /// Every format has it.
    let formatVersion: Int
    /// Nil where there is no list of layers.
    let layerCount: Int?

    private enum Key: String, CodingKey { case formatVersion, layers }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      formatVersion = try container.decode(Int.self, forKey: .formatVersion)
      layerCount = try? container.nestedUnkeyedContainer(forKey: .layers).count
    }
  }

  /// Deterministic JSON: keys sorted.
  package func encoded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Reads the JSON of the model at `path`, a name for errors only.
  package init(json: String, path: String) throws(ModelFileError) {
    let data = Data(json.utf8)
    let decoder = JSONDecoder()
    do {
      let overview = try decoder.decode(Overview.self, from: data)
      let version = overview.formatVersion
      guard version <= Self.currentVersion else {
        throw ModelFileError.unknownVersion(
          path: path, version: version, known: Self.currentVersion)
      }
      guard version >= 1 else {
        throw ModelFileError.invalidDescription(
          path: path, reason: "format version \(version); the first one is 1")
      }
      if let count = overview.layerCount, count > LayerError.maximumLayers {
        throw ModelFileError.invalidDescription(
          path: path, reason: LayerError.tooManyLayers(count).description)
      }
      self = try decoder.decode(ModelDescription.self, from: data)
    } catch let error as ModelFileError {
      throw error
    } catch let error as PreprocessingError {
      throw .invalidDescription(path: path, reason: error.description)
    } catch let error as DecodingError {
      throw .invalidDescription(path: path, reason: Self.text(of: error))
    } catch {
      throw .invalidDescription(path: path, reason: "not JSON")
    }
    guard gateOrder == "ifgo" else {
      throw .invalidDescription(path: path, reason: "gate order \(gateOrder); expected ifgo")
    }
    if let name = Self.repeated(in: classNames) {
      throw .invalidDescription(path: path, reason: "two classes are called \"\(name)\"")
    }
  }

  /// The first name that was there before, cut to a length that a message can hold; nil where all
  /// differ.
  private static func repeated(in names: [String]) -> String? {
    var known: Set<String> = []
    return names.first { !known.insert($0).inserted }.map { String($0.prefix(80)) }
  }

  package init(
    layers: [LayerSpecification], preprocessing: Preprocessing, classNames: [String],
    provenance: Provenance, earlyExit: EarlyExit? = nil
  ) {
    formatVersion = Self.currentVersion
    gateOrder = "ifgo"
    self.layers = layers
    self.preprocessing = preprocessing
    self.classNames = classNames
    self.provenance = provenance
    self.earlyExit = earlyExit
  }

  private static func text(of error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return keys.isEmpty ? "" : " at \(keys.joined(separator: "."))"
    }
    return switch error {
    case .keyNotFound(let key, let context): "\"\(key.stringValue)\" is missing\(path(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "a value has the wrong type\(path(context))"
    case .dataCorrupted(let context): "a value makes no sense\(path(context))"
    @unknown default: "it cannot be decoded"
    }
  }
}
