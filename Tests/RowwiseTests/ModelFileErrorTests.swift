import Foundation
import Rowwise
import RowwiseFiles
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSafetensors
import TestSupport
import Testing

/// Model files that are refused, each with its reason.
@Suite struct ModelFileErrorTests {
  private let folder: TemporaryFolder
  private let path: String
  /// A small valid model, to be damaged.
  private let valid: SafetensorsFile
  private let json: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("m.safetensors")
    let classifier = try ImageClassifier(
      hiddenLayers: [LSTM(2)], preprocessing: try Preprocessing(width: 3, height: 2),
      classNames: ["a", "b"], threads: 1)
    try classifier.save(toPath: path)
    valid = try SafetensorsFile(path: path)
    json = try #require(valid.metadata["rowwise"])
  }

  /// What loading a file with these parts throws.
  private func error(
    tensors: [SafetensorsFile.Tensor]? = nil, json: String? = nil,
    metadata: [String: String]? = nil
  ) throws -> ModelFileError? {
    let file = try SafetensorsFile(
      tensors: tensors ?? valid.tensors, metadata: metadata ?? ["rowwise": json ?? self.json])
    try file.write(toPath: path)
    return #expect(throws: ModelFileError.self) {
      try ImageClassifier.load(path: path, threads: 1)
    }
  }

  /// The description with a piece replaced, which must be there.
  private func replacing(_ piece: String, _ other: String) throws -> String {
    try #require(json.contains(piece), "\(piece) in \(json)")
    return json.replacingOccurrences(of: piece, with: other)
  }

  private func invalid(_ reason: String) -> ModelFileError {
    .invalidDescription(path: path, reason: reason)
  }

  @Test func theValidOneIsRead() throws {
    try valid.write(toPath: path)
    #expect(try ImageClassifier.load(path: path).classifier.classNames == ["a", "b"])
  }

  @Test func noFile() {
    let missing = folder.path("missing")
    #expect {
      try ImageClassifier.load(path: missing)
    } throws: { error in
      (error as? FileError)?.isNotFound == true
    }
    #expect(throws: FileError.self) { try ImageClassifier.load(path: folder.path) }
  }

  @Test(arguments: [
    [UInt8](), [1, 2, 3], Array("a text file that is no model".utf8),
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13], [UInt8](repeating: 0, count: 64),
    [UInt8](repeating: 0xFF, count: 64),
  ])
  func foreignFiles(_ bytes: [UInt8]) throws {
    try folder.write(bytes, to: "m.safetensors")
    #expect {
      try ImageClassifier.load(path: path)
    } throws: { error in
      guard case .unreadable(path: path, let reason) = error as? ModelFileError else {
        return false
      }
      return !reason.contains(path)
    }
  }

  @Test func noDescription() throws {
    #expect(try error(metadata: [:]) == .notAModel(path: path))
    #expect(try error(metadata: ["format": "pt"]) == .notAModel(path: path))
  }

  @Test func otherVersions() throws {
    let newer = try replacing(#""formatVersion":1"#, #""formatVersion":2"#)
    #expect(try error(json: newer) == .unknownVersion(path: path, version: 2, known: 1))
    // A version that knows nothing else of today's format.
    #expect(
      try error(json: #"{"formatVersion":99}"#)
        == .unknownVersion(path: path, version: 99, known: 1))
    for version in ["0", "-1"] {
      let older = try replacing(#""formatVersion":1"#, #""formatVersion":\#(version)"#)
      #expect(
        try error(json: older) == invalid("format version \(version); the first one is 1"))
    }
  }

  @Test func textThatIsNoDescription() throws {
    for text in ["", "{", "[]", "null", "\u{0}", "{\"formatVersion\":\"one\"}"] {
      guard case .invalidDescription(path: path, _) = try error(json: text) else {
        Issue.record("\(text) was taken for a description")
        continue
      }
    }
    #expect(try error(json: "{}") == invalid("\"formatVersion\" is missing"))
  }

  /// Each piece of the description left out, or changed into something else.
  @Test func wrongPieces() throws {
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "classNames", "formatVersion", "gateOrder", "layers", "preprocessing", "provenance",
      ])
    for key in object.keys {
      for value in [nil, "text", -1, [1], ["x": 1]] as [Any?] {
        var changed = object
        changed[key] = value
        let text = String(
          decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
        guard case .invalidDescription(path: path, _) = try error(json: text) else {
          Issue.record("\(key) = \(String(describing: value)) was accepted")
          continue
        }
      }
    }
  }

  @Test func wrongValues() throws {
    #expect(
      try error(json: replacing(#""gateOrder":"ifgo""#, #""gateOrder":"ifog""#))
        == invalid("gate order ifog; expected ifgo"))
    #expect(
      try error(json: replacing(#"["a","b"]"#, #"["a"]"#))
        == invalid("1 class names for 2 output units"))
    #expect(
      try error(json: replacing(#"["a","b"]"#, #"["a","b","c"]"#))
        == invalid("3 class names for 2 output units"))
    #expect(
      try error(json: replacing(#"["a","b"]"#, #"["a","a"]"#))
        == invalid("two classes are called \"a\""))
    #expect(
      try error(json: replacing(#""width":3"#, #""width":0"#))
        == invalid(PreprocessingError.invalidSize(width: 0, height: 2).description))
    #expect(
      try error(json: replacing(#""resampling":"area-bilinear""#, #""resampling":"lanczos""#))
        == invalid(PreprocessingError.unknownResampling("lanczos").description))
    // The output layer has two units, the LSTM too.
    #expect(
      try error(json: replacing(#""units":2"#, #""units":-3"#))
        == invalid(LayerError.invalidUnits(layer: 1, units: -3).description))
    #expect(
      try error(json: replacing(#""activation":"softmax""#, #""activation":"relu""#))
        == invalid(LayerError.lastLayerNotSoftmax.description))
    #expect(
      try error(json: replacing(#""returnSequences":false"#, #""returnSequences":true"#))
        == invalid(LayerError.needsVector(layer: 2).description))
  }

  @Test func missingTensors() throws {
    for tensor in valid.tensors {
      let rest = valid.tensors.filter { $0.name != tensor.name }
      #expect(
        try error(tensors: rest)
          == .tensorMismatch(
            path: path, tensor: tensor.name, expected: tensor.shape, received: nil))
    }
  }

  @Test func wrongShapes() throws {
    for tensor in valid.tensors {
      for shape in [[tensor.bytes.count / 4], [1] + tensor.shape, tensor.shape.reversed() + [1]]
      where shape != tensor.shape {
        let others = valid.tensors.filter { $0.name != tensor.name }
        let other = try SafetensorsFile.Tensor(
          name: tensor.name, elementType: .float32, shape: shape, bytes: tensor.bytes)
        #expect(
          try error(tensors: others + [other])
            == .tensorMismatch(
              path: path, tensor: tensor.name, expected: tensor.shape, received: shape))
      }
    }
  }

  @Test func strangeTensors() throws {
    let stray = try SafetensorsFile.Tensor(name: "layers.9.bias", shape: [1], values: [1 as Float])
    #expect(
      try error(tensors: valid.tensors + [stray])
        == .unknownTensor(path: path, tensor: "layers.9.bias"))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func weightsThatAreNotFinite(_ value: Float) throws {
    for tensor in valid.tensors {
      var values = try tensor.floats()
      values[values.count - 1] = value
      let others = valid.tensors.filter { $0.name != tensor.name }
      let bad = try SafetensorsFile.Tensor(name: tensor.name, shape: tensor.shape, values: values)
      #expect(
        try error(tensors: others + [bad]) == .notFinite(path: path, tensor: tensor.name))
    }
  }

  @Test func otherElementTypes() throws {
    let tensor = try #require(valid.tensors.first)
    let others = valid.tensors.filter { $0.name != tensor.name }
    let values = try tensor.floats()
    let wide = try SafetensorsFile.Tensor(
      name: tensor.name, shape: tensor.shape, values: values.map { Double($0) })
    guard case .unreadable(path: path, let reason) = try error(tensors: others + [wide]) else {
      Issue.record("F64 weights were not refused as such")
      return
    }
    #expect(reason.contains("F64") && reason.contains("F32"))
  }

  /// Layers of 68 GB and more beside small tensors: refused before anything is made for them.
  @Test func hugeLayersAllocateNothing() throws {
    let huge = try replacing(#""units":2"#, #""units":65536"#)
    let first = try #require(valid.tensors.first { $0.name == "layers.0.input_weight" })
    #expect(
      try error(json: huge)
        == invalid("2 class names for 65536 output units"))
    let lstm = try replacing(
      #""unitForgetBias":true,"units":2"#, #""unitForgetBias":true,"units":65536"#)
    #expect(
      try error(json: lstm)
        == .tensorMismatch(
          path: path, tensor: first.name, expected: [3, 4 * 65_536], received: first.shape))
    let wide = try replacing(#""width":3"#, #""width":65535"#)
    #expect(
      try error(json: wide)
        == .tensorMismatch(
          path: path, tensor: first.name, expected: [65_535, 8], received: first.shape))
  }

  /// A file that declares very many layers is refused before any is read.
  @Test func manyLayers() throws {
    let first = try #require(json.range(of: #""layers":["#)?.upperBound)
    let dropout = #"{"type":"dropout","rate":0.1},"#
    func deep(_ count: Int) -> String {
      json[..<first] + String(repeating: dropout, count: count) + json[first...]
    }
    let most = LayerError.maximumLayers
    for more in [most - 1, 100_000] {
      #expect(
        try error(json: deep(more))
          == invalid("the network has \(more + 2) layers; expected at most \(most)"))
    }
    try SafetensorsFile(tensors: [], metadata: ["rowwise": deep(most - 2)]).write(toPath: path)
    #expect {
      try ImageClassifier.load(path: path, threads: 1)
    } throws: { error in
      // So many are read; what is missing are their tensors.
      guard case .tensorMismatch = error as? ModelFileError else { return false }
      return true
    }
  }

  @Test func everyTruncation() throws {
    let bytes = valid.encoded()
    for count in bytes.indices {
      try folder.write(Array(bytes[..<count]), to: "m.safetensors")
      #expect(throws: ModelFileError.self, "\(count) of \(bytes.count) bytes") {
        try ImageClassifier.load(path: path, threads: 1)
      }
    }
  }

  /// Any single byte of the header changed: a typed error, or a model like any other.
  @Test func everyDamagedByteOfTheHeader() throws {
    let bytes = valid.encoded()
    let dataSize = valid.tensors.reduce(0) { $0 + $1.bytes.count }
    var refused = 0
    for position in 0..<bytes.count - dataSize {
      for change: UInt8 in [1, 0x10, 0x80] {
        var damaged = bytes
        damaged[position] ^= change
        try folder.write(damaged, to: "m.safetensors")
        do {
          _ = try ImageClassifier.load(path: path, threads: 1)
        } catch is ModelFileError {
          refused += 1
        }
      }
    }
    #expect(refused > bytes.count)
  }

  @Test func descriptionsNameTheFile() {
    let errors: [ModelFileError] = [
      .unreadable(path: "m", reason: "r"), .notAModel(path: "m"),
      .invalidDescription(path: "m", reason: "r"), .unknownVersion(path: "m", version: 2, known: 1),
      .tensorMismatch(path: "m", tensor: "t", expected: [2, 3], received: [4]),
      .tensorMismatch(path: "m", tensor: "t", expected: [2, 3], received: nil),
      .notFinite(path: "m", tensor: "t"), .unknownTensor(path: "m", tensor: "t"),
    ]
    #expect(
      errors.map(\.description) == [
        "m: not a model file: r",
        "m: a safetensors file without a model's description; expected a file that rowwise train "
          + "has written",
        "m: the model's description is invalid: r",
        "m: model format 2 is newer than this program's 1; update rowwise",
        "m: tensor t should be [2, 3], but is [4]",
        "m: tensor t should be [2, 3], but is missing",
        "m: tensor t holds a number that is not finite",
        "m: tensor t belongs to no layer of the model",
      ])
  }
}
