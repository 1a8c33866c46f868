import KernelInterface
import Layers

/// The layers below the output layer, as `--layers` describes them.
struct LayersArgument: Sendable, Equatable {
  /// One layer with its parameters.
  enum Layer: Sendable, Equatable {
    /// `units` hidden units; read from both sides, or from the last timestep to the first.
    case lstm(units: Int, isBidirectional: Bool, goesBackwards: Bool)
    /// Fully connected.
    case dense(units: Int, activation: Dense.Activation)
    /// Sets a share of the values to zero in training.
    case dropout(rate: Double)
  }

  /// From the input to the output; at least one is an LSTM layer.
  let layers: [Layer]

  /// What `train` uses where nothing is said.
  static let standard = LayersArgument(layers: [
    .lstm(units: 128, isBidirectional: false, goesBackwards: false),
    .lstm(units: 128, isBidirectional: false, goesBackwards: false),
  ])

  /// What a layer below the output layer may do to its sums.
  private static let activations: [Dense.Activation] = [.linear, .relu, .tanh, .sigmoid]

  /// The largest number of units.
  static let maximumUnits = 65_536

  /// The grammar, for `--help`.
  static let help = """
    Layers from the input on, with commas between them:
    lstm:UNITS[:bidirectional|:backwards], dense:UNITS[:linear|relu|tanh|sigmoid], dropout:RATE.
    The output layer, dense with softmax, is added by itself.
    """

  /// Parses a specification such as `lstm:128:bidirectional,dropout:0.2,dense:64:relu`.
  ///
  /// - Throws: `LayersArgumentError`, which names the place.
  init(_ text: String) throws(LayersArgumentError) {
    var layers: [Layer] = []
    var position = 1
    var hasDense = false
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      var words = LayerWords(part, position: position)
      let layer = try Self.layer(&words)
      if case .dense = layer { hasDense = true }
      if case .lstm = layer, hasDense { throw .lstmAboveDense(position: position) }
      layers.append(layer)
      position += part.count + 1
    }
    let hasLSTM = layers.contains { if case .lstm = $0 { true } else { false } }
    guard hasLSTM else { throw .noLSTM }
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
      case .dense(let units, let activation): return Dense(units, activation: activation)
      case .dropout(let rate): return Dropout(rate)
      }
    }
  }

  private static func layer(_ words: inout LayerWords) throws(LayersArgumentError) -> Layer {
    switch try words.next(oneOf: ["lstm", "dense", "dropout"], called: "layer") {
    case "lstm":
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      guard words.hasNext else {
        return .lstm(units: units, isBidirectional: false, goesBackwards: false)
      }
      let option = try words.next(oneOf: ["bidirectional", "backwards"], called: "option of lstm")
      try words.expectEnd()
      return .lstm(
        units: units, isBidirectional: option == "bidirectional",
        goesBackwards: option == "backwards")
    case "dense":
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      guard words.hasNext else { return .dense(units: units, activation: .linear) }
      let names = Self.activations.map(\.rawValue)
      let name = try words.next(oneOf: names, called: "activation")
      try words.expectEnd()
      return .dense(units: units, activation: Dense.Activation(rawValue: name) ?? .linear)
    default:
      let rate = try words.nextShare(called: "rate")
      try words.expectEnd()
      return .dropout(rate: rate)
    }
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
      case .dense(let units, let activation):
        "dense:\(units)" + (activation == .linear ? "" : ":\(activation.rawValue)")
      case .dropout(let rate):
        "dropout:\(rate)"
      }
    }.joined(separator: ",")
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
  /// There is no LSTM layer.
  case noLSTM
  /// An LSTM layer above a dense one, which leaves no timesteps to read.
  case lstmAboveDense(position: Int)

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
    case .noLSTM:
      "at least one layer must be an lstm"
    case .lstmAboveDense(let position):
      "the lstm at character \(position) comes after a dense layer; "
        + "put all lstm layers before it"
    }
  }
}

/// The words of one layer's description, taken one after the other.
private struct LayerWords {
  private let layer: String
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
