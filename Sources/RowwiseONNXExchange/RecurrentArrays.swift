import RowwiseKernelInterface
import RowwiseWeightExchange

/// The arrays of a recurrent operator, taken apart into ours.
struct RecurrentArrays {
  /// The cell.
  let cell: ReadCell
  private let input: [Float]
  private let recurrent: [Float]
  private let bias: [Float]
  private let peephole: [Float]?
  private let units: Int
  private let width: Int
  /// Our gates in the operator's order.
  private let gates: [Int]

  /// Takes W, R, B and P and checks their sizes.
  ///
  /// Gate orders: LSTM i, o, f, c with peepholes i, o, f; GRU z, r, h.
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
    switch node.opType {
    case "LSTM": gates = [0, 3, 1, 2]
    case "GRU": gates = [0, 1, 2]
    default: gates = [0]
    }
    let directions = attributes.directions
    units = attributes.units
    let rows = gates.count * units
    // Taken apart they are made anew, however many nodes share them.
    try reader.spend(directions * rows * (width + units + 5), on: node)
    guard let input = try array(1, "W", [directions, rows, width], &reader),
      let recurrent = try array(2, "R", [directions, rows, units], &reader)
    else { throw reader.failure(node, "it has no weights") }
    self.input = input
    self.recurrent = recurrent
    bias =
      try array(3, "B", [directions, 2 * rows], &reader)
      ?? [Float](repeating: 0, count: directions * 2 * rows)
    // Where there is an input P the cell has peepholes, even if all of them are zero.
    peephole =
      node.opType == "LSTM" ? try array(7, "P", [directions, 3 * units], &reader) : nil
    switch node.opType {
    case "LSTM": cell = .lstm(peephole == nil ? .none : .diagonal)
    case "GRU": cell = .other(attributes.isLinearBeforeReset ? .gru : .gruResetBefore)
    default: cell = .other(.simple)
    }
    self.width = width
  }

  /// One direction's arrays by the rest of our parameters' names.
  func arrays(of direction: Int) -> [(name: String, values: [Float])] {
    func part(_ values: [Float], _ map: WeightMap, _ place: Int) -> [Float] {
      map.ours(values[place * map.count..<(place + 1) * map.count])
    }
    let biasMap = WeightMap.gateVector(units: units, gates: gates)
    let first = part(bias, biasMap, 2 * direction)
    let second = part(bias, biasMap, 2 * direction + 1)
    // The last gate's recurrent weights may be an array of their own.
    let own = if case .other(let cell) = cell { cell.recurrentGates } else { gates.count }
    let size = units * units
    let rows = recurrent[direction * gates.count * size..<(direction + 1) * gates.count * size]
    func recurrentPart(_ range: Range<Int>, _ gates: [Int]) -> [Float] {
      let first = rows.startIndex + range.lowerBound * size
      return WeightMap.gateRows(inputs: units, units: units, gates: gates)
        .ours(rows[first..<first + range.count * size])
    }
    var result = [
      (
        "input_weight",
        part(input, .gateRows(inputs: width, units: units, gates: gates), direction)
      ),
      ("recurrent_weight", recurrentPart(0..<own, Array(gates[..<own]))),
    ]
    if own < gates.count {
      result.append(("candidate_weight", recurrentPart(own..<gates.count, [0])))
    }
    if case .other(let cell) = cell, cell.hasRecurrentBias {
      result += [("bias", first), ("recurrent_bias", second)]
    } else {
      result.append(("bias", WeightMap.sum(first, second)))
    }
    if let peephole {
      let map = WeightMap.gateVector(units: units, gates: [0, 2, 1])
      result.append(("peephole_weight", part(peephole, map, direction)))
    }
    return result
  }
}
