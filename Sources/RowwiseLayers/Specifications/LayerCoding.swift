import RowwiseKernelInterface

// How model files and configurations spell layers. An LSTM without regularisers has an object of its
// own, with one of two types, since the first version of the format; every other recurrent layer is a
// `recurrent` one.

extension LayerSpecification: Codable {
  private enum Key: String, CodingKey { case type, layer }
  private enum Kind: String, Codable {
    case lstm, bidirectional, dense, dropout, recurrent, flatten, pooling, residual, sweep, merge
    case norm, mlp, convolution
  }

  /// Reads the object's `type` and then the layer's own keys.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    switch try container.decode(Kind.self, forKey: .type) {
    case .lstm: self = .recurrent(try StoredLSTM(from: decoder).layer)
    case .bidirectional:
      let stored = try container.decode(StoredLSTM.self, forKey: .layer)
      guard !stored.goBackwards else {
        throw DecodingError.dataCorruptedError(
          forKey: .layer, in: container, debugDescription: "a bidirectional layer's goes backwards")
      }
      self = .recurrent(Bidirectional(stored.layer))
    case .dense: self = .dense(try Dense(from: decoder))
    case .dropout: self = .dropout(try Dropout(from: decoder))
    case .recurrent: self = .recurrent(try Recurrent(from: decoder))
    case .flatten: self = .flatten
    case .pooling: self = .pooling(try Pooling(from: decoder))
    case .residual:
      let layer = try container.decode(LayerSpecification.self, forKey: .layer)
      // Also keeps a hostile file from nesting without end.
      if case .residual = layer {
        throw DecodingError.dataCorruptedError(
          forKey: .layer, in: container, debugDescription: "a residual layer in another one")
      }
      self = .residual(layer)
    case .sweep: self = .sweep(try Sweep(from: decoder))
    case .merge: self = .merge(try Merge(from: decoder))
    case .norm: self = .norm(try LayerNorm(from: decoder))
    case .mlp: self = .mlp(try MLP(from: decoder))
    case .convolution: self = .convolution(try Convolution(from: decoder))
    }
  }

  /// Writes `type` beside the layer's own keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .recurrent(let layer) where layer.isClassicLSTM && layer.direction == .both:
      try container.encode(Kind.bidirectional, forKey: .type)
      try container.encode(StoredLSTM(layer), forKey: .layer)
    case .recurrent(let layer) where layer.isClassicLSTM:
      try container.encode(Kind.lstm, forKey: .type)
      try StoredLSTM(layer).encode(to: encoder)
    case .recurrent(let layer):
      try container.encode(Kind.recurrent, forKey: .type)
      try layer.encode(to: encoder)
    case .dense(let layer):
      try container.encode(Kind.dense, forKey: .type)
      try layer.encode(to: encoder)
    case .dropout(let layer):
      try container.encode(Kind.dropout, forKey: .type)
      try layer.encode(to: encoder)
    case .flatten:
      try container.encode(Kind.flatten, forKey: .type)
    case .pooling(let layer):
      try container.encode(Kind.pooling, forKey: .type)
      try layer.encode(to: encoder)
    case .residual(let layer):
      try container.encode(Kind.residual, forKey: .type)
      try container.encode(layer, forKey: .layer)
    case .sweep(let layer):
      try container.encode(Kind.sweep, forKey: .type)
      try layer.encode(to: encoder)
    case .merge(let layer):
      try container.encode(Kind.merge, forKey: .type)
      try layer.encode(to: encoder)
    case .norm(let layer):
      try container.encode(Kind.norm, forKey: .type)
      try layer.encode(to: encoder)
    case .mlp(let layer):
      try container.encode(Kind.mlp, forKey: .type)
      try layer.encode(to: encoder)
    case .convolution(let layer):
      try container.encode(Kind.convolution, forKey: .type)
      try layer.encode(to: encoder)
    }
  }
}

/// The keys of an LSTM without regularisers.
private struct StoredLSTM: Codable {
  var units: Int
  var returnSequences: Bool
  var peephole: Peephole
  var goBackwards: Bool
  var unitForgetBias: Bool
  /// Only where it is on.
  var chronoInitialization: Bool?

  init(_ layer: Recurrent) {
    units = layer.units
    returnSequences = layer.returnSequences
    peephole = layer.peephole
    goBackwards = layer.direction == .backwards
    unitForgetBias = layer.unitForgetBias
    chronoInitialization = layer.chronoInitialization ? true : nil
  }

  /// The layer, in one direction.
  var layer: Recurrent {
    var layer = LSTM(
      units, returnSequences: returnSequences, peephole: peephole, goBackwards: goBackwards,
      unitForgetBias: unitForgetBias)
    layer.chronoInitialization = chronoInitialization ?? false
    return layer
  }
}

extension Recurrent: Codable {
  private enum Key: String, CodingKey {
    case cell, units, returnSequences, direction, peephole, recurrentDropout, zoneoutHidden
    case zoneoutCell, learnsInitialState, chronoInitialization, unitForgetBias
  }

  /// Reads the layer; what is not there has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      try container.decode(RecurrentCell.self, forKey: .cell),
      try container.decode(Int.self, forKey: .units),
      returnSequences: try container.decode(Bool.self, forKey: .returnSequences),
      direction: try container.decode(ReadingDirection.self, forKey: .direction))
    func read<Value: Decodable>(_ key: Key, to value: inout Value) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.peephole, to: &peephole)
    try read(.recurrentDropout, to: &recurrentDropout)
    try read(.zoneoutHidden, to: &zoneoutHidden)
    try read(.zoneoutCell, to: &zoneoutCell)
    try read(.learnsInitialState, to: &learnsInitialState)
    try read(.chronoInitialization, to: &chronoInitialization)
    try read(.unitForgetBias, to: &unitForgetBias)
  }

  /// Writes the layer; options only where they are not the default.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(cell, forKey: .cell)
    try container.encode(units, forKey: .units)
    try container.encode(returnSequences, forKey: .returnSequences)
    try container.encode(direction, forKey: .direction)
    let standard = Recurrent(cell, units)
    func write<Value: Encodable & Equatable>(
      _ key: Key, _ path: KeyPath<Recurrent, Value>
    ) throws {
      guard self[keyPath: path] != standard[keyPath: path] else { return }
      try container.encode(self[keyPath: path], forKey: key)
    }
    try write(.peephole, \.peephole)
    try write(.recurrentDropout, \.recurrentDropout)
    try write(.zoneoutHidden, \.zoneoutHidden)
    try write(.zoneoutCell, \.zoneoutCell)
    try write(.learnsInitialState, \.learnsInitialState)
    try write(.chronoInitialization, \.chronoInitialization)
    try write(.unitForgetBias, \.unitForgetBias)
  }
}
