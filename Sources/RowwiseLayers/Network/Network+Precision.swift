extension Network {
  /// The layers, from 1, with LSTMs whose products are formed in `precision`; all others are computed in
  /// `Scalar`.
  package var layersInPrecision: [Int] {
    layers.indices.filter { layers[$0].hasPlainLSTM }.map { $0 + 1 }
  }
}

extension LayerSpecification {
  /// Whether it is, or has in it, an LSTM with the kernels that have a choice of precision.
  fileprivate var hasPlainLSTM: Bool {
    switch self {
    case .recurrent(let layer): layer.isPlainLSTM
    case .residual(let layer): layer.hasPlainLSTM
    case .sweep: true
    case .dense, .dropout, .flatten, .pooling, .merge, .norm, .mlp, .convolution: false
    }
  }
}
