/// The attributes of a recurrent operator that is read.
struct RecurrentAttributes {
  /// Hidden size.
  var units = 0
  /// 1 or 2.
  var directions = 1
  /// Whether the only direction is from the last timestep to the first.
  var isReverse = false
  /// Whether the batch is the first axis of sequences and states (`layout` 1).
  var isBatchFirst = false
  /// Whether a GRU's reset gate comes after the recurrent product.
  var isLinearBeforeReset = false

  /// What each operator does where nothing is said, and the only thing that layers here do.
  private static let activations = [
    "LSTM": ["sigmoid", "tanh", "tanh"], "GRU": ["sigmoid", "tanh"], "RNN": ["tanh"],
  ]

  /// Checks every attribute.
  ///
  /// - Throws: `ONNXExchangeError.notUnderstood` for what no layer here does.
  init(_ node: ONNXNode, reader: GraphReader) throws(ONNXExchangeError) {
    func refuse(_ reason: String) -> ONNXExchangeError { reader.failure(node, reason) }
    var activations: [String] = []
    for attribute in node.attribute {
      switch attribute.name {
      case "hidden_size": units = Int(attribute.i)
      case "direction":
        switch String(decoding: attribute.s, as: UTF8.self) {
        case "forward": break
        case "reverse": isReverse = true
        case "bidirectional": directions = 2
        case let other: throw refuse("direction \"\(other.prefix(40))\"")
        }
      case "activations":
        activations = attribute.strings.map { String(decoding: $0, as: UTF8.self).lowercased() }
      case "activation_alpha", "activation_beta":
        // No activation of a layer here takes any.
        guard attribute.floats.isEmpty else {
          throw refuse("\(attribute.name) of \(attribute.floats.count) numbers; expected none")
        }
      case "clip": throw refuse("clip \(attribute.f), which no layer here does")
      case "input_forget" where node.opType == "LSTM":
        guard attribute.i == 0 else {
          throw refuse("input_forget \(attribute.i): coupled input and forget gates")
        }
      case "linear_before_reset" where node.opType == "GRU":
        guard (0...1).contains(attribute.i) else {
          throw refuse("linear_before_reset \(attribute.i); expected 0 or 1")
        }
        isLinearBeforeReset = attribute.i == 1
      case "layout":
        guard (0...1).contains(attribute.i) else {
          throw refuse("layout \(attribute.i); expected 0 or 1")
        }
        isBatchFirst = attribute.i == 1
      default: throw refuse("attribute \(attribute.name.prefix(40))")
      }
    }
    guard (1...65_536).contains(units) else { throw refuse("hidden_size \(units)") }
    let inputs = node.opType == "LSTM" ? 8 : 6
    guard node.input.count <= inputs else {
      throw refuse("\(node.input.count) inputs; expected at most \(inputs)")
    }
    let expected = [[String]](
      repeating: Self.activations[node.opType] ?? [], count: directions
    ).flatMap { $0 }
    guard activations.isEmpty || activations == expected else {
      let given = activations.prefix(6).map { String($0.prefix(40)) }
      throw refuse(
        "activations \(given.joined(separator: ", ")); expected "
          + expected.joined(separator: ", "))
    }
  }
}
