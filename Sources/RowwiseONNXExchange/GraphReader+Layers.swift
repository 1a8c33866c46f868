import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWeightExchange

extension GraphReader {
  // MARK: Recurrent layers

  /// The operators LSTM, GRU and RNN, in one or both directions.
  mutating func recurrent(_ node: ONNXNode) throws(ONNXExchangeError) -> [GraphValue] {
    let attributes = try RecurrentAttributes(node, reader: self)
    let (chain, isFlipped, axes) = try sequence(node, attributes)
    try setTimeAxis(axes.time, at: node)
    try checkLengths(node, time: axes.time, batch: axes.batch)
    try checkState(node, 5, "initial_h", attributes, batch: axes.batch)
    try checkState(node, 6, "initial_c", attributes, batch: axes.batch)
    let arrays = try RecurrentArrays(node, attributes, width: chain.width, reader: &self)
    var lanes: [Lane] = []
    for direction in 0..<attributes.directions {
      let turns = direction == 1 || attributes.isReverse
      let recurrence = append(
        Recurrence(
          cell: arrays.cell, units: attributes.units, isBackwards: isFlipped != turns,
          arrays: arrays.arrays(of: direction), input: chain))
      lanes.append(Lane(recurrence: recurrence, steps: .all(isFlipped: turns)))
    }
    let (time, batch) = (SignalAxis.input(axes.time), SignalAxis.input(axes.batch))
    let all = Signal(
      axes: attributes.isBatchFirst
        ? [batch, time, .stack, .features] : [time, .stack, batch, .features],
      content: .lanes(lanes))
    let last = Signal(
      axes: attributes.isBatchFirst ? [batch, .stack, .features] : [.stack, batch, .features],
      content: .lanes(lanes.map { Lane(recurrence: $0.recurrence, steps: .last) }))
    let cellState = GraphValue.unusable("it reads the cell state that an LSTM ends with")
    return [.signal(all), .signal(last), cellState]
  }

  /// What a recurrent layer reads: [timesteps, batch, features], or with the batch first.
  private mutating func sequence(
    _ node: ONNXNode, _ attributes: RecurrentAttributes
  ) throws(ONNXExchangeError) -> (ReadChain, isFlipped: Bool, axes: (time: Int, batch: Int)) {
    guard case .signal(let signal) = try required(node, 0) else {
      throw failure(node, "it reads something other than layers' outputs")
    }
    guard signal.axes.count == 3, case .input(let first) = signal.axes[0],
      case .input(let second) = signal.axes[1], signal.axes[2] == .features
    else {
      throw failure(
        node,
        "it does not read [\(attributes.isBatchFirst ? "batch, timesteps" : "timesteps, batch"), "
          + "features]")
    }
    let (chain, isFlipped) = try resolved(signal, at: node)
    return (
      chain, isFlipped, attributes.isBatchFirst ? (second, first) : (first, second)
    )
  }

  /// Sequence lengths say nothing new where every sequence has all timesteps.
  private mutating func checkLengths(
    _ node: ONNXNode, time: Int, batch: Int
  ) throws(ONNXExchangeError) {
    guard let value = try value(node, 4) else { return }
    let whole = extent(ofInput: time)
    let lengths: [Extent]
    switch value {
    case .lengths(let length): lengths = [length]
    default:
      guard let list = Self.list(of: value) else {
        throw failure(node, "its sequence_lens is not constant")
      }
      if case .known(let count) = extent(ofInput: batch), list.count != count {
        throw failure(node, "its sequence_lens has \(list.count) numbers; expected \(count)")
      }
      lengths = list
    }
    guard lengths.allSatisfy({ $0 == whole }), !lengths.isEmpty else {
      guard case .known(let timesteps) = whole else {
        throw failure(
          node,
          "it has sequence_lens, where the input's shape does not fix the number of timesteps")
      }
      throw failure(
        node, "its sequence_lens leaves timesteps out; here every sequence has all \(timesteps)")
    }
  }

  /// The states before the first timestep are zeros, one for each direction, sequence and unit.
  private mutating func checkState(
    _ node: ONNXNode, _ index: Int, _ name: String, _ attributes: RecurrentAttributes, batch: Int
  ) throws(ONNXExchangeError) {
    guard let value = try value(node, index) else { return }
    guard Self.isZero(value) else {
      throw failure(node, "its \(name) is other than zeros, which no layer here has")
    }
    guard let sizes = Self.sizes(ofZeros: value) else { return }
    let others: [Extent] = [.known(attributes.directions), extent(ofInput: batch)]
    let expected: [Extent] =
      (attributes.isBatchFirst ? others.reversed() : others) + [.known(attributes.units)]
    // Of a free axis the graph cannot know the size.
    let fits = zip(sizes, expected).allSatisfy { size, expected in
      switch (size, expected) {
      case (_, .axis): true
      default: size == expected
      }
    }
    guard sizes.count == 3, fits else {
      throw failure(
        node,
        "its \(name) is [\(Self.text(sizes))]; expected [\(Self.text(expected))]: a state of "
          + "another size belongs to another cell, such as an LSTM with a projection")
    }
  }

  private static func text(_ sizes: [Extent]) -> String {
    sizes.prefix(8).map { size in
      if case .known(let number) = size { "\(number)" } else { "?" }
    }.joined(separator: ", ")
  }

  /// A signal's layers: what its lanes are together.
  ///
  /// - Returns: flipped where time runs against the order of the last layer's output.
  func resolved(
    _ signal: Signal, at node: ONNXNode
  ) throws(ONNXExchangeError) -> (ReadChain, isFlipped: Bool) {
    switch signal.content {
    case .chain(let chain, let isFlipped): return (chain, isFlipped)
    case .lanes(let lanes):
      guard !signal.axes.contains(.stack) else {
        throw failure(node, "it reads the directions of a recurrent layer on top of each other")
      }
      let isSequence = signal.axes.contains {
        if case .input(timeAxis) = $0 { true } else { false }
      }
      return try resolved(lanes, isSequence: isSequence, at: node)
    }
  }

  private func resolved(
    _ lanes: [Lane], isSequence: Bool, at node: ONNXNode
  ) throws(ONNXExchangeError) -> (ReadChain, isFlipped: Bool) {
    let parts = lanes.map { recurrences[$0.recurrence] }
    var chain = parts[0].input
    guard chain.layers.count < Self.maximumLayers else { throw failure(node, "too many layers") }
    chain.identity = -1 - lanes[0].recurrence
    let specification = parts[0].specification(
      inBothDirections: lanes.count == 2, isSequence: isSequence)
    switch lanes.count {
    case 1:
      chain.layers.append(ReadLayer(specification: specification, arrays: parts[0].arrays))
      chain.width = parts[0].units
      guard case .all(let isFlipped) = lanes[0].steps else { return (chain, false) }
      return (chain, isFlipped)
    case 2:
      // Both halves may be turned around together.
      let isFlipped = isSequence && lanes[0].steps == .all(isFlipped: true)
      let steps: [Lane.Steps] =
        isSequence ? [.all(isFlipped: isFlipped), .all(isFlipped: !isFlipped)] : [.last, .last]
      guard parts[0].input.identity == parts[1].input.identity, !parts[0].isBackwards,
        parts[1].isBackwards, parts[0].cell == parts[1].cell, parts[0].units == parts[1].units,
        lanes.map(\.steps) == steps
      else { break }
      let arrays =
        parts[0].arrays.map { ("forward.\($0.name)", $0.values) }
        + parts[1].arrays.map { ("backward.\($0.name)", $0.values) }
      chain.layers.append(ReadLayer(specification: specification, arrays: arrays))
      chain.width = 2 * parts[0].units
      return (chain, isFlipped)
    default: break
    }
    throw failure(
      node,
      "it reads \(lanes.count) recurrent outputs side by side that are not the forward and "
        + "the backward part of one bidirectional layer")
  }

  // MARK: Dense layers

  /// x W, or x W + b.
  mutating func dense(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    guard case .signal(let signal) = try required(node, 0),
      case .constant(let weight) = try required(node, 1),
      case .floats(let stored) = weight.numbers, weight.dimensions.count == 2
    else { throw failure(node, "it is no product of layers' outputs and constant weights") }
    var isTurned = false
    for attribute in node.attribute {
      switch attribute.name {
      case "transB": isTurned = attribute.i != 0
      case "alpha", "beta":
        guard attribute.f == 1 else { throw failure(node, "\(attribute.name) \(attribute.f)") }
      case "transA":
        guard attribute.i == 0 else { throw failure(node, "it turns its input around") }
      default: throw failure(node, "attribute \(attribute.name.prefix(40))")
      }
    }
    let (before, batch) = try vector(signal, at: node)
    let (inputs, units) =
      isTurned
      ? (weight.dimensions[1], weight.dimensions[0])
      : (weight.dimensions[0], weight.dimensions[1])
    guard inputs == before.width, (1...65_536).contains(units) else {
      throw failure(node, "weights \(weight.dimensions) for \(before.width) inputs")
    }
    try spend(stored.count + units, on: node)
    let values =
      isTurned ? WeightMap.transposed(rows: inputs, columns: units).ours(stored[...]) : stored
    var layer = ReadLayer(
      specification: .dense(Dense(units)),
      arrays: [("weight", values), ("bias", [Float](repeating: 0, count: units))],
      hasBias: false)
    if node.opType == "Gemm", let bias = try value(node, 2) {
      layer.arrays[1].values = try self.bias(node, bias, units: units)
      layer.hasBias = true
    }
    let after = try chain(before, adding: layer, width: units, at: node)
    return .signal(
      Signal(axes: [.input(batch), .features], content: .chain(after, isFlipped: false)))
  }

  /// The layers below a dense one: [batch, features].
  private func vector(
    _ signal: Signal, at node: ONNXNode
  ) throws(ONNXExchangeError) -> (ReadChain, batch: Int) {
    guard signal.axes.count == 2, case .input(let batch) = signal.axes[0],
      signal.axes[1] == .features, let timeAxis, batch != timeAxis
    else {
      throw failure(
        node,
        "a dense layer over every timestep, or over the input itself; in graphs of others dense layers "
          + "are read behind the last output of a recurrent one")
    }
    return (try resolved(signal, at: node).0, batch)
  }

  private func bias(
    _ node: ONNXNode, _ value: GraphValue, units: Int
  ) throws(ONNXExchangeError) -> [Float] {
    guard case .constant(let tensor) = value, case .floats(let values) = tensor.numbers,
      values.count == units, tensor.dimensions.dropLast().allSatisfy({ $0 == 1 })
    else { throw failure(node, "it adds something other than one bias for each unit") }
    return values
  }

  /// A dense layer's bias, or the sum of two sizes.
  mutating func add(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let (first, second) = (try required(node, 0), try required(node, 1))
    for (value, other) in [(first, second), (second, first)] {
      guard case .signal(let signal) = value, case .constant = other,
        case .chain(var chain, _) = signal.content, let layer = chain.layers.last,
        case .dense(let dense) = layer.specification, dense.activation == .linear, !layer.hasBias
      else { continue }
      try spend(8 * chain.layers.count, on: node)
      let last = chain.layers.count - 1
      chain.layers[last].arrays[1].values = try bias(node, other, units: dense.units)
      chain.layers[last].hasBias = true
      return .signal(Signal(axes: signal.axes, content: .chain(chain, isFlipped: false)))
    }
    guard let left = try? integers(node, 0), let right = try? integers(node, 1),
      left.count == 1, right.count == 1
    else { throw failure(node, "it adds something other than a dense layer's bias") }
    let (sum, overflow) = left[0].addingReportingOverflow(right[0])
    guard !overflow else { throw failure(node, "a size that is out of range") }
    return .sizes([.known(sum)], isScalar: false)
  }

  /// A dense layer's activation.
  mutating func activated(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    guard case .signal(let signal) = try required(node, 0),
      case .chain(var chain, _) = signal.content, let layer = chain.layers.last,
      case .dense(var dense) = layer.specification, dense.activation == .linear,
      !chain.isLogarithm
    else { throw failure(node, "it does not follow the sums of a dense layer") }
    try spend(8 * chain.layers.count, on: node)
    switch node.opType {
    case "Relu": dense.activation = .relu
    case "Tanh": dense.activation = .tanh
    case "Sigmoid": dense.activation = .sigmoid
    default:
      if let axis = node.attribute.first(where: { $0.name == "axis" })?.i, axis != -1, axis != 1 {
        throw failure(node, "axis \(axis); expected the classes'")
      }
      dense.activation = .softmax
      if node.opType == "LogSoftmax" {
        chain.isLogarithm = true
        note("the graph ends in log-probabilities; here the output is probabilities")
      }
    }
    chain.layers[chain.layers.count - 1].specification = .dense(dense)
    return .signal(Signal(axes: signal.axes, content: .chain(chain, isFlipped: false)))
  }
}
