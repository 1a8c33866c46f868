import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing

extension ImageClassifier {
  /// Takes over the weights of another classifier, as far as they mean the same here.
  ///
  /// Layers with weights are compared by their position from the input on, whatever lies between
  /// them (dropout, flatten, pooling), and the output layer with the output layer. An array is kept
  /// where it has the same name in the same kind of layer and the same shape; one that multiplies
  /// the layer's input, where that is the same too. A class of the output layer keeps its column of
  /// weights and its bias wherever the other classifier has a class of that name. A bias goes with its
  /// layer's weights. Everything else stays as it is.
  ///
  /// - Parameter other: not changed; of any preprocessing, layers and classes.
  /// - Returns: what was kept and what is new.
  /// - Throws: `AdoptionError.nothingKept`; nothing has changed then.
  @discardableResult
  public func adoptWeights(
    from other: ImageClassifier
  ) throws(AdoptionError) -> AdoptedWeights {
    let theirs = WeightPlaces(other)
    let ours = WeightPlaces(self)
    let classes = classNames.map { name in other.classNames.firstIndex(of: name) }
    let fates = network.parameters.map { ours.fate(of: $0, from: theirs, classes: classes) }
    let settled = ours.withBiasesSettled(fates)
    let adopted = AdoptedWeights(
      entries: zip(network.parameters, settled).map { .init(name: $0.name, fate: $1) },
      classCount: classNames.count)
    if adopted.new.count == settled.count, let first = adopted.new.first {
      throw .nothingKept(first: first.name, reason: first.reason)
    }
    for (parameter, fate) in zip(network.parameters, settled) {
      guard let source = theirs.parameter(ours.key(of: parameter)) else { continue }
      let values = other.network.values(of: source)
      switch fate {
      case .new: break
      case .kept where !ours.isOutput(parameter): network.setValues(values, of: parameter)
      case .kept, .keptForClasses:
        network.setValues(
          Self.merged(network.values(of: parameter), values, classes: classes), of: parameter)
      }
    }
    return adopted
  }

  /// The columns of an array [rows × classes] of the output layer, those that the other model has
  /// replaced by its own.
  private static func merged(_ own: [Float], _ other: [Float], classes: [Int?]) -> [Float] {
    let rows = own.count / classes.count
    let otherColumns = other.count / rows
    var merged = own
    for row in 0..<rows {
      for (column, source) in classes.enumerated() {
        guard let source else { continue }
        merged[row * classes.count + column] = other[row * otherColumns + source]
      }
    }
    return merged
  }
}

/// Where each weight array of a classifier stands among those of any classifier.
private struct WeightPlaces {
  /// A layer's position, whatever else there is between layers with weights.
  enum Place: Hashable {
    /// The recurrent and dense layers, counted from the input.
    case hidden(Int)
    /// Attention, of which there is one at most.
    case pooling
    case output
  }

  /// An array.
  struct Key: Hashable {
    var place: Place?
    /// The name behind the layer's number: `input_weight`, `forward.bias`.
    var name: Substring
  }

  /// What makes arrays of one name mean the same.
  struct Kind: Equatable {
    var cell: RecurrentCell?
    var readsBothWays = false
    /// Whether it begins with layer normalisation, so that its weights are made for that.
    var normalizes = false
    /// Whether its weights are for what lies around a place.
    var convolves = false
  }

  /// What a layer reads: pixels, or what the layer below makes of them.
  struct Input: Equatable {
    var layersBelow = 0
    var color: ColorMode?
    var pixels: Int?
    /// Timesteps that a flatten layer puts side by side.
    var timesteps: Int?
  }

  private struct Layer {
    /// Nil of layers without weights.
    var place: Place?
    var kind: Kind
    var input: Input
  }

  private let layers: [Layer]
  private let parameters: [Key: Parameter]
  private let ordered: [Parameter]

  init(_ classifier: ImageClassifier) {
    let network = classifier.network
    let preprocessing = classifier.preprocessing
    var input = Input()
    input.color = preprocessing.color
    input.pixels = preprocessing.features / preprocessing.color.channels
    var layers: [Layer] = []
    var hidden = 0
    for (index, layer) in network.layers.enumerated() {
      guard let kind = Self.kind(layer) else {
        let place: Place? = layer == .pooling(Pooling(.attention)) ? .pooling : nil
        layers.append(Layer(place: place, kind: Kind(), input: input))
        if layer == .flatten { input.timesteps = network.timesteps }
        continue
      }
      let isOutput = index == network.layers.count - 1
      layers.append(
        Layer(place: isOutput ? .output : .hidden(hidden), kind: kind, input: input))
      hidden += 1
      input = Input(layersBelow: hidden)
    }
    self.layers = layers
    ordered = network.parameters
    parameters = Dictionary(
      uniqueKeysWithValues: network.parameters.map { parameter in
        let (layer, name) = Self.parts(parameter)
        return (Key(place: layers[layer].place, name: name), parameter)
      })
  }

  /// What kind of layer reads with weights; nil of those that do not.
  private static func kind(_ layer: LayerSpecification) -> Kind? {
    switch layer {
    case .recurrent(let layer): Kind(cell: layer.cell, readsBothWays: layer.direction == .both)
    case .residual(let inner): kind(inner)
    case .dense: Kind()
    case .sweep(let sweep):
      Kind(cell: .lstm, readsBothWays: true, normalizes: sweep.isResidual)
    case .norm, .mlp: Kind(normalizes: true)
    case .convolution: Kind(convolves: true)
    case .dropout, .flatten, .pooling, .merge: nil
    }
  }

  /// The layer's number and the name behind it, of `layers.0.forward.bias`.
  private static func parts(_ parameter: Parameter) -> (layer: Int, name: Substring) {
    let parts = parameter.name.split(separator: ".", maxSplits: 2)
    guard parts.count == 3, let layer = Int(parts[1]) else {
      preconditionFailure("a weight array called \(parameter.name)")
    }
    return (layer, parts[2])
  }

  func key(of parameter: Parameter) -> Key {
    let (layer, name) = Self.parts(parameter)
    return Key(place: layers[layer].place, name: name)
  }

  func parameter(_ key: Key) -> Parameter? { parameters[key] }

  func isOutput(_ parameter: Parameter) -> Bool { key(of: parameter).place == .output }

  /// What becomes of an array by itself.
  func fate(
    of parameter: Parameter, from other: WeightPlaces, classes: [Int?]
  ) -> AdoptedWeights.Fate {
    let key = key(of: parameter)
    let layer = layers[Self.parts(parameter).layer]
    guard let theirs = other.layers.first(where: { $0.place == key.place }) else {
      return .new(.notThere)
    }
    guard theirs.kind == layer.kind else { return .new(.otherLayer) }
    guard let source = other.parameter(key) else { return .new(.notThere) }
    if Self.multipliesInput(key.name), theirs.input != layer.input { return .new(.otherInput) }
    guard key.place == .output else {
      return source.shape == parameter.shape ? .kept : .new(.otherShape)
    }
    guard source.shape.dropLast() == parameter.shape.dropLast() else { return .new(.otherShape) }
    let kept = classes.count { $0 != nil }
    if kept == classes.count { return .kept }
    return kept == 0 ? .new(.otherClasses) : .keptForClasses(kept)
  }

  private static func multipliesInput(_ name: Substring) -> Bool {
    let last = name.split(separator: ".").last ?? ""
    return ["input_weight", "weight", "hidden_weight", "projection_weight", "query"].contains(last)
  }

  /// The same, with vectors new in layers all of whose matrices are.
  func withBiasesSettled(_ fates: [AdoptedWeights.Fate]) -> [AdoptedWeights.Fate] {
    var reasons: [Int: AdoptedWeights.Reason] = [:]
    var kept: Set<Int> = []
    for (parameter, fate) in zip(ordered, fates) where parameter.shape.count > 1 {
      let layer = Self.parts(parameter).layer
      if case .new(let reason) = fate {
        reasons[layer] = reasons[layer] ?? reason
      } else {
        kept.insert(layer)
      }
    }
    return zip(ordered, fates).map { parameter, fate in
      let layer = Self.parts(parameter).layer
      guard let reason = reasons[layer], !kept.contains(layer) else { return fate }
      return .new(reason)
    }
  }
}
