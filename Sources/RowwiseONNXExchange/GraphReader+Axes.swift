import RowwiseLayers

extension GraphReader {
  /// Integers as an attribute or, in newer operator sets, as an input.
  mutating func list(
    _ node: ONNXNode, _ name: String, _ index: Int
  ) throws(ONNXExchangeError) -> [Int]? {
    if let attribute = node.attribute.first(where: { $0.name == name }) {
      return attribute.ints.map { Int($0) }
    }
    return try integers(node, index)
  }

  /// Different axes, counted from the front.
  private mutating func axes(
    _ node: ONNXNode, _ rank: Int
  ) throws(ONNXExchangeError) -> [Int]? {
    guard let axes = try list(node, "axes", 1) else { return nil }
    var result: [Int] = []
    for axis in axes {
      let place = axis < 0 ? axis + rank : axis
      guard (0..<rank).contains(place), !result.contains(place) else {
        throw failure(node, "axis \(axis) of \(rank)")
      }
      result.append(place)
    }
    return result
  }

  /// One axis from an attribute.
  private func axis(
    _ node: ONNXNode, _ rank: Int, standard: Int = 0
  ) throws(ONNXExchangeError) -> Int {
    let axis = node.attribute.first { $0.name == "axis" }.map { Int($0.i) } ?? standard
    let place = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(place) else { throw failure(node, "axis \(axis) of \(rank)") }
    return place
  }

  mutating func transposed(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let order = node.attribute.first { $0.name == "perm" }?.ints.map { Int($0) }
    func checked(_ rank: Int) throws(ONNXExchangeError) -> [Int] {
      let order = order ?? (0..<rank).reversed()
      guard order.sorted() == Array(0..<rank) else {
        throw failure(node, "the permutation \(order.prefix(8)) of \(rank) axes")
      }
      return order
    }
    switch try required(node, 0) {
    case .signal(var signal):
      let axes = signal.axes
      signal.axes = try checked(axes.count).map { axes[$0] }
      return .signal(signal)
    case .zeros(let sizes):
      guard let sizes else { return .zeros(nil) }
      return .zeros(try checked(sizes.count).map { sizes[$0] })
    case .constant(let tensor):
      guard case .floats(let values) = tensor.numbers, tensor.dimensions.count == 2 else { break }
      let (rows, columns) = (tensor.dimensions[0], tensor.dimensions[1])
      guard try checked(2) == [1, 0] else { return .constant(tensor) }
      try spend(values.count, on: node)
      var turned: [Float] = []
      turned.reserveCapacity(values.count)
      for column in 0..<columns {
        for row in 0..<rows { turned.append(values[row * columns + column]) }
      }
      return .constant(TensorValues(dimensions: [columns, rows], numbers: .floats(turned)))
    default: break
    }
    throw failure(node, "constants of two axes only are turned")
  }

  mutating func squeezed(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    switch try required(node, 0) {
    case .zeros(let sizes):
      guard let sizes else { return .zeros(nil) }
      let axes =
        try axes(node, sizes.count) ?? sizes.indices.filter { sizes[$0] == .known(1) }
      return .zeros(sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] })
    case .sizes(let sizes, _):
      guard sizes.count == 1 else { throw failure(node, "\(sizes.count) sizes") }
      return .sizes(sizes, isScalar: true)
    case .constant(var tensor):
      let axes =
        try axes(node, tensor.dimensions.count)
        ?? tensor.dimensions.indices.filter { tensor.dimensions[$0] == 1 }
      guard axes.allSatisfy({ tensor.dimensions[$0] == 1 }) else {
        throw failure(node, "an axis that is not of size 1")
      }
      tensor.dimensions = tensor.dimensions.indices.filter { !axes.contains($0) }.map {
        tensor.dimensions[$0]
      }
      return .constant(tensor)
    case .signal(var signal):
      let single = signal.axes.indices.filter {
        extent(of: signal.axes[$0], in: signal) == .known(1)
      }
      let axes = try axes(node, signal.axes.count) ?? single
      for axis in axes {
        switch signal.axes[axis] {
        case .unit: break
        case .stack where single.contains(axis): break
        default: throw failure(node, "axis \(axis) holds more than one number, or may do so")
        }
      }
      signal.axes = signal.axes.indices.filter { !axes.contains($0) }.map { signal.axes[$0] }
      return .signal(signal)
    case .lengths: throw failure(node, "sequence lengths")
    case .unusable(let reason): throw failure(node, reason)
    }
  }

  mutating func unsqueezed(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let value = try required(node, 0)
    let rank: Int
    switch value {
    case .zeros(nil): return .zeros(nil)
    case .zeros(let sizes?): rank = sizes.count
    case .sizes(let sizes, let isScalar):
      guard isScalar else { throw failure(node, "a list of sizes as a table") }
      return .sizes(sizes, isScalar: false)
    case .constant(let tensor): rank = tensor.dimensions.count
    case .signal(let signal): rank = signal.axes.count
    case .lengths: throw failure(node, "sequence lengths")
    case .unusable(let reason): throw failure(node, reason)
    }
    let added = try list(node, "axes", 1)?.count ?? 0
    guard added + rank <= 16 else { throw failure(node, "\(added) new axes") }
    let axes = try axes(node, rank + added) ?? []
    switch value {
    case .zeros(var sizes?):
      for axis in axes.sorted() { sizes.insert(.known(1), at: axis) }
      return .zeros(sizes)
    case .constant(var tensor):
      for axis in axes.sorted() { tensor.dimensions.insert(1, at: axis) }
      return .constant(tensor)
    case .signal(var signal):
      for axis in axes.sorted() { signal.axes.insert(.unit, at: axis) }
      return .signal(signal)
    default: return value
    }
  }

  mutating func concatenated(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    var inputs: [GraphValue] = []
    for index in node.input.indices { inputs.append(try required(node, index)) }
    if let sizes = joinedSizes(inputs) {
      try spend(2 * sizes.count, on: node)
      return .sizes(sizes, isScalar: false)
    }
    if let weights = try joinedWeights(node, inputs) { return .constant(weights) }
    if inputs.allSatisfy({ Self.isZero($0) }) { return try joinedZeros(node, inputs) }
    var joined: Signal?
    for input in inputs {
      guard case .signal(let signal) = input, case .lanes(let lanes) = signal.content else {
        throw failure(node, "it joins something other than outputs of recurrent layers")
      }
      guard case .lanes(let before)? = joined?.content else {
        joined = signal
        continue
      }
      let place = try axis(node, signal.axes.count)
      let expected: SignalAxis = signal.axes.contains(.stack) ? .stack : .features
      guard joined?.axes == signal.axes, signal.axes[place] == expected,
        before.count + lanes.count <= Self.maximumSizes
      else { throw failure(node, "it joins outputs of recurrent layers along another axis") }
      try spend(8 * (before.count + lanes.count), on: node)
      joined?.content = .lanes(before + lanes)
    }
    guard let joined else { throw failure(node, "it joins nothing") }
    return .signal(joined)
  }

  /// Constant weights side by side; nil where an input is something else.
  private mutating func joinedWeights(
    _ node: ONNXNode, _ inputs: [GraphValue]
  ) throws(ONNXExchangeError) -> TensorValues? {
    var tensors: [TensorValues] = []
    for input in inputs {
      guard case .constant(let tensor) = input, case .floats = tensor.numbers else { return nil }
      tensors.append(tensor)
    }
    guard let first = tensors.first else { return nil }
    let place = try axis(node, first.dimensions.count)
    try spend(tensors.reduce(0) { $0 + $1.count }, on: node)
    guard let joined = TensorValues.joined(tensors, axis: place) else {
      throw failure(node, "it joins constants of other sizes")
    }
    return joined
  }

  /// States of zeros on top of each other.
  private func joinedZeros(
    _ node: ONNXNode, _ inputs: [GraphValue]
  ) throws(ONNXExchangeError) -> GraphValue {
    guard var sizes = inputs.first.flatMap({ Self.sizes(ofZeros: $0) }), !sizes.isEmpty else {
      return .zeros(nil)
    }
    let place = try axis(node, sizes.count)
    var total = 0
    for input in inputs {
      guard let part = Self.sizes(ofZeros: input), part.count == sizes.count,
        case .known(let size) = part[place], size >= 0, size <= 1 << 24
      else { return .zeros(nil) }
      total += size
    }
    sizes[place] = .known(total)
    return .zeros(sizes)
  }

  private func joinedSizes(_ inputs: [GraphValue]) -> [Extent]? {
    var result: [Extent] = []
    for input in inputs {
      switch input {
      case .sizes(let sizes, false): result += sizes
      case .constant(let tensor):
        guard case .integers(let numbers) = tensor.numbers, tensor.dimensions.count == 1 else {
          return nil
        }
        guard result.count + numbers.count <= Self.maximumSizes else { return nil }
        result += numbers.map { .known($0) }
      default: return nil
      }
      guard result.count <= Self.maximumSizes else { return nil }
    }
    return result
  }

  mutating func gathered(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let value = try required(node, 0)
    guard let indices = try integers(node, 1) else { throw failure(node, "it has no indices") }
    let isScalar: Bool
    switch try required(node, 1) {
    case .constant(let tensor): isScalar = tensor.dimensions.isEmpty
    case .sizes(_, let single): isScalar = single
    default: isScalar = false
    }
    switch value {
    case .zeros(let sizes):
      guard var sizes, !sizes.isEmpty else { return .zeros(nil) }
      let place = try axis(node, sizes.count)
      if isScalar { sizes.remove(at: place) } else { sizes[place] = .known(indices.count) }
      return .zeros(sizes)
    case .sizes(let sizes, false), .sizes(let sizes, true):
      return try gatheredSizes(node, sizes, indices, isScalar)
    case .constant(let tensor):
      guard case .integers(let numbers) = tensor.numbers, tensor.dimensions.count == 1,
        numbers.count <= Self.maximumSizes
      else { throw failure(node, "parts of a constant that is no list of sizes") }
      return try gatheredSizes(node, numbers.map { .known($0) }, indices, isScalar)
    case .signal(let signal):
      return .signal(try gathered(node, signal, indices, isScalar))
    case .lengths: throw failure(node, "sequence lengths")
    case .unusable(let reason): throw failure(node, reason)
    }
  }

  private func gatheredSizes(
    _ node: ONNXNode, _ sizes: [Extent], _ indices: [Int], _ isScalar: Bool
  ) throws(ONNXExchangeError) -> GraphValue {
    var result: [Extent] = []
    for index in indices.prefix(Self.maximumSizes) {
      let place = index < 0 ? index + sizes.count : index
      guard sizes.indices.contains(place) else {
        throw failure(node, "index \(index) of \(sizes.count) sizes")
      }
      result.append(sizes[place])
    }
    return .sizes(result, isScalar: isScalar)
  }

  private mutating func gathered(
    _ node: ONNXNode, _ signal: Signal, _ indices: [Int], _ isScalar: Bool
  ) throws(ONNXExchangeError) -> Signal {
    var result = signal
    let place = try axis(node, signal.axes.count)
    switch signal.axes[place] {
    case .stack:
      guard case .lanes(let lanes) = signal.content else { break }
      var chosen: [Lane] = []
      for index in indices.prefix(Self.maximumSizes) {
        let lane = index < 0 ? index + lanes.count : index
        guard lanes.indices.contains(lane) else {
          throw failure(node, "index \(index) of \(lanes.count)")
        }
        chosen.append(lanes[lane])
      }
      guard !chosen.isEmpty else { break }
      result.content = .lanes(chosen)
      if isScalar { result.axes.remove(at: place) }
      return result
    case .unit:
      guard indices == [0] || indices == [-1] else { break }
      if isScalar { result.axes.remove(at: place) }
      return result
    case .input(let axis):
      guard indices.count == 1 else { break }
      result = try step(node, signal, axis: axis, at: place, index: indices[0])
      if isScalar { result.axes.remove(at: place) }
      return result
    case .features: break
    }
    throw failure(node, "it picks out parts of axis \(place)")
  }

  /// One timestep, whose axis is left with size 1: it must be the one read last.
  mutating func step(
    _ node: ONNXNode, _ signal: Signal, axis: Int, at place: Int, index: Int
  ) throws(ONNXExchangeError) -> Signal {
    let size = inputSizes[axis]
    let isLast = index == -1 || size.map { index == $0 - 1 } ?? false
    let isFirst = index == 0 || size.map { index == -$0 } ?? false
    guard axis == timeAxis, case .lanes(let lanes) = signal.content, isLast || isFirst else {
      throw failure(
        node, "it takes out part \(index) of an axis; only a recurrent layer's last output is read")
    }
    var result = signal
    var steps: [Lane] = []
    for lane in lanes {
      guard case .all(let isFlipped) = lane.steps, isFlipped ? isFirst : isLast else {
        throw failure(
          node,
          "it takes the output at timestep \(index), where the recurrent layer that reads the other "
            + "way has read a single timestep; no layer here does that (take the last state of "
            + "both directions, h_n in PyTorch)")
      }
      steps.append(Lane(recurrence: lane.recurrence, steps: .last))
    }
    result.content = .lanes(steps)
    result.axes[place] = .unit
    return result
  }
}
