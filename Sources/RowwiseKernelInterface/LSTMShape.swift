/// Which weights let the gates see the cell state: three different cells, never interchangeable.
public enum Peephole: String, Codable, Sendable, CaseIterable {
  /// The gates see x_t and h_{t-1} only: the cell of Keras and PyTorch.
  case none
  /// One weight a unit: i and f see c_{t-1}, o sees c_t. Weight [3, H], order i, f, o
  /// (Gers & Schmidhuber 2000; ONNX LSTM input P; oneDNN weights_peephole).
  case diagonal
  /// Full matrices: i, f and o all see c_{t-1}. Weight [H, 3H], columns in order i, f, o.
  case full
}

/// In which numbers the products of matrices are formed.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// IEEE single precision throughout.
  case float32
  /// The factors of every product over W and R, forward and backward, are rounded to bfloat16 (8
  /// significant bits, to nearest, ties to even): weights, x, h and the gradients by the
  /// pre-activations. Sums, gates, cell state, peephole products, weights at rest and their gradients
  /// are single precision (Micikevicius et al. 2018; Kalamkar et al. 2019).
  case bfloat16
  /// For predictions only. The factors of the products over W and R are whole numbers from −127 to 127
  /// times a scale: W and R with one for each gate of each unit, as files of int8 weights keep them, x
  /// with one for each timestep of each sequence, h with 1/127. Sums of their products are exact; the
  /// rest is single precision.
  case int8

  /// Whether networks are trained in it, and have gradients.
  public var trains: Bool { self != .int8 }

  /// The precision of a layer that reads that many features: sums of more whole numbers than these would
  /// not fit 32 bits.
  package func possible(features: Int, units: Int) -> Precision {
    self == .int8 && max(features, units) > 131_072 ? .float32 : self
  }
}

/// Sizes of one LSTM layer in one direction.
public struct LSTMShape: Sendable, Equatable, Hashable {
  /// Width D of one timestep's input.
  public var features: Int
  /// Hidden size H.
  public var hidden: Int
  /// The cell's kind.
  public var peephole: Peephole
  /// What its products are formed in.
  public var precision: Precision

  /// Makes a shape; both sizes must be positive.
  public init(
    features: Int, hidden: Int, peephole: Peephole, precision: Precision = .float32
  ) {
    precondition(features > 0 && hidden > 0, "LSTM sizes must be positive: \(features), \(hidden)")
    self.features = features
    self.hidden = hidden
    self.peephole = peephole
    self.precision = precision
  }

  /// Elements of the peephole weight: 0, 3H or 3H².
  public var peepholeCount: Int {
    switch peephole {
    case .none: 0
    case .diagonal: 3 * hidden
    case .full: 3 * hidden * hidden
    }
  }
}

/// How a kernel variant lays out what it keeps for one LSTM shape. All counts are in elements.
public struct LSTMLayout: Sendable, Equatable {
  /// Distance between the rows of h and c; at least H. Elements from H on are zero.
  public var hiddenStride: Int
  /// Elements of the gate workspace for one (timestep, sequence) pair; at least 4H.
  public var gateStride: Int
  /// Elements of the weights packed for `forward`.
  public var packedForwardCount: Int
  /// Elements of the weights packed for `backward`.
  public var packedBackwardCount: Int
  /// Independent parts into which packing and `gradient` are cut; any thread may run any part.
  public var packTasks: Int
  /// Independent parts of the weight gradient.
  public var gradientTasks: Int
  /// Groups of units that calls with an `LSTMShare` may divide; 1 where the kernel knows no shares.
  public var unitGroups: Int
  /// Elements of scratch memory that a forward or backward call needs.
  public var scratch: Int
  /// Elements of scratch memory that a gradient task needs.
  public var gradientScratch: Int

  /// Makes a layout.
  public init(
    hiddenStride: Int, gateStride: Int, packedForwardCount: Int, packedBackwardCount: Int,
    packTasks: Int, gradientTasks: Int, unitGroups: Int = 1, scratch: Int, gradientScratch: Int
  ) {
    self.hiddenStride = hiddenStride
    self.gateStride = gateStride
    self.packedForwardCount = packedForwardCount
    self.packedBackwardCount = packedBackwardCount
    self.packTasks = packTasks
    self.gradientTasks = gradientTasks
    self.unitGroups = unitGroups
    self.scratch = scratch
    self.gradientScratch = gradientScratch
  }
}
