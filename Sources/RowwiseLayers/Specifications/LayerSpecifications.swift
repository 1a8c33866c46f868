public import RowwiseKernelInterface

/// A layer as the user writes it: hyper-parameters only, no weights.
public protocol Layer: Sendable {
  /// The layer as a value of the closed set that networks are built from and files store.
  var specification: LayerSpecification { get }
}

/// Every kind of layer there is.
public enum LayerSpecification: Sendable, Equatable {
  /// One LSTM.
  case lstm(LSTM)
  /// Two LSTMs, one in each direction.
  case bidirectional(Bidirectional)
  /// A fully connected layer.
  case dense(Dense)
  /// Random zeros in training.
  case dropout(Dropout)
  /// A recurrent layer of another cell.
  case recurrent(Recurrent)
  /// All timesteps side by side.
  case flatten
  /// One vector of all timesteps.
  case pooling(Pooling)
  /// A recurrent layer with its input added to its output.
  indirect case residual(LayerSpecification)
}

/// Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate by Gers et al. 2000).
///
/// Input [T, N, D]; output [T, N, units] with `returnSequences`, else the last valid h, [N, units].
/// The equations are at `LSTMForwardCall`; `peephole` names which of three cells it is.
public struct LSTM: Layer, Equatable {
  /// Hidden size H.
  public var units: Int
  /// Whether every timestep's h comes out, or the last one only.
  public var returnSequences: Bool
  /// Which weights let the gates see the cell state.
  public var peephole: Peephole
  /// Reads the timesteps from the last valid one to the first. The output is in reading order.
  public var goBackwards: Bool
  /// Starts the forget gate's bias at 1 (Jozefowicz et al. 2015).
  public var unitForgetBias: Bool
  /// Starts the biases of i and f so that units remember for between 1 and T timesteps, instead:
  /// log U[1, T − 1] for f, minus that for i (Tallec & Ollivier 2018).
  public var chronoInitialization = false

  /// Describes an LSTM of `units` hidden units.
  public init(
    _ units: Int, returnSequences: Bool = false, peephole: Peephole = .none,
    goBackwards: Bool = false, unitForgetBias: Bool = true
  ) {
    self.units = units
    self.returnSequences = returnSequences
    self.peephole = peephole
    self.goBackwards = goBackwards
    self.unitForgetBias = unitForgetBias
  }

  /// `.lstm`.
  public var specification: LayerSpecification { .lstm(self) }
}

extension LSTM: Codable {
  private enum Key: String, CodingKey {
    case units, returnSequences, peephole, goBackwards, unitForgetBias, chronoInitialization
  }

  /// Reads the layer.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      try container.decode(Int.self, forKey: .units),
      returnSequences: try container.decode(Bool.self, forKey: .returnSequences),
      peephole: try container.decode(Peephole.self, forKey: .peephole),
      goBackwards: try container.decode(Bool.self, forKey: .goBackwards),
      unitForgetBias: try container.decode(Bool.self, forKey: .unitForgetBias))
    chronoInitialization =
      try container.decodeIfPresent(Bool.self, forKey: .chronoInitialization) ?? false
  }

  /// Writes the layer; chrono initialisation only where it is on.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(units, forKey: .units)
    try container.encode(returnSequences, forKey: .returnSequences)
    try container.encode(peephole, forKey: .peephole)
    try container.encode(goBackwards, forKey: .goBackwards)
    try container.encode(unitForgetBias, forKey: .unitForgetBias)
    if chronoInitialization { try container.encode(true, forKey: .chronoInitialization) }
  }
}

/// Two LSTMs of the same sizes, one reading forwards and one backwards; their outputs side by side,
/// forward part first, aligned in time (Schuster & Paliwal 1997).
public struct Bidirectional: Layer, Equatable, Codable {
  /// The LSTM to double; its `goBackwards` must be false.
  public var layer: LSTM

  /// Doubles `layer`.
  public init(_ layer: LSTM) { self.layer = layer }

  /// `.bidirectional`.
  public var specification: LayerSpecification { .bidirectional(self) }
}

/// y = f(x W + b): input [N, D], output [N, units].
public struct Dense: Layer, Equatable, Codable {
  /// The element-wise functions, and softmax over a row, which only the last layer may have.
  public enum Activation: String, Codable, Sendable, CaseIterable {
    /// x
    case linear
    /// max(x, 0)
    case relu
    /// tanh x
    case tanh
    /// 1 / (1 + e^{-x})
    case sigmoid
    /// e^{x_k} / Σ e^{x_j}
    case softmax
  }

  /// Width of the output.
  public var units: Int
  /// f.
  public var activation: Activation

  /// Describes a fully connected layer.
  public init(_ units: Int, activation: Activation = .linear) {
    self.units = units
    self.activation = activation
  }

  /// `.dense`.
  public var specification: LayerSpecification { .dense(self) }
}

/// In training sets each input to zero with probability `rate` and multiplies the others by
/// 1 / (1 − rate) (Srivastava et al. 2014); otherwise does nothing.
public struct Dropout: Layer, Equatable, Codable {
  /// Probability of a zero, 0 ≤ rate < 1, honoured in steps of 2^−16.
  public var rate: Double

  /// Describes dropout.
  public init(_ rate: Double) { self.rate = rate }

  /// `.dropout`.
  public var specification: LayerSpecification { .dropout(self) }
}

/// Puts all timesteps of a sequence side by side: input [T, N, D], output [N, T · D]; zeros stand
/// for the timesteps after a sequence's end. Dense layers on top see the whole image at once.
public struct Flatten: Layer, Equatable {
  /// Describes the layer.
  public init() {}

  /// `.flatten`.
  public var specification: LayerSpecification { .flatten }
}

/// Makes one vector of all timesteps: input [T, N, D], output [N, D]; zeros for an empty sequence.
public struct Pooling: Layer, Equatable, Codable {
  /// How; the equations are at `PoolingKind`.
  public var kind: PoolingKind

  /// Describes pooling.
  public init(_ kind: PoolingKind) { self.kind = kind }

  /// `.pooling`.
  public var specification: LayerSpecification { .pooling(self) }
}

/// A recurrent layer with its input added to its output, y_t = f(x)_t + x_t, or, where their widths
/// differ, y_t = f(x)_t + x_t P with a learned P (He et al. 2016; Wu et al. 2016 for stacked LSTMs).
public struct Residual: Layer, Equatable {
  /// The layer; it must return sequences.
  public var layer: LayerSpecification

  /// Describes the layer around `layer`.
  public init(_ layer: any Layer) { self.layer = layer.specification }

  /// `.residual`.
  public var specification: LayerSpecification { .residual(layer) }
}

extension LayerSpecification: Layer {
  /// Whether it reads timesteps one after the other.
  public var isRecurrent: Bool {
    switch self {
    case .lstm, .bidirectional, .recurrent, .residual: true
    case .dense, .dropout, .flatten, .pooling: false
    }
  }

  /// Itself.
  public var specification: LayerSpecification { self }
}

extension LayerSpecification: Codable {
  private enum Key: String, CodingKey { case type, layer }
  private enum Kind: String, Codable {
    case lstm, bidirectional, dense, dropout, recurrent, flatten, pooling, residual
  }

  /// Reads the object's `type` and then the layer's own keys.
  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: Key.self).decode(Kind.self, forKey: .type) {
    case .lstm: self = .lstm(try LSTM(from: decoder))
    case .bidirectional: self = .bidirectional(try Bidirectional(from: decoder))
    case .dense: self = .dense(try Dense(from: decoder))
    case .dropout: self = .dropout(try Dropout(from: decoder))
    case .recurrent: self = .recurrent(try Recurrent(from: decoder))
    case .flatten: self = .flatten
    case .pooling: self = .pooling(try Pooling(from: decoder))
    case .residual:
      let container = try decoder.container(keyedBy: Key.self)
      let layer = try container.decode(LayerSpecification.self, forKey: .layer)
      // Also keeps a hostile file from nesting without end.
      if case .residual = layer {
        throw DecodingError.dataCorruptedError(
          forKey: .layer, in: container, debugDescription: "a residual layer in another one")
      }
      self = .residual(layer)
    }
  }

  /// Writes `type` beside the layer's own keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .lstm(let layer):
      try container.encode(Kind.lstm, forKey: .type)
      try layer.encode(to: encoder)
    case .bidirectional(let layer):
      try container.encode(Kind.bidirectional, forKey: .type)
      try layer.encode(to: encoder)
    case .dense(let layer):
      try container.encode(Kind.dense, forKey: .type)
      try layer.encode(to: encoder)
    case .dropout(let layer):
      try container.encode(Kind.dropout, forKey: .type)
      try layer.encode(to: encoder)
    case .recurrent(let layer):
      try container.encode(Kind.recurrent, forKey: .type)
      try layer.encode(to: encoder)
    case .flatten:
      try container.encode(Kind.flatten, forKey: .type)
    case .pooling(let layer):
      try container.encode(Kind.pooling, forKey: .type)
      try layer.encode(to: encoder)
    case .residual(let layer):
      try container.encode(Kind.residual, forKey: .type)
      try container.encode(layer, forKey: .layer)
    }
  }
}
