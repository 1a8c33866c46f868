import RowwiseKernelInterface
import RowwiseLayers

/// A recurrent layer as far as names and shapes go: what all cells have in common.
private struct RecurrentLayer {
  /// Number of the layer from 1, for errors.
  var number: Int
  var units: Int
  var features: Int
  /// The toolkit's order of our gates.
  var gates: [Int]
  /// Whether the recurrent sums have a bias of their own.
  var hasRecurrentBias: Bool
  /// Whether the last gate's recurrent weights are an array of their own.
  var hasCandidateWeight: Bool
}

extension NetworkWeights {
  /// What is wanted of one layer in another toolkit; nil for a layer without weights.
  ///
  /// - Parameter index: counted from 0.
  /// - Throws: `WeightExchangeError.unsupportedLayer`.
  func foreignTensors(
    ofLayer index: Int, for toolkit: Toolkit
  ) throws(WeightExchangeError) -> [ForeignTensor]? {
    let name = "layers.\(index)"
    switch layers[index] {
    case .recurrent(let layer):
      try check(layer.peephole, index, toolkit)
      if layer.direction == .backwards { try checkBackwards(index, toolkit) }
      guard layer.direction == .both else {
        return recurrentTensors(
          try recurrentLayer(layer, index, name, toolkit), name, suffix: "", toolkit)
      }
      let parts = try recurrentLayer(layer, index, "\(name).forward", toolkit)
      return bothDirections(name, toolkit) { _ in parts }
    case .dense(let dense):
      guard dense.columns == nil else { throw patchesUnsupported(index, toolkit) }
      return denseTensors(name, toolkit)
    case .dropout, .flatten:
      return nil
    case .pooling(let pooling):
      guard pooling.kind != .attention else {
        throw .unsupportedLayer(
          layer: index + 1, reason: "attention has no layer of its own in \(toolkit.name)")
      }
      return nil
    case .residual:
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "residual connections are no layer of \(toolkit.name); export to ONNX instead")
    case .sweep, .merge: throw patchesUnsupported(index, toolkit)
    case .convolution:
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "convolutions are not exchanged with \(toolkit.name); export to ONNX instead")
    case .norm, .mlp:
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "layer normalisation is not exchanged with \(toolkit.name); export to ONNX instead")
    }
  }

  private func patchesUnsupported(_ index: Int, _ toolkit: Toolkit) -> WeightExchangeError {
    .unsupportedLayer(
      layer: index + 1,
      reason: "\(toolkit.name) has no layer for patches side by side; export to ONNX instead")
  }

  private func check(
    _ peephole: Peephole, _ index: Int, _ toolkit: Toolkit
  ) throws(WeightExchangeError) {
    guard peephole == .none else {
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "\(toolkit.name) has no LSTM with peepholes (here: \(peephole.rawValue)); export "
          + "to ONNX instead")
    }
  }

  private func checkBackwards(
    _ index: Int, _ toolkit: Toolkit
  ) throws(WeightExchangeError) {
    guard toolkit == .keras else {
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "PyTorch has no recurrent layer that only goes backwards; export to ONNX instead")
    }
  }

  private func shape(_ name: String) -> [Int] {
    parameter(named: name)?.shape ?? []
  }

  private func recurrentLayer(
    _ layer: Recurrent, _ index: Int, _ prefix: String, _ toolkit: Toolkit
  ) throws(WeightExchangeError) -> RecurrentLayer {
    guard layer.zoneoutHidden == 0, layer.zoneoutCell == 0, !layer.learnsInitialState else {
      throw .unsupportedLayer(
        layer: index + 1,
        reason:
          "\(toolkit.name) has no recurrent layer with zoneout or a learned state; export to ONNX "
          + "instead")
    }
    let gates: [Int]
    switch layer.cell {
    case .simple: gates = [0]
    // Keras's order, i, f, c, o, is ours, and so is PyTorch's, i, f, g, o.
    case .lstm: gates = [0, 1, 2, 3]
    case .gruResetBefore where toolkit == .pytorch:
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "PyTorch has no GRU whose reset gate comes before the recurrent product; export to "
          + "ONNX or Keras instead")
    // Keras's order z, r, h is ours; PyTorch's is r, z, n.
    case .gru, .gruResetBefore:
      gates =
        toolkit == .keras
        ? [Gate.GRU.update, Gate.GRU.reset, Gate.GRU.candidate]
        : [Gate.GRU.reset, Gate.GRU.update, Gate.GRU.candidate]
    default:
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "\(toolkit.name) has no cell like \(layer.cell.rawValue); export to ONNX instead")
    }
    return RecurrentLayer(
      number: index + 1, units: layer.units, features: shape("\(prefix).input_weight")[0],
      gates: gates, hasRecurrentBias: layer.cell.hasRecurrentBias,
      hasCandidateWeight: layer.cell.resetsBeforeProduct)
  }

  private func bothDirections(
    _ name: String, _ toolkit: Toolkit, _ layer: (_ prefix: String) -> RecurrentLayer
  ) -> [ForeignTensor] {
    let suffixes = toolkit == .keras ? ["forward/", "backward/"] : ["", "_reverse"]
    return zip(["\(name).forward", "\(name).backward"], suffixes).flatMap { prefix, suffix in
      recurrentTensors(layer(prefix), prefix, suffix: suffix, toolkit)
    }
  }

  /// - Parameter suffix: of a direction; in Keras's names it stands in front.
  private func recurrentTensors(
    _ layer: RecurrentLayer, _ prefix: String, suffix: String, _ toolkit: Toolkit
  ) -> [ForeignTensor] {
    switch toolkit {
    case .keras: kerasTensors(layer, prefix, suffix)
    case .pytorch: pyTorchTensors(layer, prefix, suffix)
    }
  }

  /// Columns as ours are, but for an array of the last gate's own; the recurrent bias is the second row
  /// of the bias.
  private func kerasTensors(
    _ layer: RecurrentLayer, _ prefix: String, _ suffix: String
  ) -> [ForeignTensor] {
    let columns = layer.units * layer.gates.count
    var bias = ForeignTensor(
      "\(suffix)bias", [columns], "\(prefix).bias", .same(columns), isOptional: true)
    if layer.hasRecurrentBias {
      bias.shape = [2, columns]
      bias.parts.append(
        ForeignTensor.Part(parameter: "\(prefix).recurrent_bias", map: .same(columns)))
    }
    let candidate = layer.hasCandidateWeight ? layer.units : 0
    var recurrent = ForeignTensor(
      "\(suffix)recurrent_kernel", [layer.units, columns], "\(prefix).recurrent_weight",
      .same((columns - candidate) * layer.units))
    if layer.hasCandidateWeight {
      recurrent.rows = layer.units
      recurrent.parts.append(
        ForeignTensor.Part(
          parameter: "\(prefix).candidate_weight", map: .same(candidate * layer.units)))
    }
    return [
      ForeignTensor(
        "\(suffix)kernel", [layer.features, columns], "\(prefix).input_weight",
        .same(columns * layer.features)),
      recurrent, bias,
    ]
  }

  /// Gates as rows, and two biases.
  private func pyTorchTensors(
    _ layer: RecurrentLayer, _ prefix: String, _ suffix: String
  ) -> [ForeignTensor] {
    let (units, gates) = (layer.units, layer.gates)
    let columns = units * gates.count
    let bias = WeightMap.gateVector(units: units, gates: gates)
    let hasTwo = layer.hasRecurrentBias
    return [
      ForeignTensor(
        "weight_ih_l#\(suffix)", [columns, layer.features], "\(prefix).input_weight",
        .gateRows(inputs: layer.features, units: units, gates: gates)),
      ForeignTensor(
        "weight_hh_l#\(suffix)", [columns, units], "\(prefix).recurrent_weight",
        .gateRows(inputs: units, units: units, gates: gates)),
      ForeignTensor(
        "bias_ih_l#\(suffix)", [columns], "\(prefix).bias", bias,
        share: hasTwo ? .whole : .addend, isOptional: true),
      ForeignTensor(
        "bias_hh_l#\(suffix)", [columns], "\(prefix).\(hasTwo ? "recurrent_bias" : "bias")", bias,
        share: hasTwo ? .whole : .zeroAddend, isOptional: true),
    ]
  }

  private func denseTensors(_ prefix: String, _ toolkit: Toolkit) -> [ForeignTensor] {
    let weight = shape("\(prefix).weight")
    let (inputs, units) = (weight[0], weight[1])
    let isKeras = toolkit == .keras
    return [
      ForeignTensor(
        isKeras ? "kernel" : "weight", isKeras ? [inputs, units] : [units, inputs],
        "\(prefix).weight",
        isKeras ? .same(inputs * units) : .transposed(rows: inputs, columns: units)),
      ForeignTensor("bias", [units], "\(prefix).bias", .same(units), isOptional: true),
    ]
  }
}
