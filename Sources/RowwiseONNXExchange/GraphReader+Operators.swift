import RowwiseLayers

extension GraphReader {
  /// The values of a node's outputs.
  ///
  /// - Throws: `ONNXExchangeError.notUnderstood` for a node of a kind that is not known, or that is
  ///   used in a way that no layer here has.
  mutating func outputs(of node: ONNXNode) throws(ONNXExchangeError) -> [GraphValue] {
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw failure(node, "an operator outside of the ONNX standard")
    }
    switch node.opType {
    case "LSTM", "GRU", "RNN": return try recurrent(node)
    case "Loop": return try loop(node)
    case "Less", "And": return [try condition(node)]
    case "Constant": return [try constant(node)]
    case "Identity": return [try required(node, 0)]
    case "Dropout": return [try dropout(node)]
    case "Cast": return [try cast(node)]
    case "Shape": return [try shape(node)]
    case "ConstantOfShape", "Expand": return [try filled(node)]
    case "Mul", "Sub", "Div": return [try arithmetic(node)]
    case "Add": return [try add(node)]
    case "DequantizeLinear": return [try dequantized(node)]
    case "Transpose": return [try transposed(node)]
    case "Squeeze": return [try squeezed(node)]
    case "Unsqueeze": return [try unsqueezed(node)]
    case "Reshape", "Flatten": return [try reshaped(node)]
    case "Slice": return [try sliced(node)]
    case "ReverseSequence": return [try reversed(node)]
    case "Gather": return [try gathered(node)]
    case "ReduceMean", "ReduceMax": return [try pooled(node)]
    case "Concat": return [try concatenated(node)]
    case "MatMul", "Gemm": return [try dense(node)]
    case "Relu", "Tanh", "Sigmoid", "Softmax", "LogSoftmax": return [try activated(node)]
    case "Scan":
      throw failure(node, "read only in files that rowwise has exported and nobody has changed")
    default:
      throw failure(node, "no layer here is computed with this operator")
    }
  }

  private mutating func constant(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    for attribute in node.attribute {
      switch attribute.name {
      case "value": return .constant(try TensorValues(attribute.t))
      case "value_int":
        return .constant(TensorValues(dimensions: [], numbers: .integers([Int(attribute.i)])))
      case "value_ints":
        let numbers = attribute.ints.map { Int($0) }
        return .constant(TensorValues(dimensions: [numbers.count], numbers: .integers(numbers)))
      case "value_float":
        return .constant(TensorValues(dimensions: [], numbers: .floats([attribute.f])))
      case "value_floats":
        return .constant(
          TensorValues(
            dimensions: [attribute.floats.count], numbers: .floats(attribute.floats)))
      default: continue
      }
    }
    throw failure(node, "its value is not of numbers")
  }

  private mutating func dropout(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    if let mode = try integers(node, 2), mode != [0] {
      throw failure(node, "it is exported in training mode")
    }
    return try required(node, 0)
  }

  private mutating func cast(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let value = try required(node, 0)
    let type = node.attribute.first { $0.name == "to" }.map { Int32(truncatingIfNeeded: $0.i) }
    switch (value, type.flatMap { ElementType(rawValue: $0) }) {
    case (.signal, .float?), (.zeros, .float?): return value
    case (.sizes, .int32?), (.sizes, .int64?): return value
    case (.constant(let tensor), let type?):
      switch (tensor.numbers, type) {
      case (.floats, .float), (.integers, .int32), (.integers, .int64): return value
      case (.integers(let numbers), .float):
        try spend(numbers.count, on: node)
        return .constant(
          TensorValues(
            dimensions: tensor.dimensions, numbers: .floats(numbers.map { Float($0) })))
      default: break
      }
    default: break
    }
    throw failure(node, "a conversion to ONNX's type \(type ?? 0)")
  }

  private mutating func shape(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    let sizes: [Extent]
    switch try required(node, 0) {
    case .signal(let signal): sizes = signal.axes.map { extent(of: $0, in: signal) }
    case .constant(let tensor): sizes = tensor.dimensions.map { .known($0) }
    case .sizes(let list, let isScalar): sizes = isScalar ? [] : [.known(list.count)]
    case .zeros, .lengths, .unusable: throw failure(node, "the shape of a state")
    }
    let start = place(Int(node.attribute.first { $0.name == "start" }?.i ?? 0), of: sizes.count)
    let end = place(
      node.attribute.first { $0.name == "end" }.map { Int($0.i) } ?? sizes.count,
      of: sizes.count)
    return .sizes(start < end ? Array(sizes[start..<end]) : [], isScalar: false)
  }

  /// A place counted from the end where negative, within 0 ... count.
  func place(_ index: Int, of count: Int) -> Int {
    index < 0 ? max(0, index + count) : min(index, count)
  }

  /// The size of a signal's axis.
  func extent(of axis: SignalAxis, in signal: Signal) -> Extent {
    switch axis {
    case .input(let place): extent(ofInput: place)
    case .unit: .known(1)
    case .stack:
      if case .lanes(let lanes) = signal.content { .known(lanes.count) } else { .known(1) }
    case .features: .known(width(of: signal))
    }
  }

  /// The size of one of the input's axes.
  func extent(ofInput axis: Int) -> Extent {
    inputSizes[axis].map { .known($0) } ?? .axis(axis)
  }

  private func width(of signal: Signal) -> Int {
    switch signal.content {
    case .chain(let chain, _): chain.width
    case .lanes(let lanes):
      signal.axes.contains(.stack)
        ? recurrences[lanes[0].recurrence].units
        : lanes.reduce(0) { $0 + recurrences[$1.recurrence].units }
    }
  }

  /// States that begin as zeros, or one length for all pictures.
  private mutating func filled(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    if node.opType == "Expand" {
      let value = try required(node, 0)
      if Self.isZero(value) {
        return .zeros(Self.expanded(Self.sizes(ofZeros: value), to: try sizeList(node, 1)))
      }
      switch value {
      case .sizes(let sizes, _) where sizes.count == 1: return .lengths(sizes[0])
      default: throw failure(node, "it repeats something other than zeros or one size")
      }
    }
    let sizes = try sizeList(node, 0)
    guard let tensor = node.attribute.first(where: { $0.name == "value" })?.t else {
      return .zeros(sizes)
    }
    guard Self.isZero(try TensorValues(tensor)) else {
      throw failure(node, "it makes something other than zeros of type float")
    }
    return .zeros(sizes)
  }

  /// An input that is a list of sizes; nil where it is something else.
  private mutating func sizeList(
    _ node: ONNXNode, _ index: Int
  ) throws(ONNXExchangeError) -> [Extent]? {
    guard index < node.input.count else { return nil }
    return Self.list(of: try required(node, index))
  }

  /// Zeros of the sizes that they are repeated to: an axis of 1 is, and so is one that was not there.
  private static func expanded(_ sizes: [Extent]?, to target: [Extent]?) -> [Extent]? {
    guard let sizes, let target else { return nil }
    let rank = max(sizes.count, target.count)
    func padded(_ list: [Extent]) -> [Extent] {
      [Extent](repeating: .known(1), count: rank - list.count) + list
    }
    return zip(padded(sizes), padded(target)).map { $1 == .known(1) ? $0 : $1 }
  }

  /// Sizes of zeros, computed or constant, as far as they are known.
  static func sizes(ofZeros value: GraphValue) -> [Extent]? {
    switch value {
    case .zeros(let sizes): sizes
    case .constant(let tensor): tensor.dimensions.map { .known($0) }
    default: nil
    }
  }

  /// Whether it is a state of zeros, computed or constant.
  static func isZero(_ value: GraphValue) -> Bool {
    switch value {
    case .zeros: true
    case .constant(let tensor): isZero(tensor)
    default: false
    }
  }

  static func isZero(_ tensor: TensorValues) -> Bool {
    guard case .floats(let values) = tensor.numbers else { return false }
    return values.allSatisfy { $0 == 0 }
  }

  /// Products, differences and quotients of known sizes.
  private mutating func arithmetic(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    guard let first = try? integers(node, 0), let second = try? integers(node, 1),
      first.count == 1, second.count == 1
    else { throw failure(node, "no layer here is computed with this operator") }
    let (result, overflow) =
      switch node.opType {
      case "Mul": first[0].multipliedReportingOverflow(by: second[0])
      case "Div": first[0].dividedReportingOverflow(by: second[0])
      default: first[0].subtractingReportingOverflow(second[0])
      }
    guard !overflow else { throw failure(node, "a size that is out of range") }
    let operands = [try required(node, 0), try required(node, 1)]
    return .sizes([.known(result)], isScalar: operands.allSatisfy { isScalar($0) })
  }

  private func isScalar(_ value: GraphValue) -> Bool {
    switch value {
    case .constant(let tensor): tensor.dimensions.isEmpty
    case .sizes(_, let isScalar): isScalar
    default: false
    }
  }

  /// Whole numbers with a scale: [rows, columns] with one for each row or column, or any shape
  /// with a single one.
  private mutating func dequantized(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    guard case .constant(let stored) = try required(node, 0),
      case .integers(let numbers) = stored.numbers,
      case .constant(let scale) = try required(node, 1), case .floats(let scales) = scale.numbers
    else { throw failure(node, "only constant weights are read from whole numbers") }
    let zeros = try integers(node, 2) ?? [0]
    let rank = stored.dimensions.count
    let attribute = node.attribute.first { $0.name == "axis" }.map { Int($0.i) } ?? 1
    let axis = attribute < 0 ? attribute + rank : attribute
    let channels = scales.count == 1 ? 1 : (0..<rank).contains(axis) ? stored.dimensions[axis] : 0
    guard !scales.isEmpty, scales.count == channels, zeros.count == 1 || zeros.count == channels
    else {
      throw failure(node, "\(scales.count) scales and \(zeros.count) zero points do not fit")
    }
    let inner =
      scales.count == 1 ? 1 : stored.dimensions[(axis + 1)...].reduce(1, *)
    try spend(numbers.count, on: node)
    let values = numbers.enumerated().map { index, number in
      let channel = scales.count == 1 ? 0 : index / inner % channels
      // As floats: a difference of any two integers might not be one.
      return (Float(number) - Float(zeros[zeros.count == 1 ? 0 : channel])) * scales[channel]
    }
    return .constant(TensorValues(dimensions: stored.dimensions, numbers: .floats(values)))
  }
}
