import KernelInterface
import Layers

/// The layers below the output layer, as `--layers` describes them.
struct LayersArgument: Sendable, Equatable {
  /// One layer with its parameters.
  enum Layer: Sendable, Equatable {
    /// `units` hidden units; read from both sides, or from the last timestep to the first.
    case lstm(units: Int, isBidirectional: Bool, goesBackwards: Bool)
    /// A recurrent layer of another cell.
    case recurrent(RecurrentCell, units: Int, direction: ReadingDirection)
    /// Fully connected.
    case dense(units: Int, activation: Dense.Activation)
    /// Sets a share of the values to zero in training.
    case dropout(rate: Double)
    /// All timesteps side by side.
    case flatten

    /// Whether it reads timesteps one after the other.
    var isRecurrent: Bool {
      switch self {
      case .lstm, .recurrent: true
      case .dense, .dropout, .flatten: false
      }
    }

    /// Whether it needs or makes a vector, which no recurrent layer can read.
    var leavesVector: Bool {
      switch self {
      case .lstm, .recurrent, .dropout: false
      case .dense, .flatten: true
      }
    }
  }

  /// From the input to the output; at least one makes a vector of the timesteps.
  let layers: [Layer]

  /// What `train` uses where nothing is said.
  static let standard = LayersArgument(layers: [
    .lstm(units: 128, isBidirectional: false, goesBackwards: false),
    .lstm(units: 128, isBidirectional: false, goesBackwards: false),
  ])

  /// What a layer below the output layer may do to its sums.
  private static let activations: [Dense.Activation] = [.linear, .relu, .tanh, .sigmoid]

  /// Names of the recurrent layers that are no plain LSTM.
  private static let cells: [(name: String, cell: RecurrentCell)] = [
    ("gru", .gru), ("rnn", .simple),
  ]

  /// What a layer's description may begin with.
  private static let names = ["lstm"] + cells.map(\.name) + ["dense", "dropout", "flatten"]

  /// The name of a cell.
  static func name(of cell: RecurrentCell) -> String {
    cells.first { $0.cell == cell }?.name ?? cell.rawValue
  }

  /// The largest number of units.
  static let maximumUnits = 65_536

  /// The grammar, for `--help`.
  static let help = """
    Layers from the input on, with commas between them: lstm:UNITS, gru:UNITS or rnn:UNITS (a simple
    recurrent layer with tanh), each with :bidirectional or :backwards behind if wanted;
    dense:UNITS[:linear|relu|tanh|sigmoid]; dropout:RATE; flatten, which puts all timesteps side by
    side for dense layers, as in flatten,dense:128:relu. The output layer, dense with softmax, is
    added by itself.
    """

  /// Parses a specification such as `lstm:128:bidirectional,dropout:0.2,dense:64:relu`.
  ///
  /// - Throws: `LayersArgumentError`, which names the place.
  init(_ text: String) throws(LayersArgumentError) {
    var layers: [Layer] = []
    var position = 1
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      var words = LayerWords(part, position: position)
      let layer = try Self.layer(&words)
      if layer.isRecurrent || layer == .flatten, layers.contains(where: \.leavesVector) {
        throw .needsTimesteps(words.layer, position: position)
      }
      layers.append(layer)
      position += part.count + 1
    }
    guard layers.contains(where: { $0.isRecurrent || $0 == .flatten }) else {
      throw .nothingReadsTimesteps
    }
    if let first = layers.first(where: { $0.isRecurrent || $0.leavesVector }),
      case .dense = first
    {
      throw .nothingReadsTimesteps
    }
    self.layers = layers
  }

  private init(layers: [Layer]) {
    self.layers = layers
  }

  /// The layers as networks take them.
  ///
  /// - Parameter peephole: of every LSTM.
  func stack(peephole: Peephole) -> [any Layers.Layer] {
    layers.map { layer in
      switch layer {
      case .lstm(let units, let isBidirectional, let goesBackwards):
        let lstm = LSTM(units, peephole: peephole, goBackwards: goesBackwards)
        return isBidirectional ? Bidirectional(lstm) : lstm
      case .recurrent(let cell, let units, let direction):
        return Recurrent(cell, units, direction: direction)
      case .dense(let units, let activation): return Dense(units, activation: activation)
      case .dropout(let rate): return Dropout(rate)
      case .flatten: return Flatten()
      }
    }
  }

  private static func layer(_ words: inout LayerWords) throws(LayersArgumentError) -> Layer {
    switch try words.next(oneOf: names, called: "layer") {
    case "lstm":
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      let direction = try direction(&words)
      return .lstm(
        units: units, isBidirectional: direction == .both, goesBackwards: direction == .backwards)
    case "dense":
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      guard words.hasNext else { return .dense(units: units, activation: .linear) }
      let names = Self.activations.map(\.rawValue)
      let name = try words.next(oneOf: names, called: "activation")
      try words.expectEnd()
      return .dense(units: units, activation: Dense.Activation(rawValue: name) ?? .linear)
    case "dropout":
      let rate = try words.nextShare(called: "rate")
      try words.expectEnd()
      return .dropout(rate: rate)
    case "flatten":
      try words.expectEnd()
      return .flatten
    case let name:
      let cell = cells.first { $0.name == name }?.cell ?? .simple
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      return .recurrent(cell, units: units, direction: try direction(&words))
    }
  }

  /// The end of a recurrent layer's description.
  private static func direction(
    _ words: inout LayerWords
  ) throws(LayersArgumentError) -> ReadingDirection {
    guard words.hasNext else { return .forwards }
    let option = try words.next(
      oneOf: ["bidirectional", "backwards"], called: "option of \(words.layer)")
    try words.expectEnd()
    return option == "backwards" ? .backwards : .both
  }
}

extension LayersArgument: CustomStringConvertible {
  /// The specification in the form that parses back to it.
  var description: String {
    layers.map { layer in
      switch layer {
      case .lstm(let units, let isBidirectional, let goesBackwards):
        "lstm:\(units)" + (isBidirectional ? ":bidirectional" : "")
          + (goesBackwards ? ":backwards" : "")
      case .recurrent(let cell, let units, let direction):
        "\(Self.name(of: cell)):\(units)" + Self.suffix(direction)
      case .flatten: "flatten"
      case .dense(let units, let activation):
        "dense:\(units)" + (activation == .linear ? "" : ":\(activation.rawValue)")
      case .dropout(let rate):
        "dropout:\(rate)"
      }
    }.joined(separator: ",")
  }

  private static func suffix(_ direction: ReadingDirection) -> String {
    switch direction {
    case .forwards: ""
    case .backwards: ":backwards"
    case .both: ":bidirectional"
    }
  }
}

/// What is wrong with a specification of layers; positions count characters from 1.
enum LayersArgumentError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A word that is none of `known` stands where a `kind` should.
  case unknownWord(String, kind: String, position: Int, known: [String])
  /// What a layer needs is missing.
  case missing(String, layer: String, position: Int)
  /// What should be a number in a range is not.
  case notInRange(String, kind: String, range: String, position: Int)
  /// More words than the layer takes.
  case unexpected(String, position: Int)
  /// No layer makes a vector of the timesteps before the first dense one.
  case nothingReadsTimesteps
  /// A layer above one that leaves no timesteps to read.
  case needsTimesteps(String, position: Int)

  var description: String {
    switch self {
    case .unknownWord(let word, let kind, let position, let known):
      "unknown \(kind) \"\(word)\" at character \(position), known: "
        + known.joined(separator: ", ") + NearestWord.question(word, among: known)
    case .missing(let what, let layer, let position):
      "\(layer) needs \(what) at character \(position), as in "
        + (what == "rate" ? "\(layer):0.2" : "\(layer):128")
    case .notInRange(let word, let kind, let range, let position):
      "\(kind) \"\(word)\" at character \(position) must be \(range)"
    case .unexpected(let word, let position):
      "unexpected \"\(word)\" at character \(position)"
    case .nothingReadsTimesteps:
      "no layer reads the timesteps; put lstm, gru, rnn or flatten before the first dense layer"
    case .needsTimesteps(let layer, let position):
      "the \(layer) at character \(position) comes after a dense or flatten layer; "
        + "put it before them"
    }
  }
}

/// The words of one layer's description, taken one after the other.
private struct LayerWords {
  /// The layer's name as it stands there.
  let layer: String
  private var words: [Substring]
  private var position: Int

  init(_ text: Substring, position: Int) {
    words = text.split(separator: ":", omittingEmptySubsequences: false).reversed()
    layer = words.last.map { String($0) } ?? ""
    self.position = position
  }

  var hasNext: Bool { !words.isEmpty }

  mutating func next(
    oneOf known: [String], called kind: String
  ) throws(LayersArgumentError) -> String {
    let (word, start) = try next(called: kind)
    guard known.contains(word) else {
      throw .unknownWord(word, kind: kind, position: start, known: known)
    }
    return word
  }

  mutating func nextInteger(
    called kind: String, _ range: ClosedRange<Int>
  ) throws(LayersArgumentError) -> Int {
    let (word, start) = try next(called: kind)
    guard let value = Int(word), range.contains(value) else {
      throw .notInRange(
        word, kind: kind, range: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        position: start)
    }
    return value
  }

  mutating func nextShare(called kind: String) throws(LayersArgumentError) -> Double {
    let (word, start) = try next(called: kind)
    guard let value = Double(word), value >= 0, value < 1 else {
      throw .notInRange(
        word, kind: kind, range: "a number from 0 to below 1", position: start)
    }
    return value
  }

  func expectEnd() throws(LayersArgumentError) {
    guard let word = words.last else { return }
    throw .unexpected(String(word), position: position)
  }

  private mutating func next(
    called kind: String
  ) throws(LayersArgumentError) -> (word: String, position: Int) {
    guard let word = words.popLast() else {
      throw .missing(kind, layer: layer, position: position)
    }
    defer { position += word.count + 1 }
    return (String(word), position)
  }
}
