/// Element-wise nonlinearities of fully connected layers.
public enum Activation: String, Codable, Sendable, CaseIterable {
  /// x
  case linear
  /// max(x, 0)
  case relu
  /// tanh x
  case tanh
  /// σ(x) = 1 / (1 + e^{-x})
  case sigmoid
}
