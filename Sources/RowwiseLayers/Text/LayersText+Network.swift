import RowwiseKernelInterface

extension LayersText {
  /// The layers of a network.
  ///
  /// What networks are told besides what `--layers` says follows from the layers' order, all but how a
  /// bias starts and, where all LSTMs have the same, their peepholes: those are `--peephole`'s.
  ///
  /// - Parameters:
  ///   - hidden: those below the output layer.
  ///   - keepsPeepholes: whether each LSTM says its own where they differ; else `--peephole` is for all.
  package init(hidden: some Sequence<LayerSpecification>, keepsPeepholes: Bool = true) {
    let saysPeepholes = keepsPeepholes && Set(hidden.compactMap(\.peephole)).count > 1
    self.init(
      layers: hidden.map { layer in
        switch layer {
        case .recurrent, .residual: .recurrent(RecurrentText(layer, saysPeephole: saysPeepholes))
        case .dense(let dense): .dense(units: dense.units, activation: dense.activation)
        case .dropout(let dropout): .dropout(rate: dropout.rate)
        case .flatten: .flatten
        case .pooling(let pooling): .pool(pooling.kind)
        case .sweep(let sweep): .sweep(units: sweep.units, isResidual: sweep.isResidual)
        case .merge(let merge): .merge(factor: merge.factor)
        case .norm: .norm
        case .mlp(let mlp): .mlp(ratio: mlp.ratio)
        case .convolution(let convolution): .convolution(units: convolution.units)
        }
      })
  }
}

extension RecurrentText {
  /// A recurrent layer of a network.
  fileprivate init(_ layer: LayerSpecification, saysPeephole: Bool) {
    switch layer {
    case .recurrent(let layer):
      self.init(layer.cell, units: layer.units)
      direction = layer.direction
      recurrentDropout = layer.recurrentDropout
      zoneoutHidden = layer.zoneoutHidden
      zoneoutCell = layer.zoneoutCell
      learnsInitialState = layer.learnsInitialState
      chronoInitialization = layer.chronoInitialization
      if saysPeephole, layer.cell == .lstm { peephole = layer.peephole }
    case .residual(let inner):
      self.init(inner, saysPeephole: saysPeephole)
      isResidual = true
    case .dense, .dropout, .flatten, .pooling, .sweep, .merge, .norm, .mlp, .convolution:
      preconditionFailure("\(layer) is no recurrent layer")
    }
  }
}

extension LayerSpecification {
  /// Which weights let the gates see the cell state; nil of layers without one.
  package var peephole: Peephole? {
    switch self {
    case .recurrent(let layer): layer.cell.hasCellState ? layer.peephole : nil
    case .residual(let inner): inner.peephole
    case .dense, .dropout, .flatten, .pooling, .sweep, .merge, .norm, .mlp, .convolution: nil
    }
  }
}
