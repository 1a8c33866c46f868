public import RowwiseLayers
public import RowwiseSafetensors

/// Weights as Keras's `model.weights` lists them: `kernel`, `recurrent_kernel`, `bias` of each layer
/// in turn, gate order i, f, c, o.
///
/// In a safetensors file, which has no order of its own, each name begins with its place in the
/// list: `0/sequential/lstm/lstm_cell/kernel`. Two rows of Python write such a file from any model
/// that Keras loads:
///
///     weights = {f"{i}/{w.path}": w.numpy() for i, w in enumerate(model.weights)}
///     safetensors.numpy.save_file(weights, "weights.safetensors")
public struct KerasWeights: ForeignWeights {
  private let tensors: [SafetensorsFile.Tensor]
  /// Units of the last layer.
  public let classCount: Int

  /// The two rows of Python, for messages.
  public static let conversion = """
    weights = {f"{i}/{w.path}": w.numpy() for i, w in enumerate(model.weights)}
    safetensors.numpy.save_file(weights, "weights.safetensors")
    """

  /// Brings the tensors of a file in order.
  ///
  /// - Throws: `WeightExchangeError` where a name does not begin with its place.
  public init(_ file: SafetensorsFile) throws(WeightExchangeError) {
    var places: [Int: SafetensorsFile.Tensor] = [:]
    for tensor in file.tensors {
      let head = tensor.name.prefix { $0 != "/" }
      guard let place = Int(head), place >= 0, place < file.tensors.count,
        places.updateValue(tensor, forKey: place) == nil
      else {
        throw .unknownTensor(
          tensor.name,
          remedy: "names must begin with their places in model.weights, as this Python writes "
            + "them: \(Self.conversion.replacing("\n", with: "; "))")
      }
    }
    tensors = (0..<file.tensors.count).compactMap { places[$0] }
    guard let last = tensors.last(where: { $0.shape.count == 2 }) else {
      throw .noLayer("an output")
    }
    classCount = last.shape[1]
    guard (1...65_536).contains(classCount) else { throw .noLayer("an output") }
  }

  /// What the first of the layers reads.
  public func inputWidth(
    of layers: [LayerSpecification]
  ) throws(WeightExchangeError) -> InputWidth {
    let first = try FirstLayer(of: layers)
    guard let kernel = tensors.first, kernel.shape.count == 2 else {
      throw .missingTensor("kernel", layer: first.number)
    }
    return try first.inputWidth(kernel.shape[0], tensor: kernel.name, shape: kernel.shape)
  }

  /// Fills the weights of layers.
  public func weights(
    for layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws -> (weights: NetworkWeights, sources: [WeightSource]) {
    try inputWidth(of: layers).check(timesteps: timesteps, features: features)
    var weights = try NetworkWeights(
      layers: layers, timesteps: timesteps, features: features)
    var rest = tensors[...]
    var sources: [WeightSource] = []
    for index in layers.indices {
      guard let wanted = try weights.foreignTensors(ofLayer: index, for: .keras) else { continue }
      sources.append(WeightSource(layer: index + 1, name: rest.first?.name ?? ""))
      for tensor in wanted {
        let name = tensor.name.split(separator: "/").last.map { String($0) } ?? tensor.name
        guard let found = rest.first, found.name.split(separator: "/").last ?? "" == name else {
          if tensor.isOptional { continue }
          guard let found = rest.first else {
            throw WeightExchangeError.missingTensor(name, layer: index + 1)
          }
          throw WeightExchangeError.unknownTensor(
            found.name, remedy: "layer \(index + 1) needs its \(name) there; check --layers")
        }
        rest = rest.dropFirst()
        weights.take(try found.floats(for: tensor, layer: index + 1), of: tensor)
      }
    }
    if let stray = rest.first {
      throw WeightExchangeError.unknownTensor(stray.name, remedy: "check --layers")
    }
    try weights.checkFinite()
    return (weights, sources)
  }

  /// Tensors named so that their order is that of `model.weights`.
  ///
  /// - Throws: `WeightExchangeError.unsupportedLayer`.
  public static func tensors(of weights: NetworkWeights) throws -> [SafetensorsFile.Tensor] {
    var result: [SafetensorsFile.Tensor] = []
    for index in weights.layers.indices {
      for tensor in try weights.foreignTensors(ofLayer: index, for: .keras) ?? [] {
        result.append(
          try SafetensorsFile.Tensor(
            name: "\(result.count)/layers.\(index)/\(tensor.name)", shape: tensor.shape,
            values: weights.values(of: tensor)))
      }
    }
    return result
  }
}
