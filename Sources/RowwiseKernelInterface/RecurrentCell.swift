/// What a recurrent layer computes in a timestep from its sums.
///
/// A layer is made of two products and this: the input sums x_t W + b, the recurrent sums
/// h_{t-1} R (+ b_r), and the cell's element-wise part. With σ the logistic function and ⊙ the
/// element-wise product:
public enum RecurrentCell: String, Codable, Sendable, CaseIterable {
  /// h_t = tanh(x_t W + h_{t-1} R + b) (Elman 1990; Keras SimpleRNN, PyTorch RNN).
  case simple
  /// Gated recurrent unit (Cho et al. 2014) in the form of Keras's `reset_after` and of PyTorch,
  /// where r multiplies the recurrent sum; gate order z, r, n:
  ///
  ///     z = σ(x_t W_z + h_{t-1} R_z + b_z + b_rz)
  ///     r = σ(x_t W_r + h_{t-1} R_r + b_r + b_rr)
  ///     n = tanh(x_t W_n + b_n + r ⊙ (h_{t-1} R_n + b_rn))
  ///     h_t = z ⊙ h_{t-1} + (1 − z) ⊙ n
  case gru
  /// Gated recurrent unit as Cho et al. 2014 wrote it: r multiplies the state before the recurrent
  /// product, not its sum after it (Keras's `reset_after=False`, ONNX's `linear_before_reset` 0); z
  /// and h_t as in `gru`, gate order z, r, n:
  ///
  ///     n = tanh(x_t W_n + b_n + (r ⊙ h_{t-1}) R_n)
  case gruResetBefore
  /// Long short-term memory, the equations at `LSTMForwardCall` with no or diagonal peepholes; gate
  /// order i, f, g, o. For layers with regularisers or a learned state: the plain one has kernels
  /// of its own.
  case lstm
  /// LSTM with coupled gates, f = 1 − i: c_t = c_{t-1} + i ⊙ (g − c_{t-1}) (Greff et al. 2017,
  /// CIFG); gate order i, g, o.
  case coupled
  /// LSTM with a refine gate and tied gates (Gu, Gulcehre, Paine, Hoffman & Pascanu 2020, UR-LSTM), so
  /// that e, which keeps, reaches 0 and 1 more easily than f alone; gate order f, r, g, o:
  ///
  ///     f = σ(z_f)    r = σ(z_r)    g = tanh(z_g)    o = σ(z_o)
  ///     e = 2 r ⊙ f + (1 − 2 r) ⊙ f²
  ///     c_t = e ⊙ c_{t-1} + (1 − e) ⊙ g      h_t = o ⊙ tanh(c_t)
  case refined
  /// LSTM with layer normalisation (Ba, Kiros & Hinton 2016, equations 20 to 22); gate order
  /// i, f, g, o. With N(s) = (s − mean s) / √(variance of s + 10⁻⁵) over all of s:
  ///
  ///     (z_i z_f z_g z_o) = γ_x ⊙ N(x_t W) + γ_h ⊙ N(h_{t-1} R) + b
  ///     c_t = σ(z_f) ⊙ c_{t-1} + σ(z_i) ⊙ tanh(z_g)
  ///     h_t = σ(z_o) ⊙ tanh(γ_c ⊙ N(c_t) + b_c)
  case layerNormalized
  /// minLSTM (Feng, Tung, Ahmed, Bengio & Hajimirsadeghi 2024, section 3.2.3): gates see x_t only,
  /// so that the layer is one product over all timesteps and a scan; gate order i, f, g:
  ///
  ///     i = σ(x_t W_i + b_i)    f = σ(x_t W_f + b_f)    g = x_t W_g + b_g
  ///     h_t = f / (f + i) ⊙ h_{t-1} + i / (f + i) ⊙ g
  case minimal
  /// Linear recurrent unit (Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu & De 2023, LRU): H complex
  /// numbers x whose recurrence is diagonal and linear, so that a timestep is products and a scan, and
  /// what is read of them through a gated linear unit (Dauphin, Fan, Auli & Grangier 2017). With u the
  /// input and Re the real part:
  ///
  ///     λ = exp(−exp(ν) + i exp(θ))
  ///     x_t = λ ⊙ x_{t-1} + γ ⊙ (u_t B)
  ///     (a, b) = Re(x_t C) + u_t D + d      h_t = a ⊙ σ(b)
  ///
  /// All numbers are real ones in pairs: a row of x is its real parts and then its imaginary ones, [2H],
  /// B [D, 2H] alike, C [2H, 2H] has the real parts and then minus the imaginary ones as rows.
  case lru

  /// Blocks of H columns in the sums.
  public var gates: Int {
    switch self {
    case .simple: 1
    case .lru: 2
    case .gru, .gruResetBefore, .coupled, .minimal: 3
    case .lstm, .refined, .layerNormalized: 4
    }
  }

  /// Blocks of H numbers in a state: of `lru` real and imaginary parts.
  public var stateBlocks: Int { self == .lru ? 2 : 1 }

  /// Blocks of H columns in the product of h_{t-1}: all of the sums' but those that wait for the reset
  /// gate.
  public var recurrentGates: Int { resetsBeforeProduct ? gates - 1 : gates }

  /// Whether the candidate has a recurrent product of its own, of r ⊙ h_{t-1}.
  public var resetsBeforeProduct: Bool { self == .gruResetBefore }

  /// Whether the recurrent sums are kept apart from the input sums.
  public var keepsRecurrentSums: Bool { self == .gru || self == .layerNormalized }

  /// Whether the recurrent sums have a bias of their own.
  public var hasRecurrentBias: Bool { self == .gru }

  /// Whether h_{t-1} goes through a product.
  public var hasRecurrentProduct: Bool { self != .minimal && self != .lru }

  /// Whether there is a cell state beside h.
  public var hasCellState: Bool {
    switch self {
    case .lstm, .coupled, .refined, .layerNormalized: true
    case .simple, .gru, .gruResetBefore, .minimal, .lru: false
    }
  }
}

/// Weights of a cell's element-wise part, and where their gradients are in a row of gradients.
public struct CellParameters<Scalar> {
  /// [3, H], order i, f, o (`lstm` with diagonal peepholes).
  public var peephole: UnsafePointer<Scalar>?
  /// γ_x, γ_h and b, [4H] each; γ_c and b_c, [H] each (`layerNormalized`).
  public var normalization: Normalization?
  /// Re λ, Im λ and γ, [H] each (`lru`).
  public var recurrence: UnsafePointer<Scalar>?

  /// The weights of layer normalisation.
  public struct Normalization {
    /// γ_x [4H].
    public var inputGain: UnsafePointer<Scalar>
    /// γ_h [4H].
    public var recurrentGain: UnsafePointer<Scalar>
    /// b [4H].
    public var bias: UnsafePointer<Scalar>
    /// γ_c [H].
    public var cellGain: UnsafePointer<Scalar>
    /// b_c [H].
    public var cellBias: UnsafePointer<Scalar>

    /// Gathers the weights.
    public init(
      inputGain: UnsafePointer<Scalar>, recurrentGain: UnsafePointer<Scalar>,
      bias: UnsafePointer<Scalar>, cellGain: UnsafePointer<Scalar>,
      cellBias: UnsafePointer<Scalar>
    ) {
      self.inputGain = inputGain
      self.recurrentGain = recurrentGain
      self.bias = bias
      self.cellGain = cellGain
      self.cellBias = cellBias
    }
  }

  /// No weights.
  public init() {
    peephole = nil
    normalization = nil
    recurrence = nil
  }
}

/// Zoneout (Krueger et al. 2017): some units keep their old state for a timestep. With d a mask of
/// ones with probability `rate`, and ~ marking what the cell alone would give:
///
///     c_t = d_c ⊙ c_{t-1} + (1 − d_c) ⊙ c~_t      h_t = d_h ⊙ h_{t-1} + (1 − d_h) ⊙ h~_t
///
/// h~_t comes from c~_t. In training the masks are drawn by `keys`; without keys d is its
/// expectation, the rate.
///
/// Unit k of row n in step t keeps h where mix(mix(k ⊕ low(keys[n]) + t · 0x9E3779B9) ⊕
/// high(keys[n])) >> 1 < rate · 2³¹, all in 32 bits; the same with k + 2³¹ for c. mix is the
/// finalizer x ⊕= x >> 16, x ·= 0x7FEB352D, x ⊕= x >> 15, x ·= 0x846CA68B, x ⊕= x >> 16
/// (Wellons 2018, "lowbias32").
public struct Zoneout {
  /// Probability of keeping a unit's h.
  public var hiddenRate: Double
  /// Probability of keeping a unit's c.
  public var cellRate: Double
  /// One for every row; nil for expectations.
  public var keys: UnsafePointer<UInt64>?

  /// Gathers rates and keys.
  public init(hiddenRate: Double, cellRate: Double, keys: UnsafePointer<UInt64>?) {
    self.hiddenRate = hiddenRate
    self.cellRate = cellRate
    self.keys = keys
  }
}
