import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWeightExchange

extension NetworkGraph {
  /// Adds one direction of a cell as a loop; the equations are at `RecurrentCell`.
  mutating func addCell(
    _ layer: Recurrent, _ prefix: String, _ flow: Flow, isReverse: Bool
  ) -> ScanValues {
    let cell = layer.cell
    let units = cell.stateBlocks * layer.units
    if cell == .lru { addRecurrence(prefix) }
    let sums = addSums(cell, prefix, flow)
    func state(_ graph: inout NetworkGraph, _ name: String, _ parameter: String) -> String {
      graph.addState(
        prefix, name, units: units,
        learned: layer.learnsInitialState ? parameter : nil, like: sums)
    }
    var states = [state(&self, "h0", "initial_hidden")]
    if cell.hasCellState { states.append(state(&self, "c0", "initial_cell")) }
    var step = StepGraph(
      prefix, units: units, columns: cell.gates * layer.units,
      hasCellState: cell.hasCellState)
    let (h, c) = addStep(layer, prefix, &step)
    let kept = (
      h: addZoneout(h, "h", layer.zoneoutHidden, prefix, &step),
      c: c.map { addZoneout($0, "c", layer.zoneoutCell, prefix, &step) }
    )
    step.finish(h: kept.h, c: kept.c)
    return addScan(prefix, step, states: states, sums: sums, isReverse: isReverse)
  }

  /// x W + b for all timesteps at once, or γ_x ⊙ N(x W) + b.
  private mutating func addSums(
    _ cell: RecurrentCell, _ prefix: String, _ flow: Flow
  ) -> String {
    let product = addProduct(prefix, flow)
    guard cell != .lru else { return product }
    let bias = ownWeight("\(prefix).bias")
    guard cell == .layerNormalized else {
      return builder.add("Add", [product, bias], to: "\(prefix)/xW+b")
    }
    return builder.add(
      "LayerNormalization", [product, ownWeight("\(prefix).input_gain"), bias],
      to: "\(prefix)/xW+b", attributes: Self.normalization)
  }

  static let normalization: [ONNXAttribute] = [
    .int("axis", -1), .float("epsilon", 1e-5),
  ]

  /// h and c of a step, from the states h and c and the sums x.
  private mutating func addStep(
    _ layer: Recurrent, _ prefix: String, _ step: inout StepGraph
  ) -> (h: StepGraph.Value, c: StepGraph.Value?) {
    switch layer.cell {
    case .simple:
      let sum = step.addRecurrent(ownWeight("\(prefix).recurrent_weight"))
      return (step.squash("Tanh", sum), nil)
    case .gru: return (addGRUStep(prefix, &step), nil)
    case .gruResetBefore: return (addResetBeforeStep(prefix, &step), nil)
    case .minimal: return (addMinimalStep(prefix, &step), nil)
    case .lstm, .layerNormalized, .coupled: return addLSTMStep(layer, prefix, &step)
    case .refined: return addRefinedStep(prefix, &step)
    case .lru: return (addLinearStep(prefix, &step), nil)
    }
  }

  private mutating func addGRUStep(
    _ prefix: String, _ step: inout StepGraph
  ) -> StepGraph.Value {
    let product = step.add(
      "MatMul", ["h", .outer(ownWeight("\(prefix).recurrent_weight"))], to: "hR")
    let sums = step.sum(product, .outer(ownWeight("\(prefix).recurrent_bias")))
    let x = step.split("x", ["xz", "xr", "xn"])
    let r = step.split(sums, ["hz", "hr", "hn"])
    let z = step.squash("Sigmoid", step.sum(x[0], r[0]))
    let reset = step.squash("Sigmoid", step.sum(x[1], r[1]))
    let n = step.squash("Tanh", step.sum(x[2], step.product(reset, r[2])))
    // z ⊙ h + (1 − z) ⊙ n = n + z ⊙ (h − n)
    return step.sum(n, step.product(z, step.difference("h", n)))
  }

  private mutating func addResetBeforeStep(
    _ prefix: String, _ step: inout StepGraph
  ) -> StepGraph.Value {
    let product = step.add(
      "MatMul", ["h", .outer(ownWeight("\(prefix).recurrent_weight"))], to: "hR")
    let x = step.split("x", ["xz", "xr", "xn"])
    let r = step.split(product, ["hz", "hr"])
    let z = step.squash("Sigmoid", step.sum(x[0], r[0]))
    let reset = step.squash("Sigmoid", step.sum(x[1], r[1]))
    let candidate = step.add(
      "MatMul",
      [step.product(reset, "h"), .outer(ownWeight("\(prefix).candidate_weight"))], to: "rhR")
    let n = step.squash("Tanh", step.sum(x[2], candidate))
    return step.sum(n, step.product(z, step.difference("h", n)))
  }

  private mutating func addMinimalStep(
    _ prefix: String, _ step: inout StepGraph
  ) -> StepGraph.Value {
    let parts = step.split("x", ["i", "f", "g"])
    let i = step.squash("Sigmoid", parts[0])
    let f = step.squash("Sigmoid", parts[1])
    let both = step.sum(f, i)
    return step.sum(
      step.product(step.quotient(f, both), "h"),
      step.product(step.quotient(i, both), parts[2]))
  }

  private mutating func addRefinedStep(
    _ prefix: String, _ step: inout StepGraph
  ) -> (h: StepGraph.Value, c: StepGraph.Value?) {
    let sums = step.addRecurrent(ownWeight("\(prefix).recurrent_weight"))
    let parts = step.split(sums, ["f", "r", "g", "o"])
    let f = step.squash("Sigmoid", parts[0])
    let r = step.squash("Sigmoid", parts[1])
    let g = step.squash("Tanh", parts[2])
    // e = f² + 2 r f (1 − f) = f² + 2 r (f − f²)
    let square = step.product(f, f)
    let rest = step.product(r, step.difference(f, square))
    let e = step.sum(square, step.sum(rest, rest))
    // e ⊙ c + (1 − e) ⊙ g = g + e ⊙ (c − g)
    let c = step.sum(g, step.product(e, step.difference("c", g)))
    let o = step.squash("Sigmoid", parts[3])
    return (step.product(o, step.squash("Tanh", c)), c)
  }

  private mutating func addLSTMStep(
    _ layer: Recurrent, _ prefix: String, _ step: inout StepGraph
  ) -> (h: StepGraph.Value, c: StepGraph.Value?) {
    let recurrent = ownWeight("\(prefix).recurrent_weight")
    let isNormalized = layer.cell == .layerNormalized
    let sums: StepGraph.Value
    if isNormalized {
      let product = step.add("MatMul", ["h", .outer(recurrent)], to: "hR")
      let normal = step.add(
        "LayerNormalization", [product, .outer(ownWeight("\(prefix).recurrent_gain"))],
        to: "N(hR)", attributes: Self.normalization)
      sums = step.sum("x", normal)
    } else {
      sums = step.addRecurrent(recurrent)
    }
    guard layer.cell != .coupled else {
      let parts = step.split(sums, ["i", "g", "o"])
      let i = step.squash("Sigmoid", parts[0])
      let g = step.squash("Tanh", parts[1])
      let c = step.sum("c", step.product(i, step.difference(g, "c")))
      let o = step.squash("Sigmoid", parts[2])
      return (step.product(o, step.squash("Tanh", c)), c)
    }
    var parts = step.split(sums, ["i", "f", "g", "o"])
    addPeepholesBefore(layer, prefix, &parts, &step)
    let i = step.squash("Sigmoid", parts[0])
    let f = step.squash("Sigmoid", parts[1])
    let c = step.remembered(f: f, i: i, g: step.squash("Tanh", parts[2]))
    if layer.peephole == .diagonal {
      parts[3] = step.sum(parts[3], step.product(c, .outer(peepholeName(prefix, "o"))))
    }
    let o = step.squash("Sigmoid", parts[3])
    var shown = c
    if isNormalized {
      shown = step.add(
        "LayerNormalization",
        [
          c, .outer(ownWeight("\(prefix).cell_gain")), .outer(ownWeight("\(prefix).cell_bias")),
        ], to: "N(c)", attributes: Self.normalization)
    }
    return (step.product(o, step.squash("Tanh", shown)), c)
  }

  /// Lets gates see the cell state of the step before: i and f one number of it each, and the new
  /// state shows itself to o later, or with full peepholes i, f and o all of it.
  ///
  /// - Parameter parts: sums of i, f, g and o.
  private mutating func addPeepholesBefore(
    _ layer: Recurrent, _ prefix: String, _ parts: inout [StepGraph.Value],
    _ step: inout StepGraph
  ) {
    switch layer.peephole {
    case .none: break
    case .diagonal:
      builder.add(
        "Split", [ownWeight("\(prefix).peephole_weight")],
        outputs: ["i", "f", "o"].map { peepholeName(prefix, $0) }, attributes: [.int("axis", 0)])
      for (part, gate) in [(0, "i"), (1, "f")] {
        let seen = step.product("c", .outer(peepholeName(prefix, gate)))
        parts[part] = step.sum(parts[part], seen)
      }
    case .full:
      let product = step.add(
        "MatMul", ["c", .outer(ownWeight("\(prefix).peephole_weight"))], to: "cP")
      let seen = step.split(product, ["i'", "f'", "o'"])
      for (part, place) in [(0, 0), (1, 1), (3, 2)] {
        parts[part] = step.sum(parts[part], seen[place])
      }
    }
  }

  /// Name of a row of diagonal peepholes [3, H].
  private func peepholeName(_ prefix: String, _ gate: String) -> String {
    "\(prefix)/peephole-\(gate)"
  }

  /// The new state with its expected share of the old one: d ⊙ old + (1 − d) ⊙ new.
  private mutating func addZoneout(
    _ value: StepGraph.Value, _ state: String, _ rate: Double, _ prefix: String,
    _ step: inout StepGraph
  ) -> StepGraph.Value {
    guard rate > 0 else { return value }
    let old = builder.float("\(prefix)/zoneout-\(state)", Float(rate))
    let difference = step.difference(.inner(state), value)
    return step.sum(value, step.product(.outer(old), difference))
  }

  // MARK: Layers around recurrent ones

  /// One vector of all timesteps.
  mutating func addPooling(_ kind: PoolingKind, _ name: String, _ flow: inout Flow) {
    let overTime: [ONNXAttribute] = [.ints("axes", [0]), .int("keepdims", 0)]
    switch kind {
    case .last:
      let last = builder.integers("\(name)/last", [-1], isScalar: true)
      builder.add("Gather", [flow.value, last], to: name, attributes: [.int("axis", 0)])
    case .mean:
      builder.add("ReduceMean", [flow.value], to: name, attributes: overTime)
    case .max:
      builder.add("ReduceMax", [flow.value], to: name, attributes: overTime)
    case .attention:
      let query = builder.weight(
        "\(name).query", dimensions: [flow.width, 1],
        [.parameter("\(name).query", .same(flow.width))], isMatrix: false)
      builder.add("MatMul", [flow.value, query], to: "\(name)/scores")
      builder.add(
        "Softmax", ["\(name)/scores"], to: "\(name)/shares", attributes: [.int("axis", 0)])
      builder.add("Mul", [flow.value, "\(name)/shares"], to: "\(name)/shared")
      builder.add(
        "ReduceSum", ["\(name)/shared", builder.integers("\(name)/axis", [0])], to: name,
        attributes: [.int("keepdims", 0)])
    }
    flow.value = name
    flow.isSequence = false
  }

  /// A layer's output plus its input, or plus a projection of it.
  mutating func addResidual(
    _ inner: LayerSpecification, _ name: String, _ flow: inout Flow
  ) {
    let before = flow
    addRecurrent(inner, name: "\(name)/inner", parameters: name, &flow)
    var shortcut = before.value
    if flow.width != before.width {
      shortcut = builder.add(
        "MatMul", [before.value, ownWeight("\(name).projection_weight")], to: "\(name)/projected")
    }
    flow.value = builder.add("Add", [flow.value, shortcut], to: name)
  }
}
