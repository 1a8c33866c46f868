import RowwiseKernelInterface

/// The weight arrays of a recurrent layer in one direction, in their order in a network.
struct RecurrentWeights {
  /// One array.
  struct Entry {
    var role: Role
    var shape: [Int]
    var initializer: Initializer
    var decays = false
  }

  /// What an array is; its raw value is its name's last part in a model file.
  enum Role: String {
    case inputWeight = "input_weight"
    case recurrentWeight = "recurrent_weight"
    case candidateWeight = "candidate_weight"
    case bias
    case recurrentBias = "recurrent_bias"
    case peephole = "peephole_weight"
    case eigenvalues
    case outputWeight = "output_weight"
    case skipWeight = "skip_weight"
    case inputGain = "input_gain"
    case recurrentGain = "recurrent_gain"
    case cellGain = "cell_gain"
    case cellBias = "cell_bias"
    case initialHidden = "initial_hidden"
    case initialCell = "initial_cell"
  }

  let entries: [Entry]

  /// - Parameters:
  ///   - width: D.
  ///   - timesteps: T, of which chrono initialisation makes its range.
  init(_ layer: Recurrent, width: Int, timesteps: Int) {
    let (cell, units) = (layer.cell, layer.units)
    guard cell != .lru else {
      entries = Self.linear(units, width: width, timesteps: timesteps)
      return
    }
    let columns = cell.gates * units
    var entries = [
      Entry(
        role: .inputWeight, shape: [width, columns], initializer: .glorotUniform, decays: true)
    ]
    func add(_ role: Role, _ count: Int, _ initializer: Initializer) {
      entries.append(Entry(role: role, shape: [count], initializer: initializer))
    }
    if cell.hasRecurrentProduct {
      entries.append(
        Entry(
          role: .recurrentWeight, shape: [units, cell.recurrentGates * units],
          initializer: .orthogonal, decays: true))
    }
    if cell.resetsBeforeProduct {
      entries.append(
        Entry(
          role: .candidateWeight, shape: [units, units], initializer: .orthogonal, decays: true))
    }
    func addPeephole() {
      let isFull = layer.peephole == .full
      entries.append(
        Entry(
          role: .peephole, shape: isFull ? [units, 3 * units] : [3, units],
          initializer: isFull ? .glorotUniform : .uniform(bound: 1 / Double(units).squareRoot()),
          decays: true))
    }
    // Where an array stands decides its first numbers: the LSTM without regularisers, which is older
    // than the others, has its peephole before its bias.
    let isClassic = layer.isClassicLSTM
    if isClassic, layer.peephole != .none { addPeephole() }
    add(.bias, columns, Self.bias(layer, timesteps: timesteps))
    if cell.hasRecurrentBias { add(.recurrentBias, columns, .zeros) }
    if !isClassic, layer.peephole != .none { addPeephole() }
    if cell == .layerNormalized {
      add(.inputGain, columns, .gates([1]))
      add(.recurrentGain, columns, .gates([1]))
      add(.cellGain, units, .gates([1]))
      add(.cellBias, units, .zeros)
    }
    if layer.learnsInitialState {
      add(.initialHidden, units, .zeros)
      if cell.hasCellState { add(.initialCell, units, .zeros) }
    }
    self.entries = entries
  }

  /// Those of an LRU: B, the recurrence, C, D and the bias of both.
  ///
  /// B starts so that states keep the variance of white inputs.
  private static func linear(_ units: Int, width: Int, timesteps: Int) -> [Entry] {
    let (numbers, columns) = (2 * units, 2 * units)
    return [
      Entry(
        role: .inputWeight, shape: [width, numbers],
        initializer: .uniform(bound: (1.5 / Double(width)).squareRoot()), decays: true),
      Entry(role: .eigenvalues, shape: [3, units], initializer: .ring(timesteps: timesteps)),
      Entry(
        role: .outputWeight, shape: [numbers, columns], initializer: .glorotUniform, decays: true),
      Entry(
        role: .skipWeight, shape: [width, columns], initializer: .glorotUniform, decays: true),
      Entry(role: .bias, shape: [columns], initializer: .zeros),
    ]
  }

  private static func bias(_ layer: Recurrent, timesteps: Int) -> Initializer {
    let traits = layer.cell.traits
    if layer.chronoInitialization, !traits.keeping.isEmpty {
      return .chrono(signs: traits.keeping, timesteps: timesteps)
    }
    return layer.unitForgetBias && !layer.chronoInitialization ? traits.openBias : .zeros
  }
}
