import WeightExchange

/// The attributes of a recurrent operator that is read.
struct RecurrentAttributes {
  /// Hidden size.
  var units: Int
  /// 1 or 2.
  var directions: Int
  /// Whether the only direction is from the last timestep to the first.
  var isReverse: Bool

  /// Checks every attribute.
  ///
  /// - Throws: `ONNXExchangeError.notUnderstood` for what no layer here does.
  init(_ node: ONNXNode, reader: GraphReader) throws(ONNXExchangeError) {
    units = 0
    directions = 1
    isReverse = false
    for attribute in node.attribute {
      func refuse(_ reason: String) -> ONNXExchangeError { reader.failure(node, reason) }
      switch attribute.name {
      case "hidden_size": units = Int(attribute.i)
      case "direction":
        switch String(decoding: attribute.s, as: UTF8.self) {
        case "forward": break
        case "reverse": isReverse = true
        case "bidirectional": directions = 2
        default: throw refuse("an unknown direction")
        }
      case "activations":
        let names = attribute.strings.map { String(decoding: $0, as: UTF8.self).lowercased() }
        for (index, name) in names.prefix(6).enumerated()
        where name != ["sigmoid", "tanh", "tanh"][index % 3] {
          throw refuse("activation \(name.prefix(40)); expected sigmoid, tanh, tanh")
        }
      case "input_forget":
        guard attribute.i == 0 else { throw refuse("coupled input and forget gates") }
      case "layout":
        guard attribute.i == 0 else { throw refuse("layout 1; expected [timesteps, batch, …]") }
      default: throw refuse("attribute \(attribute.name.prefix(40))")
      }
    }
    guard (1...65_536).contains(units) else {
      throw reader.failure(node, "hidden_size \(units)")
    }
  }
}

/// The arrays of the operator LSTM, taken apart into ours.
struct LSTMArrays {
  private let input: [Float]
  private let recurrent: [Float]
  private let bias: [Float]
  private let peephole: [Float]?
  private let units: Int
  private let width: Int

  /// Whether there is an input P: then the cell has peepholes, even where all of them are zero.
  var hasPeepholes: Bool { peephole != nil }

  /// Takes W, R, B and P, in the gate order i, o, f, c and i, o, f, and checks their sizes.
  init(
    _ node: ONNXNode, _ attributes: RecurrentAttributes, width: Int, reader: inout GraphReader
  ) throws(ONNXExchangeError) {
    func array(
      _ index: Int, _ name: String, _ expected: [Int], _ reader: inout GraphReader
    ) throws(ONNXExchangeError) -> [Float]? {
      guard let value = try reader.value(node, index) else { return nil }
      guard case .constant(let tensor) = value, case .floats(let values) = tensor.numbers else {
        throw reader.failure(node, "its \(name) is not constant")
      }
      guard tensor.dimensions == expected else {
        throw reader.failure(node, "its \(name) is \(tensor.dimensions); expected \(expected)")
      }
      return values
    }
    let (directions, units) = (attributes.directions, attributes.units)
    guard let input = try array(1, "W", [directions, 4 * units, width], &reader),
      let recurrent = try array(2, "R", [directions, 4 * units, units], &reader)
    else { throw reader.failure(node, "it has no weights") }
    self.input = input
    self.recurrent = recurrent
    bias =
      try array(3, "B", [directions, 8 * units], &reader)
      ?? [Float](repeating: 0, count: directions * 8 * units)
    peephole = try array(7, "P", [directions, 3 * units], &reader)
    self.units = units
    self.width = width
  }

  /// One direction's arrays by the rest of our parameters' names.
  func arrays(of direction: Int) -> [(name: String, values: [Float])] {
    func part(_ values: [Float], _ map: WeightMap, _ place: Int) -> [Float] {
      map.ours(values[place * map.count..<(place + 1) * map.count])
    }
    let gates = [0, 3, 1, 2]
    let biasMap = WeightMap.gateVector(units: units, gates: gates)
    var result = [
      (
        "input_weight",
        part(input, .gateRows(inputs: width, units: units, gates: gates), direction)
      ),
      (
        "recurrent_weight",
        part(recurrent, .gateRows(inputs: units, units: units, gates: gates), direction)
      ),
      (
        "bias",
        WeightMap.sum(
          part(bias, biasMap, 2 * direction), part(bias, biasMap, 2 * direction + 1))
      ),
    ]
    if let peephole {
      let map = WeightMap.gateVector(units: units, gates: [0, 2, 1])
      result.append(("peephole_weight", part(peephole, map, direction)))
    }
    return result
  }
}
