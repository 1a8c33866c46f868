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

  /// Blocks of H columns in the sums.
  public var gates: Int {
    switch self {
    case .simple: 1
    case .gru: 3
    }
  }

  /// Whether the recurrent sums are kept apart from the input sums, with a bias of their own.
  public var keepsRecurrentSums: Bool {
    switch self {
    case .simple: false
    case .gru: true
    }
  }
}
