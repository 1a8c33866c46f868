import KernelInterface
import Layers
import WeightExchange

extension NetworkGraph {
  /// Adds an LSTM, or two in both directions.
  ///
  /// - Parameters:
  ///   - name: of the layer and its output.
  ///   - prefixes: of the parameters' names, one for each direction, forwards first.
  mutating func addRecurrent(
    _ layer: LSTM, name: String, prefixes: [String], _ flow: inout Flow
  ) {
    let result: (sequence: String, last: String)
    switch layer.peephole {
    case .none, .diagonal:
      result = addOperator(layer, name: name, prefixes: prefixes, flow)
    case .full:
      result = addScans(layer, name: name, prefixes: prefixes, flow)
    }
    let width = layer.units * prefixes.count
    // Values over all timesteps are in the order of time; a lone backwards LSTM gives them in the
    // order in which it reads.
    if layer.returnSequences, layer.goBackwards, prefixes.count == 1 {
      builder.add(
        "Slice",
        [
          result.sequence, builder.integers("\(name)/start", [-1]),
          builder.integers("\(name)/end", [Int.min]), builder.integers("\(name)/axis", [0]),
          builder.integers("\(name)/step", [-1]),
        ], to: name)
    } else {
      builder.add("Identity", [layer.returnSequences ? result.sequence : result.last], to: name)
    }
    flow = Flow(value: name, width: width, isSequence: layer.returnSequences)
  }

  /// The operator LSTM: gates as rows in the order i, o, f, c; peepholes i, o, f.
  ///
  /// - Returns: names of h at all timesteps [T, N, width] and of the last h [N, width].
  private mutating func addOperator(
    _ layer: LSTM, name: String, prefixes: [String], _ flow: Flow
  ) -> (sequence: String, last: String) {
    let (units, directions) = (layer.units, prefixes.count)
    let gates = [0, 3, 1, 2]
    let input = builder.weight(
      "\(name)/W", dimensions: [directions, 4 * units, flow.width],
      prefixes.map {
        .parameter(
          "\($0).input_weight", .gateRows(inputs: flow.width, units: units, gates: gates))
      }, isMatrix: true)
    let recurrent = builder.weight(
      "\(name)/R", dimensions: [directions, 4 * units, units],
      prefixes.map {
        .parameter("\($0).recurrent_weight", .gateRows(inputs: units, units: units, gates: gates))
      }, isMatrix: true)
    let bias = builder.weight(
      "\(name)/B", dimensions: [directions, 8 * units],
      prefixes.flatMap { prefix -> [StoredWeight.Part] in
        [
          .parameter("\(prefix).bias", .gateVector(units: units, gates: gates)),
          .zeros(4 * units),
        ]
      }, isMatrix: false)
    var inputs = [flow.value, input, recurrent, bias]
    if layer.peephole == .diagonal {
      inputs += ["", "", ""]
      inputs.append(
        builder.weight(
          "\(name)/P", dimensions: [directions, 3 * units],
          prefixes.map {
            .parameter("\($0).peephole_weight", .gateVector(units: units, gates: [0, 2, 1]))
          }, isMatrix: false))
    }
    let direction =
      directions == 2 ? "bidirectional" : layer.goBackwards ? "reverse" : "forward"
    // The output that is not used is left out.
    let outputs = layer.returnSequences ? ["\(name)/Y"] : ["", "\(name)/Y_h"]
    addOperatorNode(
      "LSTM", inputs, outputs,
      [.string("direction", direction), .int("hidden_size", units)])
    return addOutputs(name, width: units * directions, directions: directions, layer)
  }

  private mutating func addOperatorNode(
    _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [ONNXAttribute]
  ) {
    if outputs.count == 1 {
      builder.add(type, inputs, to: outputs[0], attributes: attributes)
    } else {
      builder.add(type, inputs, to: outputs[0], outputs[1], attributes: attributes)
    }
  }

  /// Takes the axis of directions away: [T, directions, N, H] or [directions, N, H].
  private mutating func addOutputs(
    _ name: String, width: Int, directions: Int, _ layer: LSTM
  ) -> (sequence: String, last: String) {
    let value = layer.returnSequences ? "\(name)/Y" : "\(name)/Y_h"
    let result = "\(name)/h"
    if directions == 1 {
      let axis = builder.integers("\(name)/direction", [layer.returnSequences ? 1 : 0])
      builder.add("Squeeze", [value, axis], to: result)
    } else {
      builder.add(
        "Transpose", [value], to: "\(name)/turned",
        attributes: [.ints("perm", layer.returnSequences ? [0, 2, 1, 3] : [1, 0, 2])])
      let shape = builder.integers(
        "\(name)/width", layer.returnSequences ? [0, 0, width] : [0, width])
      builder.add("Reshape", ["\(name)/turned", shape], to: result)
    }
    return (result, result)
  }

  /// One Scan for each direction, for cells that no operator has.
  private mutating func addScans(
    _ layer: LSTM, name: String, prefixes: [String], _ flow: Flow
  ) -> (sequence: String, last: String) {
    let parts = prefixes.enumerated().map { index, prefix in
      addScan(layer, prefix: prefix, isReverse: index == 1 || layer.goBackwards, flow)
    }
    guard parts.count == 2 else { return parts[0] }
    let axis = layer.returnSequences ? 2 : 1
    let values = parts.map { layer.returnSequences ? $0.sequence : $0.last }
    let joined = builder.add(
      "Concat", values, to: "\(name)/h", attributes: [.int("axis", axis)])
    return (joined, joined)
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
