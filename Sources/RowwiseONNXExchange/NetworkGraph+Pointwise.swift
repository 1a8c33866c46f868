import RowwiseLayers

// Layers that see each timestep, or each patch of it, by itself.
extension NetworkGraph {
  /// Adds layers that see vectors of `flow.width` numbers on the last axis, under the layer's name; with
  /// columns an axis of patches is there meanwhile.
  mutating func addPerPatch(
    _ columns: Int?, _ name: String, _ flow: inout Flow,
    _ add: (_ graph: inout NetworkGraph, _ name: String, _ flow: inout Flow) -> Void
  ) {
    guard let columns else { return add(&self, name, &flow) }
    let patch = flow.width / columns
    flow.value = addReshape(flow.value, "\(name)/patches", [0, 0, columns, patch])
    flow.width = patch
    add(&self, name, &flow)
    flow.width *= columns
    flow.value = addReshape(flow.value, "\(name)/strips", [0, 0, flow.width])
  }

  /// Adds a fully connected layer over the last axis of any number of axes.
  ///
  /// - Parameters:
  ///   - name: of the output.
  ///   - weight: W's parameter.
  ///   - bias: b's.
  mutating func addDense(
    _ dense: Dense, _ name: String, weight: String, bias: String, _ flow: inout Flow
  ) {
    let type: String? =
      switch dense.activation {
      case .linear, .softmax: nil
      case .relu: "Relu"
      case .tanh: "Tanh"
      case .sigmoid: "Sigmoid"
      }
    let product = builder.add("MatMul", [flow.value, ownWeight(weight)], to: "\(name)/product")
    flow.value = builder.add(
      "Add", [product, ownWeight(bias)], to: type == nil ? name : "\(name)/sum")
    if let type { flow.value = builder.add(type, [flow.value], to: name) }
    flow.width = dense.units
  }

  /// Adds layer normalisation over the last axis.
  mutating func addNorm(_ name: String, gain: String, bias: String, _ flow: inout Flow) {
    flow.value = builder.add(
      "LayerNormalization", [flow.value, ownWeight(gain), ownWeight(bias)], to: name,
      attributes: Self.normalization)
  }

  /// Adds x + relu(N(x) W₁ + b₁) W₂ + b₂ over the last axis.
  mutating func addMLP(_ mlp: MLP, _ name: String, _ flow: inout Flow) {
    let (input, width) = (flow.value, flow.width)
    addNorm("\(name)/N", gain: "\(name).norm_gain", bias: "\(name).norm_bias", &flow)
    addDense(
      Dense(mlp.ratio * width, activation: .relu), "\(name)/hidden",
      weight: "\(name).hidden_weight", bias: "\(name).hidden_bias", &flow)
    addDense(
      Dense(width), "\(name)/inner", weight: "\(name).output_weight",
      bias: "\(name).output_bias", &flow)
    flow.value = builder.add("Add", [input, flow.value], to: name)
  }

  /// Adds x + f(N(x)) P + b, f the readings of a sweep.
  mutating func addResidualSweep(_ sweep: Sweep, _ name: String, _ flow: inout Flow) {
    let input = flow
    let patch = input.width / (sweep.columns ?? 1)
    addPerPatch(sweep.columns, "\(name)/N", &flow) { graph, place, flow in
      graph.addNorm(
        place, gain: "\(name).norm_gain", bias: "\(name).norm_bias", &flow)
    }
    addReadings(sweep, name, output: "\(name)/readings", &flow)
    addPerPatch(sweep.columns, "\(name)/projection", &flow) { graph, place, flow in
      graph.addDense(
        Dense(patch), place, weight: "\(name).projection_weight",
        bias: "\(name).projection_bias", &flow)
    }
    flow.value = builder.add("Add", [input.value, flow.value], to: name)
  }
}
