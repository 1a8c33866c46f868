import RowwiseKernelInterface

/// Checks a stack of layers, gives every weight its place, and makes the nodes.
struct NetworkBuilder {
  private(set) var parameters: [Parameter] = []
  private(set) var initializers: [Initializer] = []
  /// Output widths as they run through the stack.
  private var width: Int
  private var isSequence = true
  private let timesteps: Int

  init(timesteps: Int, features: Int) {
    self.timesteps = timesteps
    width = features
  }

  /// Checks every layer and lists the parameters, in order.
  mutating func plan(_ layers: [LayerSpecification]) throws(LayerError) {
    guard let last = layers.last else { throw .noLayers }
    guard layers.count <= LayerError.maximumLayers else { throw .tooManyLayers(layers.count) }
    guard case .dense(let dense) = last, dense.activation == .softmax else {
      throw .lastLayerNotSoftmax
    }
    for (index, layer) in layers.enumerated() {
      try plan(layer, number: index + 1, isLast: index == layers.count - 1)
    }
  }

  private mutating func plan(
    _ layer: LayerSpecification, number: Int, isLast: Bool
  ) throws(LayerError) {
    let name = "layers.\(number - 1)"
    switch layer {
    case .lstm(let lstm):
      try check(units: lstm.units, number)
      guard isSequence else { throw .needsSequence(layer: number) }
      addLSTM(name, lstm)
      width = lstm.units
      isSequence = lstm.returnSequences
    case .bidirectional(let pair):
      try check(units: pair.layer.units, number)
      guard isSequence else { throw .needsSequence(layer: number) }
      guard !pair.layer.goBackwards else { throw .backwardsInBidirectional(layer: number) }
      addLSTM("\(name).forward", pair.layer)
      addLSTM("\(name).backward", pair.layer)
      width = 2 * pair.layer.units
      isSequence = pair.layer.returnSequences
    case .dense(let dense):
      try check(units: dense.units, number)
      guard !isSequence else { throw .needsVector(layer: number) }
      guard dense.activation != .softmax || isLast else { throw .softmaxBeforeLast(layer: number) }
      add("\(name).weight", [width, dense.units], .glorotUniform)
      add("\(name).bias", [dense.units], .zeros, decays: false)
      width = dense.units
    case .dropout(let dropout):
      guard 0 <= dropout.rate, dropout.rate < 1 else {
        throw .invalidRate(layer: number, rate: dropout.rate)
      }
    case .recurrent(let recurrent):
      try check(units: recurrent.units, number)
      guard isSequence else { throw .needsSequence(layer: number) }
      if let problem = recurrent.problem(number) { throw problem }
      for side in recurrent.direction == .both ? [".forward", ".backward"] : [""] {
        for entry in RecurrentWeights(recurrent, width: width, timesteps: timesteps).entries {
          add(
            "\(name)\(side).\(entry.role.rawValue)", entry.shape, entry.initializer,
            decays: entry.decays)
        }
      }
      width = recurrent.width
      isSequence = recurrent.returnSequences
    case .flatten:
      guard isSequence else { throw .needsSequence(layer: number) }
      width *= timesteps
      isSequence = false
    case .pooling(let pooling):
      guard isSequence else { throw .needsSequence(layer: number) }
      if pooling.kind == .attention {
        add("\(name).query", [width], .uniform(bound: 1 / Double(width).squareRoot()))
      }
      isSequence = false
    case .residual(let inner):
      guard inner.isRecurrent else { throw .residualNeedsSequence(layer: number) }
      let before = width
      try plan(inner, number: number, isLast: isLast)
      guard isSequence else { throw .residualNeedsSequence(layer: number) }
      if width != before { add("\(name).projection_weight", [before, width], .glorotUniform) }
    }
  }

  private func check(units: Int, _ number: Int) throws(LayerError) {
    guard 1 <= units, units <= LayerError.maximumUnits else {
      throw .invalidUnits(layer: number, units: units)
    }
  }

  private mutating func addLSTM(_ name: String, _ layer: LSTM) {
    let units = layer.units
    add("\(name).input_weight", [width, 4 * units], .glorotUniform)
    add("\(name).recurrent_weight", [units, 4 * units], .orthogonal)
    switch layer.peephole {
    case .none: break
    case .diagonal:
      add(
        "\(name).peephole_weight", [3, units], .uniform(bound: 1 / Double(units).squareRoot()))
    case .full: add("\(name).peephole_weight", [units, 3 * units], .glorotUniform)
    }
    add(
      "\(name).bias", [4 * units],
      layer.chronoInitialization
        ? .chrono(signs: [-1, 1, 0, 0], timesteps: timesteps)
        : layer.unitForgetBias ? .unitForgetBias : .zeros,
      decays: false)
  }

  private mutating func add(
    _ name: String, _ shape: [Int], _ initializer: Initializer, decays: Bool = true
  ) {
    // Every array starts on a cache line of its own.
    let end = parameters.last.map { $0.offset + $0.count } ?? 0
    parameters.append(
      Parameter(name: name, shape: shape, offset: (end + 15) / 16 * 16, decays: decays))
    initializers.append(initializer)
  }

  /// Makes the nodes of a stack that `plan` has accepted.
  static func nodes<Scalar>(
    _ layers: [LayerSpecification], timesteps: Int, features: Int, parameters: [Parameter],
    precision: Precision, kernels: KernelSet<Scalar>, arena: Arena<Scalar>
  ) -> [any LayerNode<Scalar>] {
    var next = parameters.makeIterator()
    var width = features
    func offset() -> Int { next.next()?.offset ?? 0 }
    func lstm(_ layer: LSTM) -> LSTMNode<Scalar> {
      let input = offset()
      let recurrent = offset()
      let peephole = layer.peephole == .none ? nil : offset()
      return LSTMNode(
        layer, features: width, precision: precision, kernels: kernels, arena: arena,
        offsets: .init(
          input: input, recurrent: recurrent, peephole: peephole, bias: offset()))
    }
    func recurrent(
      _ layer: Recurrent, isBackwards: Bool, _ index: Int
    ) -> any LayerNode<Scalar> {
      let entries = RecurrentWeights(layer, width: width, timesteps: timesteps).entries
      let offsets = Dictionary(uniqueKeysWithValues: entries.map { ($0.role, offset()) })
      if layer.isPlainLSTM, let input = offsets[.inputWeight],
        let recurrent = offsets[.recurrentWeight], let bias = offsets[.bias]
      {
        let initial = offsets[.initialHidden].flatMap { hidden in
          offsets[.initialCell].map { (hidden, $0) }
        }
        return LSTMNode(
          LSTM(
            layer.units, returnSequences: layer.returnSequences, peephole: layer.peephole,
            goBackwards: isBackwards),
          features: width, precision: precision, kernels: kernels, arena: arena,
          offsets: .init(
            input: input, recurrent: recurrent, peephole: offsets[.peephole], bias: bias,
            initial: initial))
      }
      return RecurrentNode(
        layer, isBackwards: isBackwards, index: index, features: width, kernels: kernels,
        arena: arena, offsets: offsets)
    }
    func node(_ layer: LayerSpecification, _ index: Int) -> any LayerNode<Scalar> {
      switch layer {
      case .lstm(let specification):
        let node = lstm(specification)
        width = specification.units
        return node
      case .bidirectional(let pair):
        var turned = pair.layer
        turned.goBackwards = true
        let forwards = lstm(pair.layer)
        let node = BidirectionalNode(
          units: pair.layer.units, returnSequences: pair.layer.returnSequences, features: width,
          kernels: kernels, forwards: forwards, backwards: lstm(turned))
        width = 2 * pair.layer.units
        return node
      case .dense(let specification):
        let weight = offset()
        let node = DenseNode(
          specification, inputs: width, kernels: kernels, arena: arena,
          offsets: (weight, offset()))
        width = specification.units
        return node
      case .dropout(let specification):
        return DropoutNode(specification, index: index)
      case .recurrent(let specification):
        defer { width = specification.width }
        guard specification.direction == .both else {
          return recurrent(
            specification, isBackwards: specification.direction == .backwards, index)
        }
        let forwards = recurrent(specification, isBackwards: false, index)
        return BidirectionalNode(
          units: specification.units, returnSequences: specification.returnSequences,
          features: width, kernels: kernels, forwards: forwards,
          backwards: recurrent(specification, isBackwards: true, index))
      case .flatten:
        width *= timesteps
        return FlattenNode()
      case .pooling(let pooling):
        return PoolingNode(
          pooling.kind, kernels: kernels, arena: arena,
          queryOffset: pooling.kind == .attention ? offset() : nil)
      case .residual(let inner):
        let before = width
        let node = node(inner, index)
        return ResidualNode(
          node, width: width, features: before, kernels: kernels, arena: arena,
          projectionOffset: width == before ? nil : offset())
      }
    }
    return layers.enumerated().map { node($1, $0) }
  }
}
