import RowwiseLayers

extension GraphReader {
  /// A loop over the timesteps of a sequence, where its body is the step of a GRU or an RNN.
  ///
  /// Carried from step to step are the timestep's number, the state, which begins as zeros, and
  /// weights, which stay as they are.
  mutating func loop(_ node: ONNXNode) throws(ONNXExchangeError) -> [GraphValue] {
    guard let body = node.attribute.first(where: { $0.name == "body" })?.g,
      node.input.count >= 2, body.input.count == node.input.count,
      body.output.count == node.output.count + 1, body.output.count >= node.input.count - 1
    else { throw failure(node, "its body has other inputs or outputs than the loop") }
    guard let iterations = try integers(node, 0), iterations.count == 1,
      (1...1 << 24).contains(iterations[0]), let begins = try integers(node, 1), begins == [1]
    else { throw failure(node, "a loop that may end before the last timestep") }
    var inputs: [(name: String, value: StepValue)] = [
      (body.input[0].name, .number(0)), (body.input[1].name, .goesOn),
    ]
    for index in 2..<node.input.count {
      inputs.append(
        (body.input[index].name, try carried(node, index, as: body.output[index - 1].name, body)))
    }
    var step = LoopBody(body, inputs: inputs, timesteps: iterations[0])
    let outputs = try step.outputs(&self)
    guard outputs[0] == .goesOn else {
      throw failure(node, "a loop that may end before the last timestep")
    }
    let (chain, isFlipped, axes) = try sequence(node, step.sequence, timesteps: iterations[0])
    let states = inputs.indices.filter { inputs[$0].value == .state }
    guard states.count == 1,
      let cell = LoopBody.cell(outputs[states[0] - 1], features: chain.width)
    else { throw failure(node, "its body is not the step of a GRU or an RNN") }
    if case .zeros(let sizes?) = try required(node, states[0]), let last = sizes.last,
      last != .known(cell.units)
    {
      throw failure(node, "its state is not as wide as the \(cell.units) units of its weights")
    }
    try spend(2 * cell.arrays.reduce(0) { $0 + $1.values.count }, on: node)
    let recurrence = append(
      Recurrence(
        cell: .other(cell.kind), units: cell.units, isBackwards: isFlipped, arrays: cell.arrays,
        input: chain))
    var result: [GraphValue] = []
    for (index, output) in outputs.enumerated().dropFirst() {
      let isCarried = index < inputs.count - 1
      result.append(
        try value(
          node, output, before: isCarried ? inputs[index + 1].value : nil,
          state: outputs[states[0] - 1], recurrence, axes))
    }
    return result
  }

  /// What is carried into the first iteration.
  private mutating func carried(
    _ node: ONNXNode, _ index: Int, as output: String, _ body: ONNXGraph
  ) throws(ONNXExchangeError) -> StepValue {
    switch try required(node, index) {
    case .zeros: return .state
    case .constant(let tensor):
      if output != body.input[index].name, let number = tensor.onlyInteger {
        return .number(number)
      }
      return .constant(tensor)
    default: throw failure(node, "it carries something other than weights and a state of zeros")
    }
  }

  /// The sequence whose timesteps are read, all of them.
  private mutating func sequence(
    _ node: ONNXNode, _ name: String?, timesteps: Int
  ) throws(ONNXExchangeError) -> (ReadChain, isFlipped: Bool, axes: (time: Int, batch: Int)) {
    guard let name, case .signal(let signal)? = value(named: name), signal.axes.count == 3,
      case .input(let time) = signal.axes[0], case .input(let batch) = signal.axes[1],
      signal.axes[2] == .features
    else { throw failure(node, "it does not read [timesteps, batch, features]") }
    guard inputSizes[time] == timesteps else {
      throw failure(node, "\(timesteps) iterations, which is not the number of timesteps")
    }
    try setTimeAxis(time, at: node)
    let (chain, isFlipped) = try resolved(signal, at: node)
    return (chain, isFlipped, (time, batch))
  }

  /// One of the loop's outputs.
  ///
  /// - Parameter before: what was carried into the body; nil for what is collected from all steps.
  private func value(
    _ node: ONNXNode, _ output: StepValue, before: StepValue?, state: StepValue,
    _ recurrence: Int, _ axes: (time: Int, batch: Int)
  ) throws(ONNXExchangeError) -> GraphValue {
    switch before {
    case nil:
      guard output == state else {
        return .unusable("it reads something of every step of a loop that is not its state")
      }
      return .signal(
        Signal(
          axes: [.input(axes.time), .input(axes.batch), .features],
          content: .lanes([Lane(recurrence: recurrence, steps: .all(isFlipped: false))])))
    case .state?:
      return .signal(
        Signal(
          axes: [.input(axes.batch), .features],
          content: .lanes([Lane(recurrence: recurrence, steps: .last)])))
    case .number(let number)? where output == .number(number &+ 1):
      return .unusable("it reads the number of a loop's steps")
    case .constant(let tensor)? where output == .constant(tensor): return .constant(tensor)
    default: throw failure(node, "it changes from step to step more than a state")
    }
  }

  /// Whether one constant number is below another, or both of two are true.
  mutating func condition(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    var numbers: [Double] = []
    for index in 0..<2 {
      if case .constant(let tensor) = try required(node, index), let number = tensor.onlyNumber {
        numbers.append(number)
      }
    }
    guard numbers.count == 2 else {
      throw failure(node, "it compares something other than constant numbers")
    }
    let holds =
      node.opType == "Less" ? numbers[0] < numbers[1] : numbers[0] != 0 && numbers[1] != 0
    return .constant(TensorValues(dimensions: [], numbers: .integers([holds ? 1 : 0])))
  }
}
