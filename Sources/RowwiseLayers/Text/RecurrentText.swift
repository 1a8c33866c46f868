import RowwiseKernelInterface

/// A recurrent layer of `--layers`, such as `lstm:128:bidirectional:zoneout=0.1`.
package struct RecurrentText: Sendable, Equatable {
  /// The cell.
  package var cell: RecurrentCell
  /// Hidden size.
  package var units: Int
  /// In which order timesteps are read.
  package var direction = ReadingDirection.forwards
  /// Whether the layer's input is added to its output.
  package var isResidual = false
  /// See `Recurrent`.
  package var recurrentDropout = 0.0
  /// See `Recurrent`.
  package var zoneoutHidden = 0.0
  /// See `Recurrent`.
  package var zoneoutCell = 0.0
  /// See `Recurrent`.
  package var learnsInitialState = false
  /// See `Recurrent`.
  package var chronoInitialization = false
  /// Which weights let an LSTM's gates see the cell state; nil: as is said for all layers.
  package var peephole: Peephole?

  package init(_ cell: RecurrentCell, units: Int) {
    self.cell = cell
    self.units = units
  }

  /// What a description may begin with, and the cell without options.
  private static let cells: [(name: String, cell: RecurrentCell)] =
    [RecurrentCell.lstm, .gru, .simple, .minimal, .lru].map { ($0.traits.name, $0) }

  /// What a description may begin with.
  package static let names = cells.map(\.name)

  /// Which layers the kernels of whole sequences are for, for messages.
  package static let plainLSTMs =
    "lstm layers without "
    + (RecurrentCell.variants(of: "lstm").map(\.option) + ["zoneout"]).joined(separator: ", ")
    + " or recurrent-dropout"

  /// What `--help` says of the options that make another cell of a name's plainest one.
  static func help(_ name: String) -> String {
    RecurrentCell.variants(of: name).map { ":\($0.option) (\($0.help))" }.joined(separator: ", ")
  }

  /// Reads what follows a name.
  init(_ name: String, _ words: inout LayerWords) throws(LayersTextError) {
    let cell = Self.cells.first { $0.name == name }?.cell ?? .lstm
    self.init(
      cell, units: try words.nextInteger(called: "units", 1...LayersText.maximumUnits))
    var flags = ["bidirectional", "backwards", "residual"]
    var rates: [String] = []
    var choices: [String: [String]] = [:]
    if cell != .lru {
      flags.append("learned-state")
      rates += ["zoneout", "zoneout-hidden"]
      if cell != .simple { flags.append("chrono") }
      if cell != .minimal { rates.append("recurrent-dropout") }
    }
    flags += RecurrentCell.variants(of: name).map(\.option)
    if cell == .lstm {
      rates.append("zoneout-cell")
      choices["peephole"] = Peephole.allCases.map(\.rawValue)
    }
    while words.hasNext {
      let position = words.position
      switch try words.nextOption(flags: flags, rates: rates, choices: choices) {
      case .flag(let option): try set(option, 0, position)
      case .rate(let option, let rate): try set(option, rate, position)
      case .choice(_, let word): peephole = Peephole(rawValue: word)
      }
    }
  }

  private mutating func set(
    _ option: String, _ rate: Double, _ position: Int
  ) throws(LayersTextError) {
    switch option {
    case "bidirectional":
      if direction == .backwards { throw .excludes("backwards", option, position: position) }
      direction = .both
    case "backwards":
      if direction == .both { throw .excludes("bidirectional", option, position: position) }
      direction = .backwards
    case "residual": isResidual = true
    case "learned-state": learnsInitialState = true
    case "chrono": chronoInitialization = true
    case "recurrent-dropout": recurrentDropout = rate
    case "zoneout-hidden": zoneoutHidden = rate
    case "zoneout-cell": zoneoutCell = rate
    case "zoneout":
      zoneoutHidden = rate
      if cell.hasCellState { zoneoutCell = rate }
    default:
      if let other = cell.traits.variant, other.option != option {
        throw .excludes(other.option, option, position: position)
      }
      let variants = RecurrentCell.variants(of: cell.traits.name)
      cell = variants.first { $0.option == option }?.cell ?? cell
    }
  }

  /// Whether it is an LSTM without regularisers.
  package var isPlainLSTM: Bool {
    cell == .lstm && recurrentDropout == 0 && zoneoutHidden == 0 && zoneoutCell == 0
  }

  /// The layer as networks take it.
  ///
  /// - Parameter peephole: of an LSTM that says nothing itself.
  package func layer(peephole: Peephole) -> any RowwiseLayers.Layer {
    var layer = Recurrent(cell, units, direction: direction)
    // Gates of other cells than LSTMs see no cell state; those of LSTMs that cannot say so.
    if cell.hasCellState { layer.peephole = self.peephole ?? peephole }
    layer.recurrentDropout = recurrentDropout
    layer.zoneoutHidden = zoneoutHidden
    layer.zoneoutCell = zoneoutCell
    layer.learnsInitialState = learnsInitialState
    layer.chronoInitialization = chronoInitialization
    return isResidual ? Residual(layer) : layer
  }
}

extension RecurrentText: CustomStringConvertible {
  /// The description in the form that parses back to it.
  package var description: String {
    let traits = cell.traits
    var text = "\(traits.name):\(units)"
    switch direction {
    case .forwards: break
    case .backwards: text += ":backwards"
    case .both: text += ":bidirectional"
    }
    if let variant = traits.variant { text += ":\(variant.option)" }
    if let peephole { text += ":peephole=\(peephole.rawValue)" }
    if isResidual { text += ":residual" }
    if zoneoutHidden > 0 { text += ":zoneout-hidden=\(zoneoutHidden)" }
    if zoneoutCell > 0 { text += ":zoneout-cell=\(zoneoutCell)" }
    if recurrentDropout > 0 { text += ":recurrent-dropout=\(recurrentDropout)" }
    if chronoInitialization { text += ":chrono" }
    if learnsInitialState { text += ":learned-state" }
    return text
  }
}
