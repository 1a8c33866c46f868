import RowwiseLayers

extension LayersArgument {
  /// The layers of a network.
  ///
  /// What networks are told besides what `--layers` says follows from the layers' order, all but
  /// their peepholes, which are `--peephole`'s, and how a bias starts.
  ///
  /// - Parameter hidden: those below the output layer.
  init(hidden: some Sequence<LayerSpecification>) {
    self.init(
      layers: hidden.map { layer in
        switch layer {
        case .lstm, .bidirectional, .recurrent, .residual: .recurrent(RecurrentArgument(layer))
        case .dense(let dense): .dense(units: dense.units, activation: dense.activation)
        case .dropout(let dropout): .dropout(rate: dropout.rate)
        case .flatten: .flatten
        case .pooling(let pooling): .pool(pooling.kind)
        }
      })
  }
}

extension RecurrentArgument {
  /// A recurrent layer of a network.
  fileprivate init(_ layer: LayerSpecification) {
    switch layer {
    case .lstm(let lstm):
      self.init(.lstm, units: lstm.units)
      direction = lstm.goBackwards ? .backwards : .forwards
      chronoInitialization = lstm.chronoInitialization
    case .bidirectional(let pair):
      self.init(.lstm, units: pair.layer.units)
      direction = .both
      chronoInitialization = pair.layer.chronoInitialization
    case .recurrent(let layer):
      self.init(layer.cell, units: layer.units)
      direction = layer.direction
      recurrentDropout = layer.recurrentDropout
      zoneoutHidden = layer.zoneoutHidden
      zoneoutCell = layer.zoneoutCell
      learnsInitialState = layer.learnsInitialState
      chronoInitialization = layer.chronoInitialization
    case .residual(let inner):
      self.init(inner)
      isResidual = true
    case .dense, .dropout, .flatten, .pooling:
      preconditionFailure("\(layer) is no recurrent layer")
    }
  }
}
