public import RowwiseKernelInterface
public import RowwiseSafetensors
import RowwiseWorkers

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ImageEnsemble {
  /// How a file with several models begins: the text in its metadata under `rowwise_ensemble`. Model n, from
  /// 0, has its description under `rowwise.n` and its tensors below `members.n.`.
  struct Overview: Codable, Equatable {
    static let key = "rowwise_ensemble"
    static let currentVersion = 1
    /// More are not believed.
    static let maximumMembers = 1000

    var formatVersion = Overview.currentVersion
    var members: Int

    static func prefix(_ member: Int) -> String { "members.\(member)." }
    static func descriptionKey(_ member: Int) -> String { "\(ModelDescription.key).\(member)" }

    /// How many models a file holds; nil where it is none of several.
    ///
    /// - Throws: `ModelFileError`.
    static func count(in file: SafetensorsFile, path: String) throws(ModelFileError) -> Int? {
      guard let json = file.metadata[key] else { return nil }
      guard let overview = try? JSONDecoder().decode(Overview.self, from: Data(json.utf8)) else {
        throw .invalidDescription(path: path, reason: "how many models it holds cannot be read")
      }
      guard overview.formatVersion <= currentVersion else {
        throw .unknownVersion(path: path, version: overview.formatVersion, known: currentVersion)
      }
      guard overview.formatVersion >= 1, (1...maximumMembers).contains(overview.members) else {
        throw .invalidDescription(
          path: path,
          reason: "\(overview.members) models in format \(overview.formatVersion); expected 1 to "
            + "\(maximumMembers) in format 1 or later")
      }
      return overview.members
    }
  }

  /// Writes all members into one file, a single one as `ImageClassifier.save` does: beside its place first, then
  /// renamed into it.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - storage: how weight matrices are kept.
  /// - Throws: `SafetensorsError` or `FileError` when it cannot be written.
  public func save(toPath path: String, storage: WeightStorage = .float32) throws {
    if members.count == 1 {
      return try members[0].classifier.save(
        toPath: path, provenance: members[0].provenance, storage: storage)
    }
    var tensors: [SafetensorsFile.Tensor] = []
    var metadata: [String: String] = [:]
    for (index, member) in members.enumerated() {
      let (own, json) = try member.classifier.stored(member.provenance, as: storage)
      metadata[Overview.descriptionKey(index)] = json
      tensors += try own.map { try $0.renamed(Overview.prefix(index) + $0.name) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    metadata[Overview.key] = String(
      decoding: try encoder.encode(Overview(members: members.count)), as: UTF8.self)
    try SafetensorsFile(tensors: tensors, metadata: metadata).write(toPath: path)
  }

  /// Reads a file of one model or of several.
  ///
  /// - Parameters: as of `ImageClassifier.load`; the members share the threads, and each is held against
  ///   `pictureMemory`.
  /// - Throws: `ModelFileError`; `FileError` when the file cannot be opened or read; `EnsembleError`.
  public static func load(
    path: String, threads: Int? = nil, instructionSet: InstructionSet? = nil,
    precision: Precision = .float32, pictureMemory: Int? = 1 << 29
  ) throws -> ImageEnsemble {
    try ImageEnsemble(
      members(
        ofFile: path,
        ModelLoading(
          threads: threads, instructionSet: instructionSet, precision: precision,
          pictureMemory: pictureMemory)))
  }

  /// The models of a file, without a look at whether their classes are the same.
  package static func members(
    ofFile path: String, _ loading: ModelLoading
  ) throws -> [(classifier: ImageClassifier, provenance: Provenance)] {
    let file = try ImageClassifier.modelFile(path: path)
    guard let count = try Overview.count(in: file, path: path) else {
      return [try ImageClassifier.load(file, path: path, loading)]
    }
    var parts = [[SafetensorsFile.Tensor]](repeating: [], count: count)
    for tensor in file.tensors {
      let words = tensor.name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "members", let member = Int(words[1]),
        parts.indices.contains(member), tensor.name.hasPrefix(Overview.prefix(member))
      else { throw ModelFileError.unknownTensor(path: path, tensor: tensor.name) }
      parts[member].append(try tensor.renamed(String(words[2])))
    }
    return try parts.enumerated().map { member, tensors in
      let name = "\(path), model \(member + 1)"
      guard let json = file.metadata[Overview.descriptionKey(member)] else {
        throw ModelFileError.invalidDescription(path: name, reason: "it has none")
      }
      let own = try SafetensorsFile(tensors: tensors, metadata: [ModelDescription.key: json])
      return try ImageClassifier.load(own, path: name, loading)
    }
  }
}

/// How models are loaded: what `ImageClassifier.load` is asked for, with threads that several share.
package struct ModelLoading {
  let pool: WorkerPool
  let instructionSet: InstructionSet?
  let precision: Precision
  let pictureMemory: Int?

  /// - Parameter threads: nil: as many as the machine runs at once.
  package init(
    threads: Int?, instructionSet: InstructionSet? = nil, precision: Precision = .float32,
    pictureMemory: Int?
  ) {
    pool = WorkerPool(threads: threads ?? WorkerPool.availableThreads)
    (self.instructionSet, self.precision) = (instructionSet, precision)
    self.pictureMemory = pictureMemory
  }
}

extension SafetensorsFile.Tensor {
  fileprivate func renamed(_ name: String) throws(SafetensorsError) -> SafetensorsFile.Tensor {
    try SafetensorsFile.Tensor(name: name, elementType: elementType, shape: shape, bytes: bytes)
  }
}
