extension GraphReader {
  /// New axes from old ones in the same order: axes of size 1 come and go, and lanes on top of each
  /// other may come side by side.
  mutating func reshaped(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let value = try required(node, 0)
    // What the sizes become is of no interest to any exporter's graph of ours.
    if case .zeros = value { return .zeros(nil) }
    if case .signal(let signal) = value {
      return .signal(try reshaped(node, signal, to: try target(node, signal)))
    }
    guard node.opType == "Reshape", let shape = try integers(node, 1) else {
      throw failure(node, "the shape of something other than layers' outputs")
    }
    switch value {
    case .sizes(let sizes, _):
      guard sizes.count == 1, shape == [-1] || shape == [1] || shape.isEmpty else { break }
      return .sizes(sizes, isScalar: shape.isEmpty)
    case .constant(var tensor):
      guard tensor.count > 0, let dimensions = Self.resolved(shape, tensor) else { break }
      tensor.dimensions = dimensions
      return .constant(tensor)
    default: break
    }
    throw failure(node, "the shape \(shape.prefix(8)) does not fit")
  }

  /// A constant's new sizes; nil where they do not fit.
  private static func resolved(_ shape: [Int], _ tensor: TensorValues) -> [Int]? {
    var result: [Int] = []
    var product = 1
    for (index, size) in shape.enumerated() {
      guard shape.count <= 8, size >= -1 else { return nil }
      let known = size == 0 && index < tensor.dimensions.count ? tensor.dimensions[index] : size
      result.append(known)
      guard known != -1 else { continue }
      let (next, overflow) = product.multipliedReportingOverflow(by: known)
      guard !overflow else { return nil }
      product = next
    }
    if let free = result.firstIndex(of: -1) {
      guard product > 0, tensor.count % product == 0, !result[(free + 1)...].contains(-1) else {
        return nil
      }
      result[free] = tensor.count / product
      product *= result[free]
    }
    return product == tensor.count ? result : nil
  }

  /// The sizes that are asked for; nil stands for the one that follows from the others.
  private mutating func target(
    _ node: ONNXNode, _ signal: Signal
  ) throws(ONNXExchangeError) -> [Extent?] {
    let extents = signal.axes.map { extent(of: $0, in: signal) }
    if node.opType == "Flatten" {
      let axis = node.attribute.first { $0.name == "axis" }.map { Int($0.i) } ?? 1
      guard axis == 1, let batch = extents.first else { throw failure(node, "axis \(axis)") }
      return [batch, nil]
    }
    let sizes: [Extent]
    switch try required(node, 1) {
    case .sizes(let list, _): sizes = list
    case .constant(let tensor):
      guard case .integers(let numbers) = tensor.numbers, numbers.count <= 8 else {
        throw failure(node, "its shape is no list of sizes")
      }
      sizes = numbers.map { .known($0) }
    default: throw failure(node, "its shape is no list of sizes")
    }
    return sizes.enumerated().map { index, size in
      switch size {
      case .known(-1): nil
      case .known(0): index < extents.count ? extents[index] : size
      default: size
      }
    }
  }

  private mutating func reshaped(
    _ node: ONNXNode, _ signal: Signal, to target: [Extent?]
  ) throws(ONNXExchangeError) -> Signal {
    if let flat = try flattened(node, signal, to: target) { return flat }
    var result = signal
    result.axes = []
    var rest = signal.axes[...]
    for (index, size) in target.enumerated() {
      // Axes of size 1 that nobody asks for go; the last ones stay for a size that follows.
      while rest.first == .unit, size != .known(1), rest.count > 1 || size != nil {
        rest.removeFirst()
      }
      if size == .known(1), rest.first.map({ extent(of: $0, in: signal) }) != .known(1) {
        result.axes.append(.unit)
        continue
      }
      guard let axis = rest.popFirst() else { throw failure(node, "its shape has too many axes") }
      if axis == .stack, rest.first == .features {
        let joined = Signal(axes: [.features], content: signal.content)
        let open = rest.count { $0 != .unit } - (target.count - index - 1)
        if size == extent(of: .features, in: joined) || (size == nil && open > 0) {
          rest.removeFirst()
          result.axes.append(.features)
          continue
        }
      }
      guard size == nil || size == extent(of: axis, in: signal) else {
        throw failure(node, "its shape mixes batch, time and features")
      }
      result.axes.append(axis)
    }
    guard rest.allSatisfy({ $0 == .unit }) else {
      throw failure(node, "its shape mixes batch, time and features")
    }
    return result
  }

  /// [batch, timesteps, features] as [batch, timesteps · features]; nil where it is not that.
  private mutating func flattened(
    _ node: ONNXNode, _ signal: Signal, to target: [Extent?]
  ) throws(ONNXExchangeError) -> Signal? {
    let axes = signal.axes.filter { $0 != .unit }
    guard axes.count == 3, target.count == 2, case .input(let batch) = axes[0],
      case .input(let time) = axes[1], axes[2] == .features,
      target[0] == nil || target[0] == extent(of: axes[0], in: signal)
    else { return nil }
    guard case .known(let timesteps) = extent(of: axes[1], in: signal) else {
      throw failure(node, "it flattens timesteps whose number is not fixed")
    }
    try setTimeAxis(time, at: node)
    let (before, isFlipped) = try resolved(signal, at: node)
    let (width, overflow) = timesteps.multipliedReportingOverflow(by: before.width)
    guard !overflow, width <= 1 << 24, target[1] == nil || target[1] == .known(width), !isFlipped
    else { throw failure(node, "it flattens \(timesteps) timesteps in another way") }
    let layer = ReadLayer(specification: .flatten, arrays: [])
    let after = try chain(before, adding: layer, width: width, at: node)
    return Signal(axes: [.input(batch), .features], content: .chain(after, isFlipped: false))
  }
}
