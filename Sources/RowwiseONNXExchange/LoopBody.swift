import RowwiseKernelInterface
import RowwiseWeightExchange

/// The body of a loop over timesteps, as tf2onnx writes Keras's GRU and SimpleRNN, followed node by
/// node until it is known which cell it computes.
struct LoopBody {
  /// Name of the sequence that is read, in the graph around; nil as long as nothing was.
  private(set) var sequence: String?
  private var values: [String: StepValue] = [:]
  private let graph: ONNXGraph
  private let initializers: [String: ONNXTensor]
  private let timesteps: Int

  /// - Parameters:
  ///   - inputs: what the body's inputs are.
  ///   - timesteps: iterations of the loop.
  init(_ graph: ONNXGraph, inputs: [(name: String, value: StepValue)], timesteps: Int) {
    self.graph = graph
    self.timesteps = timesteps
    initializers = Dictionary(graph.initializer.map { ($0.name, $0) }) { first, _ in first }
    for (name, value) in inputs where !name.isEmpty { values[name] = value }
  }

  /// Computes all outputs.
  ///
  /// - Parameter reader: knows the values around the loop.
  /// - Throws: `ONNXExchangeError.notUnderstood` with the node of the body.
  mutating func outputs(
    _ reader: inout GraphReader
  ) throws(ONNXExchangeError) -> [StepValue] {
    for node in graph.node {
      for (name, value) in zip(node.output, try outputs(of: node, &reader)) where !name.isEmpty {
        values[name] = value
      }
    }
    var result: [StepValue] = []
    for output in graph.output {
      guard let value = values[output.name] else {
        throw .invalidGraph(
          reason: "a loop's output \"\(output.name.prefix(80))\" is computed by no node")
      }
      result.append(value)
    }
    return result
  }

  private mutating func outputs(
    of node: ONNXNode, _ reader: inout GraphReader
  ) throws(ONNXExchangeError) -> [StepValue] {
    let result: StepValue?
    switch node.opType {
    case "Split": return try split(node, &reader)
    case "Slice": result = try sliced(node, &reader)
    case "Gather": result = gathered(node, index: try value(node, 1, &reader))
    case "Add", "Mul", "Sub", "Less", "And", "MatMul":
      let first = try value(node, 0, &reader)
      let second = try value(node, 1, &reader)
      result = combined(node.opType, first, second)
    default: result = changed(node.opType, try value(node, 0, &reader))
    }
    guard let result else {
      throw reader.failure(
        node, "in the body of a loop, where only the steps of a GRU and an RNN are read")
    }
    return [result]
  }

  /// An operator with one input; nil where no step has it in this place.
  private func changed(_ type: String, _ value: StepValue) -> StepValue? {
    switch (type, value) {
    case ("Identity", _): value
    case ("Cast", .number), ("Cast", .goesOn): value
    case ("Sigmoid", .sums(let sums)): .sigmoid(sums)
    case ("Tanh", .sums(let sums)): .tanh(sums)
    case ("Tanh", .candidateSums(let candidate)): .candidate(candidate)
    // A bias with fewer axes: its numbers are what counts.
    case ("Squeeze", .constant(let tensor)):
      .constant(
        TensorValues(
          dimensions: tensor.dimensions.filter { $0 != 1 }, numbers: tensor.numbers))
    default: nil
    }
  }

  /// An operator with two inputs; nil where no step has it in this place.
  private func combined(
    _ type: String, _ first: StepValue, _ second: StepValue
  ) -> StepValue? {
    switch type {
    case "Add": return first.adding(second)
    case "Mul": return first.multiplied(by: second)
    case "MatMul": return product(first, second)
    case "Less": return first.isBelow(second, timesteps: timesteps) ? .goesOn : nil
    case "And": return first == .goesOn && second == .goesOn ? .goesOn : nil
    default:
      guard type == "Sub", case .constant(let one) = first, one.onlyNumber == 1,
        case .sigmoid(let gate) = second
      else { return nil }
      return .complement(gate)
    }
  }

  /// The value of a node's input, from the body or from around it.
  private mutating func value(
    _ node: ONNXNode, _ index: Int, _ reader: inout GraphReader
  ) throws(ONNXExchangeError) -> StepValue {
    guard index < node.input.count, !node.input[index].isEmpty else {
      throw reader.failure(node, "its input \(index) is missing")
    }
    let name = node.input[index]
    if let value = values[name] { return value }
    if let tensor = initializers[name] {
      let value = StepValue.constant(try TensorValues(tensor))
      values[name] = value
      return value
    }
    guard case .constant(let tensor) = try reader.required(node, index) else {
      throw reader.failure(node, "it reads something from around the loop that is not constant")
    }
    return .constant(tensor)
  }

  // MARK: Operators

  private func product(_ first: StepValue, _ second: StepValue) -> StepValue? {
    guard case .constant(let weight) = second, weight.dimensions.count == 2,
      case .floats(let values) = weight.numbers
    else { return nil }
    var sums = StepSums(columns: weight.dimensions[1])
    switch first {
    case .timestep: sums.input = values
    case .state: sums.recurrent = values
    case .kept(let gate):
      sums.recurrent = values
      return .resetProduct(gate, sums)
    default: return nil
    }
    return .sums(sums)
  }

  /// The timestep of this iteration.
  private mutating func gathered(_ node: ONNXNode, index: StepValue) -> StepValue? {
    let axis = node.attribute.first { $0.name == "axis" }?.i ?? 0
    guard index == .number(0), axis == 0, let name = node.input.first, values[name] == nil,
      sequence ?? name == name
    else { return nil }
    sequence = name
    return .timestep
  }

  /// Some of the columns, of all pictures or of all rows of weights.
  private mutating func sliced(
    _ node: ONNXNode, _ reader: inout GraphReader
  ) throws(ONNXExchangeError) -> StepValue? {
    var result = try value(node, 0, &reader)
    let columns: Int
    switch result {
    case .sums(let sums): columns = sums.columns
    case .constant(let tensor) where tensor.dimensions.count == 2: columns = tensor.dimensions[1]
    default: return nil
    }
    // Starts, ends and axes, and steps where there are any.
    var lists: [[Int]] = []
    for index in 1..<max(4, node.input.count) {
      guard case .constant(let tensor) = try value(node, index, &reader),
        case .integers(let numbers) = tensor.numbers,
        numbers.count == lists.first?.count ?? numbers.count
      else { return nil }
      lists.append(numbers)
    }
    guard lists[0].count <= 2, lists.count == 3 || lists[3].allSatisfy({ $0 == 1 }) else {
      return nil
    }
    for (index, axis) in lists[2].enumerated() {
      let (start, end) = (lists[0][index], lists[1][index])
      switch axis {
      case 0, -2:
        guard start == 0, end >= Int(Int32.max) else { return nil }
      case 1, -1:
        let first = reader.place(start, of: columns)
        let last = reader.place(end, of: columns)
        guard first < last, let part = result.part(first..<last) else { return nil }
        result = part.value
        try reader.spend(part.count, on: node)
      default: return nil
      }
    }
    return result
  }

  /// Equal parts of the columns, or of the rows of constant biases.
  private mutating func split(
    _ node: ONNXNode, _ reader: inout GraphReader
  ) throws(ONNXExchangeError) -> [StepValue] {
    let axis = node.attribute.first { $0.name == "axis" }.map { Int($0.i) } ?? 0
    let count = node.output.count
    let input = try value(node, 0, &reader)
    let size: Int
    switch input {
    case .sums(let sums) where axis == 1 || axis == -1: size = sums.columns
    case .constant(let tensor) where axis == 0: size = tensor.dimensions.first ?? 0
    default: size = 0
    }
    guard count > 0, size > 0, size % count == 0, node.input.count == 1,
      !node.attribute.contains(where: { $0.name == "split" })
    else { throw reader.failure(node, "in the body of a loop, it makes parts of other sizes") }
    var result: [StepValue] = []
    for part in 0..<count {
      let range = part * (size / count)..<(part + 1) * (size / count)
      switch input {
      case .sums(let sums):
        try reader.spend(sums.count / count, on: node)
        result.append(.sums(sums.part(range)))
      case .constant(let tensor):
        try reader.spend(tensor.count / count, on: node)
        if let rows = tensor.part(ofAxis: 0, from: range.lowerBound, to: range.upperBound) {
          result.append(.constant(rows))
        }
      default: break
      }
    }
    return result
  }
}

extension LoopBody {
  /// A cell with its weights in our layout.
  struct Cell {
    var kind: RecurrentCell
    var units: Int
    var arrays: [(name: String, values: [Float])]
  }

  /// The cell whose new state it is; nil where no cell here computes it.
  ///
  /// - Parameter features: width of a timestep.
  static func cell(_ state: StepValue, features: Int) -> Cell? {
    switch state {
    case .tanh(let sums):
      let units = sums.columns
      guard let input = sums.input, let recurrent = sums.recurrent,
        input.count == features * units, recurrent.count == units * units
      else { return nil }
      let zeros = [Float](repeating: 0, count: units)
      let bias = WeightMap.sum(sums.inputBias ?? zeros, sums.recurrentBias ?? zeros)
      return Cell(
        kind: .simple, units: units,
        arrays: [("input_weight", input), ("recurrent_weight", recurrent), ("bias", bias)])
    case .gru(let update, let candidate): return gru(update, candidate, features)
    default: return nil
    }
  }

  /// Gate order z, r, n; where the reset gate comes after the product, both biases of the new content are
  /// apart.
  private static func gru(
    _ update: StepSums, _ candidate: StepValue.Candidate, _ features: Int
  ) -> Cell? {
    let units = update.columns
    guard candidate.sums.recurrent == nil, candidate.recurrent.input == nil,
      let new = candidate.sums.adding(candidate.recurrent)
    else { return nil }
    let all = [update, candidate.reset, new]
    guard
      all.allSatisfy({
        $0.columns == units && $0.input?.count == features * units
          && $0.recurrent?.count == units * units
      })
    else { return nil }
    func joined(
      _ rows: Int, of gates: ArraySlice<StepSums>, _ part: (StepSums) -> [Float]?
    ) -> [Float] {
      (0..<rows).flatMap { row in
        gates.flatMap { gate in
          part(gate).map { Array($0[row * units..<(row + 1) * units]) }
            ?? [Float](repeating: 0, count: units)
        }
      }
    }
    func joined(_ rows: Int, _ part: (StepSums) -> [Float]?) -> [Float] {
      joined(rows, of: all[...], part)
    }
    guard !candidate.resetsBefore else {
      return Cell(
        kind: .gruResetBefore, units: units,
        arrays: [
          ("input_weight", joined(features) { $0.input }),
          ("recurrent_weight", joined(units, of: all[..<2]) { $0.recurrent }),
          ("candidate_weight", joined(units, of: all[2...]) { $0.recurrent }),
          (
            "bias",
            WeightMap.sum(joined(1) { $0.inputBias }, joined(1) { $0.recurrentBias })
          ),
        ])
    }
    return Cell(
      kind: .gru, units: units,
      arrays: [
        ("input_weight", joined(features) { $0.input }),
        ("recurrent_weight", joined(units) { $0.recurrent }),
        ("bias", joined(1) { $0.inputBias }),
        ("recurrent_bias", joined(1) { $0.recurrentBias }),
      ])
  }
}
