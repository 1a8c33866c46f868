extension NetworkGraph {
  /// One Scan for each direction, for cells that no operator has.
  ///
  /// - Parameters:
  ///   - units: hidden size of one direction.
  ///   - scan: adds one direction with the parameters of this prefix.
  /// - Returns: name of h at all timesteps, in the order of time, or of the last h.
  mutating func addScans(
    _ place: RecurrentPlace,
    _ scan: (inout NetworkGraph, _ prefix: String, _ isReverse: Bool) -> ScanValues
  ) -> String {
    let values = place.prefixes.enumerated().map { index, prefix in
      let h = scan(&self, prefix, index == 1 || place.isBackwards)
      return place.returnSequences ? h.sequence : h.last
    }
    guard values.count == 2 else { return values[0] }
    return builder.add(
      "Concat", values, to: "\(place.name)/h",
      attributes: [.int("axis", place.returnSequences ? 2 : 1)])
  }

  /// x W for all timesteps at once.
  mutating func addProduct(_ prefix: String, _ flow: Flow) -> String {
    builder.add(
      "MatMul", [flow.value, ownWeight("\(prefix).input_weight")], to: "\(prefix)/xW")
  }

  /// A state before the first timestep, [batch, units]: zeros, or what was learned.
  ///
  /// - Parameter value: has the batch as its second axis.
  mutating func addState(
    _ prefix: String, _ state: String, units: Int, learned: String?, like value: String
  ) -> String {
    let name = "\(prefix)/\(state)"
    builder.add(
      "Shape", [value], to: "\(name)/batch", attributes: [.int("start", 1), .int("end", 2)])
    let shape = builder.add(
      "Concat", ["\(name)/batch", builder.integers("\(name)/units", [units])],
      to: "\(name)/shape", attributes: [.int("axis", 0)])
    guard let learned else {
      return builder.add(
        "ConstantOfShape", [shape], to: "\(name)/zero", attributes: [.zero("value")])
    }
    return builder.add(
      "Expand", [ownWeight("\(prefix).\(learned)"), shape], to: "\(name)/first")
  }

  /// Adds the loop.
  ///
  /// - Parameters:
  ///   - states: names of the states before the first timestep, h first.
  ///   - sums: name of what is read, [timesteps, batch, columns].
  mutating func addScan(
    _ prefix: String, _ step: StepGraph, states: [String], sums: String, isReverse: Bool
  ) -> ScanValues {
    var attributes: [ONNXAttribute] = [
      .graph("body", step.graph), .int("num_scan_inputs", 1),
    ]
    if isReverse {
      attributes += [.ints("scan_input_directions", [1]), .ints("scan_output_directions", [1])]
    }
    let (h, c, sequence) = ("\(prefix)/h", "\(prefix)/c", "\(prefix)/sequence")
    if states.count == 2 {
      builder.add("Scan", states + [sums], to: h, c, sequence, attributes: attributes)
    } else {
      builder.add("Scan", states + [sums], to: h, sequence, attributes: attributes)
    }
    return ScanValues(sequence: sequence, last: h)
  }
}

/// What comes out of a loop over the timesteps.
struct ScanValues {
  /// h at all timesteps [T, N, H], in the order of time.
  var sequence: String
  /// The last h [N, H].
  var last: String
}

/// The body of a loop over timesteps: one step of a cell.
struct StepGraph {
  /// A value inside the body by the rest of its name, or one of the graph around it.
  enum Value: ExpressibleByStringLiteral {
    case inner(String)
    case outer(String)

    init(stringLiteral value: String) { self = .inner(value) }
  }

  private var builder = GraphBuilder(storage: .float32)
  private let prefix: String
  private let units: Int
  private let hasCellState: Bool
  private var count = 0

  /// The inputs are the states h and, if there is one, c, and the step's sums x.
  init(_ prefix: String, units: Int, columns: Int, hasCellState: Bool) {
    self.prefix = "\(prefix)/step"
    self.units = units
    self.hasCellState = hasCellState
    builder.name(self.prefix)
    builder.input(name("h"), .float, [.named("batch"), .fixed(units)])
    if hasCellState { builder.input(name("c"), .float, [.named("batch"), .fixed(units)]) }
    builder.input(name("x"), .float, [.named("batch"), .fixed(columns)])
  }

  var graph: ONNXGraph { builder.graph }

  private func name(_ part: String) -> String { "\(prefix)/\(part)" }

  private func name(_ value: Value) -> String {
    switch value {
    case .inner(let part): name(part)
    case .outer(let name): name
    }
  }

  /// Adds a node with one output.
  mutating func add(
    _ type: String, _ inputs: [Value], to output: String, attributes: [ONNXAttribute] = []
  ) -> Value {
    builder.add(type, inputs.map { name($0) }, to: name(output), attributes: attributes)
    return .inner(output)
  }

  private mutating func addNumbered(_ type: String, _ inputs: [Value]) -> Value {
    count += 1
    return add(type, inputs, to: "\(type.lowercased())\(count)")
  }

  /// Columns of a value, as many equal parts as names.
  mutating func split(_ value: Value, _ names: [String]) -> [Value] {
    builder.add(
      "Split", [name(value)], outputs: names.map { name($0) }, attributes: [.int("axis", 1)])
    return names.map { .inner($0) }
  }

  /// x + h R.
  mutating func addRecurrent(_ weight: String) -> Value {
    sum("x", add("MatMul", ["h", .outer(weight)], to: "hR"))
  }

  mutating func sum(_ first: Value, _ second: Value) -> Value {
    addNumbered("Add", [first, second])
  }

  mutating func product(_ first: Value, _ second: Value) -> Value {
    addNumbered("Mul", [first, second])
  }

  mutating func difference(_ first: Value, _ second: Value) -> Value {
    addNumbered("Sub", [first, second])
  }

  mutating func quotient(_ first: Value, _ second: Value) -> Value {
    addNumbered("Div", [first, second])
  }

  /// An element-wise function.
  mutating func squash(_ type: String, _ value: Value) -> Value {
    addNumbered(type, [value])
  }

  /// f ⊙ c + i ⊙ g.
  mutating func remembered(f: Value, i: Value, g: Value) -> Value {
    sum(product(f, "c"), product(i, g))
  }

  /// Says what the states become; the step's output is h.
  mutating func finish(h: Value, c: Value?) {
    let states = [h] + (c.map { [$0] } ?? [])
    for (state, part) in zip(states, ["h'", "c'"]) {
      builder.add("Identity", [name(state)], to: name(part))
    }
    builder.add("Identity", [name(h)], to: name("y"))
    for part in hasCellState ? ["h'", "c'", "y"] : ["h'", "y"] {
      builder.output(name(part), .float, [.named("batch"), .fixed(units)])
    }
  }
}
