import KernelInterface
import Layers
import WeightExchange

extension NetworkGraph {
  /// One Scan for each direction, for cells that no operator has.
  ///
  /// - Returns: name of h at all timesteps, in the order of time, or of the last h.
  mutating func addScans(_ layer: LSTM, _ place: RecurrentPlace, _ flow: Flow) -> String {
    let values = place.prefixes.enumerated().map { index, prefix in
      let h = addScan(
        layer, prefix: prefix, isReverse: index == 1 || place.isBackwards, flow)
      return place.returnSequences ? h.sequence : h.last
    }
    guard values.count == 2 else { return values[0] }
    return builder.add(
      "Concat", values, to: "\(place.name)/h",
      attributes: [.int("axis", place.returnSequences ? 2 : 1)])
  }

  /// The cell with full peepholes: x W + b for all timesteps at once, then one step after another.
  private mutating func addScan(
    _ layer: LSTM, prefix: String, isReverse: Bool, _ flow: Flow
  ) -> (sequence: String, last: String) {
    let units = layer.units
    let product = builder.add(
      "MatMul", [flow.value, ownWeight("\(prefix).input_weight")], to: "\(prefix)/xW")
    let sums = builder.add("Add", [product, ownWeight("\(prefix).bias")], to: "\(prefix)/xW+b")
    let zero = addZeroState(prefix, units: units, like: sums)
    let body = fullPeepholeBody(
      prefix, units: units, recurrent: ownWeight("\(prefix).recurrent_weight"),
      peephole: ownWeight("\(prefix).peephole_weight"))
    var attributes: [ONNXAttribute] = [.graph("body", body), .int("num_scan_inputs", 1)]
    if isReverse {
      attributes += [.ints("scan_input_directions", [1]), .ints("scan_output_directions", [1])]
    }
    builder.add(
      "Scan", [zero, zero, sums], to: "\(prefix)/h", "\(prefix)/c", "\(prefix)/sequence",
      attributes: attributes)
    return ("\(prefix)/sequence", "\(prefix)/h")
  }

  /// Zeros [batch, units], where `value` is [timesteps, batch, …].
  mutating func addZeroState(_ prefix: String, units: Int, like value: String) -> String {
    builder.add(
      "Shape", [value], to: "\(prefix)/batch", attributes: [.int("start", 1), .int("end", 2)])
    let shape = builder.add(
      "Concat", ["\(prefix)/batch", builder.integers("\(prefix)/units", [units])],
      to: "\(prefix)/state", attributes: [.int("axis", 0)])
    return builder.add(
      "ConstantOfShape", [shape], to: "\(prefix)/zero", attributes: [.zero("value")])
  }

  /// One step: i, f, o see c of the step before through full matrices.
  private func fullPeepholeBody(
    _ prefix: String, units: Int, recurrent: String, peephole: String
  ) -> ONNXGraph {
    var body = GraphBuilder(storage: .float32)
    body.name("\(prefix)/step")
    func name(_ part: String) -> String { "\(prefix)/step/\(part)" }
    body.input(name("h"), .float, [.named("batch"), .fixed(units)])
    body.input(name("c"), .float, [.named("batch"), .fixed(units)])
    body.input(name("xW+b"), .float, [.named("batch"), .fixed(4 * units)])
    body.add("MatMul", [name("h"), recurrent], to: name("hR"))
    body.add("Add", [name("xW+b"), name("hR")], to: name("sums"))
    body.add(
      "Split", [name("sums")], to: name("i1"), name("f1"), name("g1"), name("o1"),
      attributes: [.int("axis", 1)])
    body.add("MatMul", [name("c"), peephole], to: name("cP"))
    body.add(
      "Split", [name("cP")], to: name("i2"), name("f2"), name("o2"),
      attributes: [.int("axis", 1)])
    for gate in ["i", "f", "o"] {
      body.add("Add", [name("\(gate)1"), name("\(gate)2")], to: name("\(gate)3"))
      body.add("Sigmoid", [name("\(gate)3")], to: name(gate))
    }
    body.add("Tanh", [name("g1")], to: name("g"))
    body.add("Mul", [name("f"), name("c")], to: name("kept"))
    body.add("Mul", [name("i"), name("g")], to: name("new"))
    body.add("Add", [name("kept"), name("new")], to: name("c'"))
    body.add("Tanh", [name("c'")], to: name("squashed"))
    body.add("Mul", [name("o"), name("squashed")], to: name("h'"))
    body.add("Identity", [name("h'")], to: name("y"))
    for (part, width) in [("h'", units), ("c'", units), ("y", units)] {
      body.output(name(part), .float, [.named("batch"), .fixed(width)])
    }
    return body.graph
  }
}
