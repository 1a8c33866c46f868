extension GraphReader {
  mutating func sliced(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let value = try required(node, 0)
    guard let starts = try list(node, "starts", 1), let ends = try list(node, "ends", 2) else {
      throw failure(node, "it does not say where it begins and ends")
    }
    let axes = try list(node, "axes", 3) ?? Array(starts.indices)
    let steps = try list(node, "steps", 4) ?? [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count
    else { throw failure(node, "its starts, ends, axes and steps are not equally many") }
    if case .zeros(let sizes) = value {
      return .zeros(sizes.flatMap { cut($0, starts, ends, axes, steps) })
    }
    if let sizes = Self.list(of: value) {
      guard axes == [0], steps == [1] else {
        throw failure(node, "every second of a list of sizes")
      }
      let first = place(starts[0], of: sizes.count)
      let end = place(ends[0], of: sizes.count)
      return .sizes(first < end ? Array(sizes[first..<end]) : [], isScalar: false)
    }
    if case .constant(let tensor) = value {
      return .constant(try part(node, tensor, starts, ends, axes, steps))
    }
    guard case .signal(var signal) = value else { throw failure(node, "a part of a constant") }
    for index in starts.indices {
      let axis = axes[index] < 0 ? axes[index] + signal.axes.count : axes[index]
      guard signal.axes.indices.contains(axis) else {
        throw failure(node, "axis \(axes[index]) of \(signal.axes.count)")
      }
      signal = try sliced(
        node, signal, axis: axis, start: starts[index], end: ends[index], step: steps[index])
    }
    return .signal(signal)
  }

  /// A part of constant weights.
  private mutating func part(
    _ node: ONNXNode, _ tensor: TensorValues, _ starts: [Int], _ ends: [Int], _ axes: [Int],
    _ steps: [Int]
  ) throws(ONNXExchangeError) -> TensorValues {
    var result = tensor
    for index in starts.indices {
      let rank = result.dimensions.count
      let axis = axes[index] < 0 ? axes[index] + rank : axes[index]
      guard steps[index] == 1, result.dimensions.indices.contains(axis),
        let cut = result.part(
          ofAxis: axis, from: place(starts[index], of: result.dimensions[axis]),
          to: place(ends[index], of: result.dimensions[axis]))
      else { throw failure(node, "a part of a constant") }
      try spend(cut.count, on: node)
      result = cut
    }
    return result
  }

  /// Sizes of a part of zeros; nil where they do not follow.
  private func cut(
    _ sizes: [Extent], _ starts: [Int], _ ends: [Int], _ axes: [Int], _ steps: [Int]
  ) -> [Extent]? {
    var result = sizes
    for index in starts.indices {
      let axis = axes[index] < 0 ? axes[index] + sizes.count : axes[index]
      guard steps[index] == 1, sizes.indices.contains(axis), case .known(let size) = sizes[axis]
      else { return nil }
      let first = place(starts[index], of: size)
      result[axis] = .known(max(0, place(ends[index], of: size) - first))
    }
    return result
  }

  static func list(of value: GraphValue) -> [Extent]? {
    switch value {
    case .sizes(let sizes, false): return sizes
    case .constant(let tensor):
      guard case .integers(let numbers) = tensor.numbers, tensor.dimensions.count == 1,
        numbers.count <= maximumSizes
      else { return nil }
      return numbers.map { .known($0) }
    default: return nil
    }
  }

  private mutating func sliced(
    _ node: ONNXNode, _ signal: Signal, axis: Int, start: Int, end: Int, step: Int
  ) throws(ONNXExchangeError) -> Signal {
    // Exporters write the end of an axis of unknown size as the largest number of 32 or 64 bits.
    let beyond = Int(Int32.max)
    var size: Int?
    if case .known(let known) = extent(of: signal.axes[axis], in: signal) { size = known }
    let reachesEnd = end >= size ?? beyond
    if step == 1, start == 0 || size.map({ start <= -$0 }) ?? false, reachesEnd { return signal }
    switch signal.axes[axis] {
    case .input(let input):
      // −size as an end stands for the first element, which is then left out.
      let isWhole = size.map { end < -$0 } ?? (end <= -beyond)
      if step == -1, start == -1 || start >= (size ?? beyond) - 1, isWhole {
        return try flipped(node, signal, input)
      }
      guard step == 1 else { break }
      let first = start < 0 && size != nil ? start + (size ?? 0) : start
      if let size, first == size - 1, reachesEnd {
        return try self.step(node, signal, axis: input, at: axis, index: -1)
      }
      if start == -1, reachesEnd {
        return try self.step(node, signal, axis: input, at: axis, index: -1)
      }
      if first == 0, end == 1 {
        return try self.step(node, signal, axis: input, at: axis, index: 0)
      }
    case .stack:
      guard case .lanes(let lanes) = signal.content, step == 1 else { break }
      let first = place(start, of: lanes.count)
      let last = place(end, of: lanes.count)
      guard first < last else { break }
      var result = signal
      result.content = .lanes(Array(lanes[first..<last]))
      return result
    case .features, .unit: break
    }
    throw failure(node, "it cuts axis \(axis) from \(start) to \(end) in steps of \(step)")
  }

  /// Time turned around for whole sequences, as tf2onnx writes Keras's `go_backwards`.
  mutating func reversed(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    guard case .signal(let signal) = try required(node, 0),
      case .lengths(let length) = try required(node, 1)
    else { throw failure(node, "it turns around something other than whole sequences") }
    let axis = node.attribute.first { $0.name == "time_axis" }.map { Int($0.i) } ?? 0
    guard signal.axes.indices.contains(axis), case .input(let time) = signal.axes[axis],
      extent(of: signal.axes[axis], in: signal) == length
    else { throw failure(node, "it turns around something other than whole sequences") }
    return .signal(try flipped(node, signal, time))
  }

  /// Time turned around.
  private mutating func flipped(
    _ node: ONNXNode, _ signal: Signal, _ axis: Int
  ) throws(ONNXExchangeError) -> Signal {
    try setTimeAxis(axis, at: node)
    var result = signal
    switch signal.content {
    case .chain(let chain, let isFlipped):
      result.content = .chain(chain, isFlipped: !isFlipped)
    case .lanes(let lanes):
      var turned: [Lane] = []
      for var lane in lanes {
        if case .all(let isFlipped) = lane.steps { lane.steps = .all(isFlipped: !isFlipped) }
        turned.append(lane)
      }
      result.content = .lanes(turned)
    }
    return result
  }
}
