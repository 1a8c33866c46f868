/// Two recurrent readings of a picture's patches, down the columns and across the rows, each both ways
/// (ReNet, Visin et al. 2015).
///
/// Input [T, N, C · D]: a timestep is a strip of C patches, side by side, D numbers each. Every column of
/// patches is a sequence of T timesteps that a bidirectional LSTM reads; what comes out is turned, every
/// strip is a sequence of C timesteps, which another one reads, and the result is turned back:
/// [T, N, C · 2 · units]. So every patch has seen its column, and what these have seen along its strip,
/// which is the whole picture.
///
/// With a residual connection around the readings, y = x + f(N(x)) P + b, N as `LayerNorm` and P a learned
/// projection, the output is as wide as the input, and sweeps can be stacked deep (Tatsunami & Taki 2022).
public struct Sweep: Layer, Equatable {
  /// Hidden size of each of the four LSTMs.
  public var units: Int
  /// C. nil where it is to follow from the reading order, as an `ImageClassifier` fills it in.
  public var columns: Int?
  /// Whether what is read, normalised, is added to what comes of it.
  public var isResidual = false

  /// Describes a sweep.
  public init(_ units: Int, columns: Int? = nil, isResidual: Bool = false) {
    self.units = units
    self.columns = columns
    self.isResidual = isResidual
  }

  /// `.sweep`.
  public var specification: LayerSpecification { .sweep(self) }

  /// One of the two readings.
  var reading: Recurrent { Bidirectional(LSTM(units, returnSequences: true)) }
}

extension Sweep: Codable {
  private enum Key: String, CodingKey { case units, columns, residual }

  /// Reads the layer; it is residual only where that is said.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      try container.decode(Int.self, forKey: .units),
      columns: try container.decodeIfPresent(Int.self, forKey: .columns),
      isResidual: try container.decodeIfPresent(Bool.self, forKey: .residual) ?? false)
  }

  /// Writes the layer.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(units, forKey: .units)
    try container.encodeIfPresent(columns, forKey: .columns)
    if isResidual { try container.encode(true, forKey: .residual) }
  }
}

/// Puts `factor` × `factor` neighbouring patches side by side: input [T, N, C · D], output
/// [⌈T/factor⌉, N, ⌈C/factor⌉ · factor² · D], row after row of the neighbours; zeros stand for those
/// beyond the edge.
public struct Merge: Layer, Equatable, Codable {
  /// Patches in each direction that become one.
  public var factor: Int
  /// C; see `Sweep`.
  public var columns: Int?

  /// The factors there are.
  package static let factors = 2...8

  /// Describes merging.
  public init(_ factor: Int, columns: Int? = nil) {
    self.factor = factor
    self.columns = columns
  }

  /// `.merge`.
  public var specification: LayerSpecification { .merge(self) }
}

extension [LayerSpecification] {
  /// The same, with the columns of patches that layers find where none are said.
  ///
  /// Dense layers, normalisation and MLPs see each patch by itself where sweeps, merging or convolutions read
  /// patches before or behind them, with no recurrent layer between, or anything that makes a vector.
  ///
  /// - Parameter columns: patches side by side in a timestep of the input.
  package func reading(columns: Int) -> [LayerSpecification] {
    var columns = columns
    var areStrips = first { !$0.seesEachByItself }.map { [$0].readColumns } ?? false
    return map { layer in
      let own = areStrips && columns > 1 ? columns : nil
      switch layer {
      case .sweep(var sweep):
        sweep.columns = sweep.columns ?? columns
        areStrips = true
        return .sweep(sweep)
      case .merge(var merge):
        merge.columns = merge.columns ?? columns
        columns = (columns + merge.factor - 1) / Swift.max(merge.factor, 1)
        areStrips = true
        return .merge(merge)
      case .convolution(var convolution):
        convolution.columns = convolution.columns ?? columns
        columns = Convolution.pooled(columns)
        areStrips = true
        return .convolution(convolution)
      case .dense(var dense):
        dense.columns = dense.columns ?? own
        return .dense(dense)
      case .norm(var norm):
        norm.columns = norm.columns ?? own
        return .norm(norm)
      case .mlp(var mlp):
        mlp.columns = mlp.columns ?? own
        return .mlp(mlp)
      case .dropout: return layer
      case .recurrent, .flatten, .pooling, .residual:
        areStrips = false
        return layer
      }
    }
  }

  /// Whether a layer reads patches side by side, and leaves them so.
  package var readColumns: Bool {
    contains { layer in
      switch layer {
      case .sweep, .merge, .convolution: true
      default: false
      }
    }
  }
}

extension LayerSpecification {
  /// Whether it leaves timesteps and patches what they are.
  fileprivate var seesEachByItself: Bool {
    switch self {
    case .dense, .dropout, .norm, .mlp: true
    case .recurrent, .flatten, .pooling, .residual, .sweep, .merge, .convolution: false
    }
  }
}
