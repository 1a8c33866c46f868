import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWeightExchange

/// What all recurrent layers have in common.
struct RecurrentPlace {
  /// Of the layer and its output.
  var name: String
  /// Of the parameters' names, one for each direction, forwards first.
  var prefixes: [String]
  /// Whether the only direction is from the last timestep to the first.
  var isBackwards: Bool
  var returnSequences: Bool
}

/// One of ONNX's recurrent operators.
private struct RecurrentOperator {
  var type: String
  var units: Int
  /// Our gates in the operator's order.
  var gates: [Int]
  /// Whether the recurrent sums have a bias of their own.
  var hasRecurrentBias = false
  /// Whether the last gate's recurrent weights are an array of their own.
  var hasCandidateWeight = false
  /// Whether the cell is an LSTM with diagonal peepholes.
  var hasPeepholes = false
  var attributes: [ONNXAttribute] = []
}

extension NetworkGraph {
  /// Adds a recurrent layer.
  ///
  /// - Parameters:
  ///   - name: of its output.
  ///   - parameters: what its parameters' names begin with.
  mutating func addRecurrent(
    _ layer: LayerSpecification, name: String, parameters: String, _ flow: inout Flow
  ) {
    let both = ["\(parameters).forward", "\(parameters).backward"]
    switch layer {
    case .recurrent(let layer):
      add(
        layer,
        RecurrentPlace(
          name: name, prefixes: layer.direction == .both ? both : [parameters],
          isBackwards: layer.direction == .backwards, returnSequences: layer.returnSequences),
        &flow)
    case .dense, .dropout, .flatten, .pooling, .residual, .sweep, .merge, .norm, .mlp, .convolution:
      preconditionFailure("no recurrent layer")
    }
  }

  /// Adds a recurrent layer of any cell, in one or both directions: as an operator where there is
  /// one that does the same.
  private mutating func add(_ layer: Recurrent, _ place: RecurrentPlace, _ flow: inout Flow) {
    let isPlain =
      layer.zoneoutHidden == 0 && layer.zoneoutCell == 0 && !layer.learnsInitialState
    let result: String
    if isPlain, let cell = Self.cell(of: layer) {
      result = add(cell, place, flow)
    } else {
      result = addScans(place) { [flow] graph, prefix, isReverse in
        let states = graph.addCell(layer, prefix, flow, isReverse: isReverse)
        guard layer.cell == .lru else { return states }
        return graph.addReadout(
          states, prefix, flow, isReverse: isReverse, isSequence: place.returnSequences)
      }
    }
    addOutput(result, units: layer.units, place, &flow)
  }

  /// The operator that does the same as a cell without regularisers; nil where there is none.
  private static func cell(of layer: Recurrent) -> RecurrentOperator? {
    switch layer.cell {
    case .simple: RecurrentOperator(type: "RNN", units: layer.units, gates: [0])
    // Only diagonal peepholes have an input.
    case .lstm where layer.peephole == .full: nil
    // Gate order i, o, f, c.
    case .lstm:
      RecurrentOperator(
        type: "LSTM", units: layer.units,
        gates: [Gate.LSTM.input, Gate.LSTM.output, Gate.LSTM.forget, Gate.LSTM.candidate],
        hasPeepholes: layer.peephole == .diagonal)
    // Gate order z, r, h; the reset gate multiplies the recurrent sums.
    case .gru:
      RecurrentOperator(
        type: "GRU", units: layer.units,
        gates: [Gate.GRU.update, Gate.GRU.reset, Gate.GRU.candidate], hasRecurrentBias: true,
        attributes: [.int("linear_before_reset", 1)])
    case .gruResetBefore:
      RecurrentOperator(
        type: "GRU", units: layer.units,
        gates: [Gate.GRU.update, Gate.GRU.reset, Gate.GRU.candidate], hasCandidateWeight: true,
        attributes: [.int("linear_before_reset", 0)])
    default: nil
    }
  }

  /// Values over all timesteps are in the order of time; a lone backwards layer gives them in the
  /// order in which it reads.
  private mutating func addOutput(
    _ value: String, units: Int, _ place: RecurrentPlace, _ flow: inout Flow
  ) {
    let name = place.name
    if place.returnSequences, place.isBackwards {
      let bounds = [("start", -1), ("end", Int.min), ("axis", 0), ("step", -1)].map {
        builder.integers("\(name)/\($0.0)", [$0.1])
      }
      builder.add("Slice", [value] + bounds, to: name)
    } else {
      builder.add("Identity", [value], to: name)
    }
    flow = Flow(
      value: name, width: units * place.prefixes.count, isSequence: place.returnSequences,
      timesteps: flow.timesteps)
  }

  /// Adds the operator with its weights: gates as rows, both biases in one array.
  ///
  /// - Returns: name of h at all timesteps [T, N, width] in the order of time, or of the last h
  ///   [N, width].
  private mutating func add(
    _ cell: RecurrentOperator, _ place: RecurrentPlace, _ flow: Flow
  ) -> String {
    let name = place.name
    let (units, gates, directions) = (cell.units, cell.gates, place.prefixes.count)
    let rows = units * gates.count
    func part(_ parameter: String, _ inputs: Int, _ gates: [Int]) -> StoredWeight.Part {
      .parameter(parameter, .gateRows(inputs: inputs, units: units, gates: gates))
    }
    func matrix(
      _ suffix: String, _ inputs: Int, _ parts: [StoredWeight.Part], _ builder: inout GraphBuilder
    ) -> String {
      builder.weight(
        "\(name)/\(suffix)", dimensions: [directions, rows, inputs], parts, isMatrix: true)
    }
    let inputParts = place.prefixes.map { part("\($0).input_weight", flow.width, gates) }
    let recurrentParts = place.prefixes.flatMap { prefix in
      cell.hasCandidateWeight
        ? [
          part("\(prefix).recurrent_weight", units, gates.dropLast()),
          part("\(prefix).candidate_weight", units, [0]),
        ] : [part("\(prefix).recurrent_weight", units, gates)]
    }
    var inputs = [
      flow.value, matrix("W", flow.width, inputParts, &builder),
      matrix("R", units, recurrentParts, &builder),
    ]
    let bias = WeightMap.gateVector(units: units, gates: gates)
    inputs.append(
      builder.weight(
        "\(name)/B", dimensions: [directions, 2 * rows],
        place.prefixes.flatMap { prefix -> [StoredWeight.Part] in
          [
            .parameter("\(prefix).bias", bias),
            cell.hasRecurrentBias
              ? .parameter("\(prefix).recurrent_bias", bias) : .zeros(rows),
          ]
        }, isMatrix: false))
    if cell.hasPeepholes {
      // Order i, o, f; between B and P are lengths and initial states.
      let map = WeightMap.gateVector(units: units, gates: [0, 2, 1])
      inputs += ["", "", ""]
      inputs.append(
        builder.weight(
          "\(name)/P", dimensions: [directions, 3 * units],
          place.prefixes.map { .parameter("\($0).peephole_weight", map) }, isMatrix: false))
    }
    let direction = directions == 2 ? "bidirectional" : place.isBackwards ? "reverse" : "forward"
    let attributes =
      [.string("direction", direction), .int("hidden_size", units)] + cell.attributes
    if place.returnSequences {
      builder.add(cell.type, inputs, to: "\(name)/Y", attributes: attributes)
    } else {
      builder.add(cell.type, inputs, to: "", "\(name)/Y_h", attributes: attributes)
    }
    return addJoining(place, width: units * directions)
  }

  /// Takes the axis of directions away: [T, directions, N, H] or [directions, N, H].
  private mutating func addJoining(_ place: RecurrentPlace, width: Int) -> String {
    let name = place.name
    let isSequence = place.returnSequences
    let value = isSequence ? "\(name)/Y" : "\(name)/Y_h"
    guard place.prefixes.count == 2 else {
      let axis = builder.integers("\(name)/direction", [isSequence ? 1 : 0])
      return builder.add("Squeeze", [value, axis], to: "\(name)/h")
    }
    builder.add(
      "Transpose", [value], to: "\(name)/turned",
      attributes: [.ints("perm", isSequence ? [0, 2, 1, 3] : [1, 0, 2])])
    let shape = builder.integers("\(name)/width", isSequence ? [0, 0, width] : [0, width])
    return builder.add("Reshape", ["\(name)/turned", shape], to: "\(name)/h")
  }
}
