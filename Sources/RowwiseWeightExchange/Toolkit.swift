/// The toolkits whose weights are read and written.
public enum Toolkit: String, CaseIterable, Sendable {
  /// PyTorch's `state_dict`.
  case pytorch
  /// Keras's list of weights.
  case keras

  var name: String { self == .keras ? "Keras" : "PyTorch" }
}
