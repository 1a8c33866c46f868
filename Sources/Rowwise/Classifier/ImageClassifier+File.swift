public import RowwiseKernelInterface
import RowwiseLayers
public import RowwiseSafetensors

extension ImageClassifier {
  /// Writes a model file: beside its place first, then renamed into it.
  ///
  /// A safetensors file: the weights under their parameters' names, and in its metadata under
  /// `rowwise` everything else as JSON. The same model gives the same bytes.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - provenance: how the model came to be.
  ///   - storage: how weight matrices are kept.
  /// - Throws: `SafetensorsError` or `FileError` when it cannot be written.
  public func save(
    toPath path: String, provenance: Provenance = Provenance(), storage: WeightStorage = .float32
  ) throws {
    let (tensors, json) = try stored(provenance, as: storage)
    let file = try SafetensorsFile(tensors: tensors, metadata: [ModelDescription.key: json])
    try file.write(toPath: path)
  }

  /// What a file holds of the model: its weights, and all else as JSON.
  func stored(
    _ provenance: Provenance, as storage: WeightStorage
  ) throws -> (tensors: [SafetensorsFile.Tensor], json: String) {
    let description = ModelDescription(
      layers: network.layers, preprocessing: preprocessing, classNames: classNames,
      provenance: provenance, earlyExit: earlyExit)
    let tensors = try zip(network.parameters, network.allValues).flatMap { parameter, values in
      try SafetensorsFile.Tensor.stored(
        name: parameter.name, shape: parameter.shape, values: values, as: storage)
    }
    return (tensors, try description.encoded())
  }

  /// Reads a model file.
  ///
  /// - Parameters:
  ///   - path: a file that `save` has written.
  ///   - threads: nil: as many as the machine runs at once.
  ///   - instructionSet: the fastest to use; nil for the processor's best.
  ///   - precision: of the products of LSTM layers; a file holds float32 weights, whatever the
  ///     precision that they were trained in. With `int8` the model only classifies, with the whole
  ///     numbers that a file of int8 weights has.
  ///   - pictureMemory: bytes that one picture may take while the network reads it; it may also cost
  ///     32 multiplications for each of them. What a file claims is checked before anything is
  ///     allocated for it. nil: whatever it claims, for who does not ask the model.
  /// - Returns: the classifier and how it came to be.
  /// - Throws: `ModelFileError`; `FileError` when the file cannot be opened or read.
  public static func load(
    path: String, threads: Int? = nil, instructionSet: InstructionSet? = nil,
    precision: Precision = .float32, pictureMemory: Int? = 1 << 29
  ) throws -> (classifier: ImageClassifier, provenance: Provenance) {
    let file = try modelFile(path: path)
    if let count = try ImageEnsemble.Overview.count(in: file, path: path) {
      throw ModelFileError.severalModels(path: path, count: count)
    }
    return try load(
      file, path: path,
      ModelLoading(
        threads: threads, instructionSet: instructionSet, precision: precision,
        pictureMemory: pictureMemory))
  }

  /// A file's tensors and texts.
  ///
  /// - Throws: `ModelFileError`; `FileError`.
  static func modelFile(path: String) throws -> SafetensorsFile {
    do {
      return try SafetensorsFile(path: path)
    } catch .file(let error) {
      throw error
    } catch {
      throw ModelFileError.unreadable(path: path, reason: reason(error, path))
    }
  }

  /// Makes the model that tensors and texts describe.
  ///
  /// - Parameter path: of the file, for messages.
  /// - Throws: `ModelFileError`.
  static func load(
    _ file: SafetensorsFile, path: String, _ loading: ModelLoading
  ) throws -> (classifier: ImageClassifier, provenance: Provenance) {
    guard let json = file.metadata[ModelDescription.key] else {
      throw ModelFileError.notAModel(path: path)
    }
    let description = try ModelDescription(json: json, path: path)
    try check(description, file, path)
    if let pictureMemory = loading.pictureMemory { try checkCost(description, path, pictureMemory) }
    let preprocessing = description.preprocessing
    let network = try Network<Float>(
      description.layers, timesteps: preprocessing.timesteps,
      features: preprocessing.features, seed: nil,
      pool: loading.pool, kernels: Float.kernels(upTo: loading.instructionSet),
      precision: loading.precision)
    for parameter in network.parameters {
      let values: [Float]
      do {
        values = try file.weights(named: parameter.name)
      } catch {
        throw ModelFileError.unreadable(path: path, reason: Self.reason(error, path))
      }
      guard values.allSatisfy(\.isFinite) else {
        throw ModelFileError.notFinite(path: path, tensor: parameter.name)
      }
      network.setValues(values, of: parameter)
    }
    let classifier = ImageClassifier(
      preprocessing: preprocessing, classNames: description.classNames, network: network)
    classifier.earlyExit = description.earlyExit
    return (classifier, description.provenance)
  }

  /// Compares layers and tensors before anything is allocated for them.
  private static func check(
    _ description: ModelDescription, _ file: SafetensorsFile, _ path: String
  ) throws {
    let parameters: [Parameter]
    do {
      parameters = try Network<Float>.parameters(
        of: description.layers, timesteps: description.preprocessing.timesteps,
        features: description.preprocessing.features)
    } catch {
      throw ModelFileError.invalidDescription(path: path, reason: error.description)
    }
    guard description.classNames.count == parameters.last?.count else {
      throw ModelFileError.invalidDescription(
        path: path,
        reason: "\(description.classNames.count) class names for "
          + "\(parameters.last?.count ?? 0) output units")
    }
    let tensors = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
    for parameter in parameters {
      let tensor = tensors[parameter.name]
      guard tensor?.shape == parameter.shape else {
        throw ModelFileError.tensorMismatch(
          path: path, tensor: parameter.name, expected: parameter.shape, received: tensor?.shape)
      }
    }
    let known = Set(parameters.map(\.name))
    if let stray = file.tensors.first(where: {
      !known.contains($0.name) && !file.isScale($0.name)
    }) {
      throw ModelFileError.unknownTensor(path: path, tensor: stray.name)
    }
  }

  /// Compares what one picture costs with what it may.
  private static func checkCost(
    _ description: ModelDescription, _ path: String, _ memory: Int
  ) throws {
    let preprocessing = description.preprocessing
    let space = try WorkSpace(
      of: description.layers, timesteps: preprocessing.timesteps, features: preprocessing.features)
    let costs: [(ModelFileError.Cost, value: Double, maximum: Double)] = [
      (.memory, space.predictionBytes, Double(memory)),
      (.multiplications, space.multiplications, 32 * Double(memory)),
    ]
    for (what, value, maximum) in costs where value > maximum {
      throw ModelFileError.tooCostly(path: path, what: what, value: value, maximum: maximum)
    }
  }

  /// The error's text without the path in front, which this module's own error adds.
  private static func reason(_ error: SafetensorsError, _ path: String) -> String {
    let text = error.description
    return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
  }
}
