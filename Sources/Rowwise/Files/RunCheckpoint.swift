import RowwiseFiles
import RowwiseSafetensors
public import RowwiseTraining

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A training run's checkpoint as a file: where training is, what it is trained on, and a text of
/// whoever runs it.
///
/// A safetensors file with a checksum (XXH64) over everything else in it.
public struct RunCheckpoint: Sendable, Equatable {
  /// Where training is.
  public var training: TrainingCheckpoint
  /// Fingerprint of the training data.
  public var dataFingerprint: String
  /// Instruction set that trained; another may give other last bits.
  public var instructionSet: String
  /// Any text.
  public var notes: String

  /// Puts it together.
  public init(
    training: TrainingCheckpoint, dataFingerprint: String, instructionSet: String,
    notes: String = ""
  ) {
    self.training = training
    self.dataFingerprint = dataFingerprint
    self.instructionSet = instructionSet
    self.notes = notes
  }

  private static let formatVersion = 1
  private static let descriptionKey = "rowwise_checkpoint"
  private static let checksumKey = "xxh64"

  /// All but the arrays.
  private struct Description: Codable {
    var formatVersion: Int
    var state: TrainingState
    var dataFingerprint: String
    var instructionSet: String
    var notes: String
  }

  /// The version alone, which every format has.
  private struct Version: Decodable { var formatVersion: Int }

  /// Writes the file beside its place, syncs it to the disk and renames it into it.
  ///
  /// - Throws: `SafetensorsError`; `FileError` where it cannot be written.
  public func write(toPath path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let description = Description(
      formatVersion: Self.formatVersion, state: training.state, dataFingerprint: dataFingerprint,
      instructionSet: instructionSet, notes: notes)
    let json = String(decoding: try encoder.encode(description), as: UTF8.self)
    let tensors = try training.arrays.map { name, values in
      try SafetensorsFile.Tensor(name: name, shape: [values.count], values: values)
    }
    let file = try SafetensorsFile(tensors: tensors, metadata: [Self.descriptionKey: json])
    do {
      try Self.sealed(file).write(toPath: path)
    } catch .file(let error) {
      throw error
    }
  }

  /// Reads a file that `write` has made.
  ///
  /// - Throws: `CheckpointError`; `FileError` where it cannot be opened or read.
  public init(path: String) throws {
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(path: path)
    } catch .file(let error) {
      throw error
    } catch {
      throw CheckpointError.unreadable(path: path, reason: error.description)
    }
    guard let json = file.metadata[Self.descriptionKey] else {
      throw CheckpointError.unreadable(path: path, reason: "it has no description of a run")
    }
    guard file.metadata[Self.checksumKey] == Self.checksum(json, file) else {
      throw CheckpointError.unreadable(
        path: path, reason: "its checksum does not fit; it is damaged")
    }
    let decoder = JSONDecoder()
    let text = Data(json.utf8)
    guard let version = try? decoder.decode(Version.self, from: text).formatVersion else {
      throw CheckpointError.unreadable(path: path, reason: "its description has no version")
    }
    guard version == Self.formatVersion else {
      throw CheckpointError.unknownVersion(
        path: path, version: version, known: Self.formatVersion)
    }
    let description: Description
    do {
      description = try decoder.decode(Description.self, from: text)
    } catch {
      throw CheckpointError.unreadable(
        path: path, reason: "its description is not that of this version's options")
    }
    var arrays: [String: [Float]] = [:]
    for tensor in file.tensors {
      do {
        arrays[tensor.name] = try tensor.floats()
      } catch {
        throw CheckpointError.unreadable(path: path, reason: error.description)
      }
    }
    self.init(
      training: TrainingCheckpoint(state: description.state, arrays: arrays),
      dataFingerprint: description.dataFingerprint, instructionSet: description.instructionSet,
      notes: description.notes)
  }

  /// The same tensors and description with the checksum that fits them.
  package static func sealed(_ file: SafetensorsFile) throws(SafetensorsError) -> SafetensorsFile {
    var metadata = file.metadata
    metadata[checksumKey] = checksum(metadata[descriptionKey] ?? "", file)
    return try SafetensorsFile(tensors: file.tensors, metadata: metadata)
  }

  private static func checksum(_ json: String, _ file: SafetensorsFile) -> String {
    var hash = XXHash64()
    hash.update(json.utf8.count)
    hash.update(json)
    for tensor in file.tensors {
      hash.update(tensor.name.utf8.count)
      hash.update(tensor.name)
      hash.update(tensor.bytes.count)
      tensor.bytes.withUnsafeBytes { hash.update($0) }
    }
    return String(hash.value, radix: 16)
  }
}
