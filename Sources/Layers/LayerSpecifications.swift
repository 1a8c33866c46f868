public import KernelInterface

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
}

/// Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate by Gers et al. 2000).
///
/// Input [T, N, D]; output [T, N, units] with `returnSequences`, else the last valid h, [N, units].
/// The equations are at `LSTMForwardCall`; `peephole` names which of three cells it is.
public struct LSTM: Layer, Equatable, Codable {
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

extension LayerSpecification: Layer {
  /// Itself.
  public var specification: LayerSpecification { self }
}

extension LayerSpecification: Codable {
  private enum Key: String, CodingKey { case type }
  private enum Kind: String, Codable {
    case lstm, bidirectional, dense, dropout, recurrent, flatten
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
    }
  }
}
