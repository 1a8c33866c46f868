import RowwiseLayers

/// The linear recurrent unit; its equations are at `RecurrentCell.lru`.
extension NetworkGraph {
  private static let recurrence = ["re", "im", "scale"]

  /// Re λ, Im λ and γ, [1, H] each, from ν, θ and log γ.
  mutating func addRecurrence(_ prefix: String) {
    let weights = ["nu", "theta", "log-scale"].map { "\(prefix)/\($0)" }
    builder.add(
      "Split", [ownWeight("\(prefix).eigenvalues")], outputs: weights,
      attributes: [.int("axis", 0)])
    let names = Self.recurrence.map { "\(prefix)/\($0)" }
    let rate = builder.add("Exp", [weights[0]], to: "\(prefix)/rate")
    let decay = builder.add("Neg", [rate], to: "\(prefix)/decay")
    let modulus = builder.add("Exp", [decay], to: "\(prefix)/modulus")
    let phase = builder.add("Exp", [weights[1]], to: "\(prefix)/phase")
    let cosine = builder.add("Cos", [phase], to: "\(prefix)/cos")
    let sine = builder.add("Sin", [phase], to: "\(prefix)/sin")
    builder.add("Mul", [modulus, cosine], to: names[0])
    builder.add("Mul", [modulus, sine], to: names[1])
    builder.add("Exp", [weights[2]], to: names[2])
  }

  /// The state of a step, real parts and then imaginary ones.
  mutating func addLinearStep(_ prefix: String, _ step: inout StepGraph) -> StepGraph.Value {
    let values = Self.recurrence.map { StepGraph.Value.outer("\(prefix)/\($0)") }
    let (re, im, scale) = (values[0], values[1], values[2])
    let h = step.split("h", ["hre", "him"])
    let x = step.split("x", ["xre", "xim"])
    let turned = step.difference(step.product(re, h[0]), step.product(im, h[1]))
    let crossed = step.sum(step.product(re, h[1]), step.product(im, h[0]))
    return step.add(
      "Concat",
      [
        step.sum(turned, step.product(scale, x[0])), step.sum(crossed, step.product(scale, x[1])),
      ], to: "state", attributes: [.int("axis", 1)])
  }

  /// What comes out of states: of all timesteps, or of the last one that was read.
  mutating func addReadout(
    _ states: ScanValues, _ prefix: String, _ flow: Flow, isReverse: Bool, isSequence: Bool
  ) -> ScanValues {
    var input = flow.value
    if !isSequence {
      let last = builder.integers("\(prefix)/last", [isReverse ? 0 : -1], isScalar: true)
      input = builder.add(
        "Gather", [input, last], to: "\(prefix)/u", attributes: [.int("axis", 0)])
    }
    let output = builder.add(
      "MatMul",
      [isSequence ? states.sequence : states.last, ownWeight("\(prefix).output_weight")],
      to: "\(prefix)/xC")
    let skip = builder.add(
      "MatMul", [input, ownWeight("\(prefix).skip_weight")], to: "\(prefix)/uD")
    let sum = builder.add("Add", [output, skip], to: "\(prefix)/xC+uD")
    let biased = builder.add("Add", [sum, ownWeight("\(prefix).bias")], to: "\(prefix)/ab")
    let parts = ["a", "b"].map { "\(prefix)/\($0)" }
    builder.add("Split", [biased], outputs: parts, attributes: [.int("axis", -1)])
    let share = builder.add("Sigmoid", [parts[1]], to: "\(prefix)/share")
    let result = builder.add("Mul", [parts[0], share], to: "\(prefix)/gated")
    return ScanValues(sequence: result, last: result)
  }
}
