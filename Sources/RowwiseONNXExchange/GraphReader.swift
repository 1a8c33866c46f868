import RowwiseLayers

/// Reads a graph node by node and finds the layers that it computes.
///
/// Every value is followed with what its axes mean, so that layers are recognized by what they do,
/// not by patterns of one exporter. A node that is not known for sure ends the reading with an error
/// that names it.
struct GraphReader {
  /// The most layers that are read.
  static let maximumLayers = 256
  /// The most sizes in a list.
  static let maximumSizes = 4096

  private let initializers: [String: ONNXTensor]
  private var values: [String: GraphValue] = [:]
  private(set) var recurrences: [Recurrence] = []
  /// Sizes of the input's axes that are fixed.
  private(set) var inputSizes: [Int?] = []
  /// Width of one timestep.
  private var inputWidth = 0
  /// The input's axis that is time, once a recurrent layer has told.
  private(set) var timeAxis: Int?
  /// What was understood, but is worth saying.
  private(set) var notes: [String] = []
  /// Numbers that may still be allocated for folded constants.
  private var foldingBudget: Int
  private var lastIdentity = 0

  /// The layers with their arrays, and the number of timesteps where it is fixed.
  struct Result {
    var chain: ReadChain
    /// Width of the input.
    var features: Int
    var timesteps: Int?
    var notes: [String]
  }

  /// Reads a graph.
  ///
  /// - Parameters:
  ///   - graph: as the file has it.
  ///   - byteCount: of the file; folded constants may take a few times as much.
  /// - Throws: `ONNXExchangeError`.
  static func read(_ graph: ONNXGraph, byteCount: Int) throws(ONNXExchangeError) -> Result {
    var reader = GraphReader(graph, byteCount: byteCount)
    return try reader.read(graph)
  }

  private init(_ graph: ONNXGraph, byteCount: Int) {
    initializers = Dictionary(graph.initializer.map { ($0.name, $0) }) { first, _ in first }
    // In weights that are cut, joined, turned and given to a layer every number is made a few times.
    foldingBudget = 4 * byteCount + (1 << 20)
  }

  private mutating func read(_ graph: ONNXGraph) throws(ONNXExchangeError) -> Result {
    guard graph.output.count == 1 else {
      throw .invalidGraph(
        reason: "it has \(graph.output.count) outputs; expected one, the classes' probabilities")
    }
    try takeInput(of: graph)
    let needed = Self.needed(graph)
    for node in graph.node where node.output.contains(where: { needed.contains($0) }) {
      for (name, value) in zip(node.output, try outputs(of: node)) where !name.isEmpty {
        values[name] = value
      }
    }
    return try result(named: graph.output[0].name)
  }

  /// Names of all values that the output depends on.
  private static func needed(_ graph: ONNXGraph) -> Set<String> {
    var needed = Set(graph.output.map(\.name))
    for node in graph.node.reversed() where node.output.contains(where: { needed.contains($0) }) {
      needed.formUnion(node.input)
      // The bodies of loops read what is around them.
      for attribute in node.attribute where attribute.hasG {
        for inner in attribute.g.node { needed.formUnion(inner.input) }
      }
    }
    return needed
  }

  /// The input is [batch, timesteps, features], or [timesteps, batch, features], or one of four
  /// axes with a single channel.
  private mutating func takeInput(of graph: ONNXGraph) throws(ONNXExchangeError) {
    let inputs = graph.input.filter { initializers[$0.name] == nil }
    guard inputs.count == 1 else {
      throw .invalidGraph(reason: "it has \(inputs.count) inputs; expected one")
    }
    let dimensions = inputs[0].type.tensorType.shape.dim.map { dimension -> Int? in
      if case .dimValue(let size) = dimension.value, size > 0 { Int(size) } else { nil }
    }
    var axes: [SignalAxis] = dimensions.indices.map { .input($0) }
    switch dimensions.count {
    case 3: axes[2] = .features
    case 4 where dimensions[1] == 1: (axes[1], axes[3]) = (.unit, .features)
    case 4 where dimensions[3] == 1: (axes[3], axes[2]) = (.unit, .features)
    default:
      throw .invalidGraph(
        reason: "its input has the shape [\(Self.text(dimensions))]; expected [batch, timesteps, "
          + "features], or pictures with a single channel")
    }
    guard let place = axes.firstIndex(of: .features), let width = dimensions[place], width > 0,
      width <= 1 << 24
    else {
      throw .invalidGraph(
        reason: "its input has the shape [\(Self.text(dimensions))], in which the number of "
          + "features is not fixed")
    }
    guard inputs[0].type.tensorType.elemType == ElementType.float.rawValue else {
      throw .invalidGraph(reason: "its input is not of 32-bit floats")
    }
    inputSizes = dimensions
    inputWidth = width
    values[inputs[0].name] = .signal(
      Signal(axes: axes, content: .chain(ReadChain(width: width), isFlipped: false)))
  }

  private static func text(_ dimensions: [Int?]) -> String {
    dimensions.prefix(8).map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
  }

  private func result(named name: String) throws(ONNXExchangeError) -> Result {
    guard case .signal(let signal) = values[name] else {
      throw .invalidGraph(reason: "its output does not depend on its input")
    }
    guard case .chain(var chain, _) = signal.content, signal.axes.count == 2,
      signal.axes[1] == .features, let last = chain.layers.last,
      case .dense(var dense) = last.specification
    else { throw .invalidGraph(reason: "it does not end in a dense layer with softmax") }
    var notes = notes
    if dense.activation == .linear {
      dense.activation = .softmax
      chain.layers[chain.layers.count - 1].specification = .dense(dense)
      notes.append("the graph ends in logits; here the output layer has softmax")
    }
    guard dense.activation == .softmax else {
      throw .invalidGraph(
        reason: "its last layer has \(dense.activation.rawValue) activation; expected softmax")
    }
    return Result(
      chain: chain, features: inputWidth, timesteps: timeAxis.flatMap { inputSizes[$0] },
      notes: notes)
  }

  // MARK: For the operators

  /// The value of a node's input; nil where the node goes without.
  mutating func value(_ node: ONNXNode, _ index: Int) throws(ONNXExchangeError) -> GraphValue? {
    guard index < node.input.count, !node.input[index].isEmpty else { return nil }
    let name = node.input[index]
    if let value = values[name] {
      if case .unusable(let reason) = value { throw failure(node, reason) }
      return value
    }
    guard let tensor = initializers[name] else {
      throw failure(
        node, "its input \"\(name.prefix(80))\" is not computed by any node before it")
    }
    let value = GraphValue.constant(try TensorValues(tensor))
    values[name] = value
    return value
  }

  /// A value that was computed; nil where none has this name.
  func value(named name: String) -> GraphValue? { values[name] }

  /// The value of an input that must be there.
  mutating func required(_ node: ONNXNode, _ index: Int) throws(ONNXExchangeError) -> GraphValue {
    guard let value = try value(node, index) else {
      throw failure(node, "its input \(index) is missing")
    }
    return value
  }

  /// A constant input's numbers; nil where there is no such input.
  mutating func integers(_ node: ONNXNode, _ index: Int) throws(ONNXExchangeError) -> [Int]? {
    switch try value(node, index) {
    case nil: return nil
    case .constant(let tensor)?:
      guard case .integers(let numbers) = tensor.numbers else { break }
      return numbers
    case .sizes(let sizes, _)?:
      var numbers: [Int] = []
      for case .known(let size) in sizes { numbers.append(size) }
      guard numbers.count == sizes.count else { break }
      return numbers
    default: break
    }
    throw failure(node, "its input \(index) is not constant")
  }

  /// The error that names a node.
  func failure(_ node: ONNXNode, _ reason: String) -> ONNXExchangeError {
    .notUnderstood(
      node: node.name.isEmpty ? node.output.first { !$0.isEmpty } ?? "" : node.name,
      type: (node.domain.isEmpty ? "" : "\(node.domain).") + node.opType, reason: reason)
  }

  /// Notes down that something as large as that many numbers was made: a small file must not make
  /// much.
  mutating func spend(_ count: Int, on node: ONNXNode) throws(ONNXExchangeError) {
    foldingBudget -= count
    guard foldingBudget >= 0 else {
      throw failure(node, "the graph makes more of its constants than it holds")
    }
  }

  mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  /// Tells that an axis of the input is time.
  mutating func setTimeAxis(_ axis: Int, at node: ONNXNode) throws(ONNXExchangeError) {
    guard timeAxis ?? axis == axis else {
      throw failure(node, "it reads along another axis than the recurrent layers before it")
    }
    timeAxis = axis
  }

  mutating func append(_ recurrence: Recurrence) -> Int {
    recurrences.append(recurrence)
    return recurrences.count - 1
  }

  /// A chain with one more layer.
  mutating func chain(
    _ chain: ReadChain, adding layer: ReadLayer, width: Int, at node: ONNXNode
  ) throws(ONNXExchangeError) -> ReadChain {
    guard chain.layers.count < Self.maximumLayers else {
      throw failure(node, "more than \(Self.maximumLayers) layers")
    }
    guard !chain.isLogarithm else { throw failure(node, "it follows a logarithm") }
    try spend(8 * chain.layers.count, on: node)
    lastIdentity += 1
    return ReadChain(layers: chain.layers + [layer], width: width, identity: lastIdentity)
  }
}
