public import RowwiseLayers
public import RowwiseSafetensors

/// Weights as PyTorch's `state_dict` names and lays them out.
///
/// Recurrent modules: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with `_reverse`
/// for the second direction and l1, l2 … for stacked layers; gate order i, f, g, o, gates as rows.
/// `Linear`: `weight` [out, in], `bias`. (Documentation of `torch.nn.LSTM` and `torch.nn.Linear`.)
public struct PyTorchWeights: ForeignWeights {
  /// A module of the file.
  private struct Module {
    var name: String
    /// Stacked layers of a recurrent module; 0 for a linear one.
    var depth: Int
  }

  private let file: SafetensorsFile
  private let recurrent: [Module]
  private let linear: [Module]
  /// Units of the last linear module.
  public let classCount: Int

  /// Finds the modules of a file that `safetensors.torch.save_file(model.state_dict(), …)` wrote.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - order: names of all modules from the input on; nil where their numbers tell the order.
  /// - Throws: `WeightExchangeError` where tensors are there that no module of a known kind has,
  ///   or the order of modules is not known.
  public init(_ file: SafetensorsFile, order: [String]? = nil) throws(WeightExchangeError) {
    self.file = file
    var depths: [String: Int] = [:]
    var linears: Set<String> = []
    for tensor in file.tensors {
      let (module, name) = Self.split(tensor.name)
      if let level = Self.level(name) {
        depths[module] = max(depths[module] ?? 0, level + 1)
      } else if name == "weight", tensor.shape.count == 2 {
        linears.insert(module)
      }
    }
    let ordered = try Self.order(
      recurrent: Array(depths.keys), linear: Array(linears), as: order)
    recurrent = ordered.recurrent.map { Module(name: $0, depth: depths[$0] ?? 0) }
    linear = ordered.linear.map { Module(name: $0, depth: 0) }
    guard let last = linear.last else { throw .noLayer("an output") }
    classCount = (try? file.tensor(named: Self.join(last.name, "weight")))?.shape[0] ?? 0
    guard (1...65_536).contains(classCount) else { throw .noLayer("an output") }
  }

  /// What the first of the layers reads.
  public func inputWidth(
    of layers: [LayerSpecification]
  ) throws(WeightExchangeError) -> InputWidth {
    let first = try FirstLayer(of: layers)
    guard let (module, _) = try modulePlaces(layers).first else { throw .noLayer("an output") }
    let name = Self.join(module, first.isRecurrent ? "weight_ih_l0" : "weight")
    guard let tensor = try? file.tensor(named: name), tensor.shape.count == 2 else {
      throw .missingTensor(name, layer: first.number)
    }
    return try first.inputWidth(tensor.shape[1], tensor: name, shape: tensor.shape)
  }

  /// Fills the weights of layers.
  public func weights(
    for layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws -> (weights: NetworkWeights, sources: [WeightSource]) {
    try inputWidth(of: layers).check(timesteps: timesteps, features: features)
    var weights = try NetworkWeights(
      layers: layers, timesteps: timesteps, features: features)
    var places = try modulePlaces(layers).makeIterator()
    var used: Set<String> = []
    var sources: [WeightSource] = []
    for index in layers.indices {
      guard let tensors = try weights.foreignTensors(ofLayer: index, for: .pytorch),
        let (module, level) = places.next()
      else { continue }
      for tensor in tensors {
        let suffix = tensor.name.replacing("l#", with: "l\(level)", maxReplacements: 1)
        let name = Self.join(module, suffix)
        guard let found = try? file.tensor(named: name) else {
          guard tensor.isOptional else {
            throw WeightExchangeError.missingTensor(name, layer: index + 1)
          }
          continue
        }
        used.insert(name)
        weights.take(try found.floats(for: tensor, layer: index + 1), of: tensor)
      }
      let isStacked = recurrent.contains { $0.name == module && $0.depth > 1 }
      sources.append(
        WeightSource(layer: index + 1, name: module + (isStacked ? ", l\(level)" : "")))
    }
    if let stray = file.tensors.first(where: { !used.contains($0.name) }) {
      throw WeightExchangeError.unknownTensor(
        stray.name,
        remedy: "expected weights of nn.LSTM, GRU, RNN and Linear only, each in --layers")
    }
    try weights.checkFinite()
    return (weights, sources)
  }

  /// Module and stacked level of every layer that has weights, in the layers' order.
  private func modulePlaces(
    _ layers: [LayerSpecification]
  ) throws(WeightExchangeError) -> [(module: String, level: Int)] {
    let kinds = layers.compactMap { layer in
      if case .dense = layer { false } else { layer.isRecurrent ? true : nil }
    }
    let recurrentCount = kinds.count { $0 }
    let linearCount = kinds.count - recurrentCount
    let levels = recurrent.flatMap { module in (0..<module.depth).map { (module.name, $0) } }
    guard levels.count == recurrentCount else {
      throw .moduleCount(
        kind: "recurrent", expected: recurrentCount,
        received: levels.map { "\($0.0) l\($0.1)" })
    }
    guard linear.count == linearCount else {
      throw .moduleCount(kind: "dense", expected: linearCount, received: linear.map(\.name))
    }
    var (levelsLeft, linearLeft) = (levels[...], linear[...])
    return kinds.compactMap { isRecurrent in
      isRecurrent ? levelsLeft.popFirst() : linearLeft.popFirst().map { ($0.name, 0) }
    }
  }

  private static func order(
    recurrent: [String], linear: [String], as order: [String]?
  ) throws(WeightExchangeError) -> (recurrent: [String], linear: [String]) {
    guard let order else {
      guard let first = NaturalOrder.sorted(recurrent) else {
        throw .unknownOrder(modules: recurrent.sorted())
      }
      guard let second = NaturalOrder.sorted(linear) else {
        throw .unknownOrder(modules: linear.sorted())
      }
      return (first, second)
    }
    let known = (recurrent + linear).sorted()
    for name in order where !known.contains(name) || order.count(where: { $0 == name }) > 1 {
      throw .unknownModule(name, known: known)
    }
    for name in known where !order.contains(name) { throw .unknownModule(name, known: known) }
    return (order.filter { recurrent.contains($0) }, order.filter { linear.contains($0) })
  }

  /// `encoder.lstm.weight_ih_l0` is `encoder.lstm` and `weight_ih_l0`.
  private static func split(_ name: String) -> (module: String, name: String) {
    guard let dot = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }

  private static func join(_ module: String, _ name: String) -> String {
    module.isEmpty ? name : "\(module).\(name)"
  }

  /// The 1 of `weight_ih_l1` or `bias_hh_l1_reverse`; nil for other names.
  private static func level(_ name: String) -> Int? {
    let heads = ["weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"]
    guard let head = heads.first(where: { name.hasPrefix($0) }) else { return nil }
    let rest = name.dropFirst(head.count)
    let digits = rest.hasSuffix("_reverse") ? rest.dropLast("_reverse".count) : rest
    guard let level = Int(digits), (0..<1000).contains(level) else { return nil }
    return level
  }
}

extension PyTorchWeights {
  /// Tensors as `load_state_dict` takes them: the module of layer i is called `layers.i`.
  ///
  /// - Throws: `WeightExchangeError.unsupportedLayer`.
  public static func tensors(of weights: NetworkWeights) throws -> [SafetensorsFile.Tensor] {
    var result: [SafetensorsFile.Tensor] = []
    for index in weights.layers.indices {
      for tensor in try weights.foreignTensors(ofLayer: index, for: .pytorch) ?? [] {
        let suffix = tensor.name.replacing("l#", with: "l0", maxReplacements: 1)
        result.append(
          try SafetensorsFile.Tensor(
            name: "layers.\(index).\(suffix)", shape: tensor.shape,
            values: weights.values(of: tensor)))
      }
    }
    return result
  }
}
