public import RowwiseKernelInterface

/// A layer as the user writes it: hyper-parameters only, no weights.
public protocol Layer: Sendable {
  /// The layer as a value of the closed set that networks are built from and files store.
  var specification: LayerSpecification { get }
}

/// Every kind of layer there is.
public enum LayerSpecification: Sendable, Equatable {
  /// A fully connected layer.
  case dense(Dense)
  /// Random zeros in training.
  case dropout(Dropout)
  /// A recurrent layer of any cell, in one direction or both.
  case recurrent(Recurrent)
  /// All timesteps side by side.
  case flatten
  /// One vector of all timesteps.
  case pooling(Pooling)
  /// A recurrent layer with its input added to its output.
  indirect case residual(LayerSpecification)
  /// Readings down the columns of patches and across their rows.
  case sweep(Sweep)
  /// Neighbouring patches side by side.
  case merge(Merge)
  /// Layer normalisation.
  case norm(LayerNorm)
  /// Two fully connected layers with normalisation and a residual connection.
  case mlp(MLP)
  /// 3 × 3 convolution and 2 × 2 pooling.
  case convolution(Convolution)
}

/// y = f(x W + b): input [N, D], output [N, units]; or of every timestep by itself, input [T, N, D], output
/// [T, N, units].
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
  /// Patches side by side in a timestep, each of which is read by itself, so that the output is
  /// [T, N, columns · units]; see `LayerNorm.columns`.
  public var columns: Int?

  /// Describes a fully connected layer.
  public init(_ units: Int, activation: Activation = .linear, columns: Int? = nil) {
    self.units = units
    self.activation = activation
    self.columns = columns
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
    case .recurrent, .residual, .sweep: true
    case .dense, .dropout, .flatten, .pooling, .merge, .norm, .mlp, .convolution: false
    }
  }

  /// Itself.
  public var specification: LayerSpecification { self }
}
