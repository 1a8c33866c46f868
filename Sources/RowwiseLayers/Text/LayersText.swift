import RowwiseKernelInterface
import RowwiseTexts

/// The layers below the output layer, as `--layers` describes them.
package struct LayersText: Sendable, Equatable {
  /// One layer with its parameters.
  package enum Layer: Sendable, Equatable {
    /// Reads timesteps one after the other.
    case recurrent(RecurrentText)
    /// Fully connected.
    case dense(units: Int, activation: Dense.Activation)
    /// Sets a share of the values to zero in training.
    case dropout(rate: Double)
    /// All timesteps side by side.
    case flatten
    /// One vector of all timesteps.
    case pool(PoolingKind)
    /// Readings down the columns of patches and across their rows, maybe with a residual connection.
    case sweep(units: Int, isResidual: Bool)
    /// Neighbouring patches side by side.
    case merge(factor: Int)
    /// Layer normalisation.
    case norm
    /// Two dense layers with normalisation and a residual connection.
    case mlp(ratio: Int)
    /// 3 × 3 convolution and 2 × 2 pooling.
    case convolution(units: Int)

    /// Whether it reads timesteps.
    package var needsTimesteps: Bool {
      switch self {
      case .recurrent, .flatten, .pool, .sweep, .merge, .convolution: true
      case .dense, .dropout, .norm, .mlp: false
      }
    }

    /// Whether it makes a vector, which nothing that reads timesteps can follow.
    package var leavesVector: Bool {
      switch self {
      case .recurrent, .dropout, .sweep, .merge, .dense, .norm, .mlp, .convolution: false
      case .flatten, .pool: true
      }
    }
  }

  /// From the input to the output; at least one reads timesteps.
  package let layers: [Layer]

  /// What a layer below the output layer may do to its sums.
  private static let activations: [Dense.Activation] = [.linear, .relu, .tanh, .sigmoid]

  /// What a layer's description may begin with.
  private static let names =
    RecurrentText.names
    + ["dense", "dropout", "flatten", "pool", "sweep", "merge", "norm", "mlp", "conv"]

  /// The largest number of units.
  package static let maximumUnits = 65_536

  /// The grammar, for `--help`.
  package static let help = """
    Layers from the input on, with commas between them. Recurrent: lstm:UNITS, gru:UNITS, rnn:UNITS \
    (simple, tanh), minlstm:UNITS (gates that see the input only) and lru:UNITS (linear recurrent unit, \
    for very long sequences; it has the first three options only), each with options behind: \
    :bidirectional or :backwards; :residual adds the layer's input to its output; :zoneout=RATE \
    (or zoneout-hidden=, zoneout-cell=) lets units keep their state; :recurrent-dropout=RATE uses \
    one mask a sequence; :chrono starts the gates for dependencies of up to the sequence's length; \
    :learned-state learns the first state; for gru also \(RecurrentText.help("gru")); \
    for lstm also \(RecurrentText.help("lstm")) and :peephole=none|diagonal|full. \
    Others: dense:UNITS[:linear|relu|tanh|sigmoid], of each timestep where a layer behind it reads them; \
    norm is layer normalisation; mlp:RATIO adds to x what two dense layers make of norm(x), RATIO times as \
    wide between them; dropout:RATE; pool:last|mean|max|attention \
    makes one vector of all timesteps (without it the last one counts); flatten puts them side by \
    side for dense layers, as in flatten,dense:128:relu. With --reading-order patches:P: \
    sweep:UNITS reads the columns of patches and then their rows, both ways, and leaves them where \
    they were, with :residual as x + dense(sweep(norm(x))); merge:2 makes one patch of 2 by 2; dense, norm \
    and mlp see each patch by itself. conv:UNITS is a 3 by 3 convolution of pixels (or patches) with relu \
    and 2 by 2 max pooling, to compare with. The output layer, dense with softmax, is \
    added by itself.
    """

  /// Parses a specification such as `lstm:128:bidirectional,dropout:0.2,dense:64:relu`.
  ///
  /// - Throws: `LayersTextError`, which names the place.
  package init(_ text: String) throws(LayersTextError) {
    var layers: [Layer] = []
    var position = 1
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard !part.isEmpty else { throw .noLayer(position: position) }
      var words = LayerWords(part, position: position)
      let layer = try Self.layer(&words)
      if layer.needsTimesteps, layers.contains(where: \.leavesVector) {
        throw .needsTimesteps(words.layer, position: position)
      }
      layers.append(layer)
      position += part.count + 1
    }
    guard layers.contains(where: \.needsTimesteps) else { throw .nothingReadsTimesteps }
    self.layers = layers
  }

  /// Layers that are known to fit together.
  package init(layers: [Layer]) { self.layers = layers }

  /// Whether a layer has a cell state that gates could see.
  package var hasLSTM: Bool {
    layers.contains { layer in
      if case .recurrent(let argument) = layer { argument.cell.hasCellState } else { false }
    }
  }

  /// Whether a layer has the LSTM's own kernels, with their choice of precision and memory.
  package var hasPlainLSTM: Bool {
    layers.contains { layer in
      switch layer {
      case .recurrent(let recurrent): recurrent.isPlainLSTM
      case .sweep: true
      case .dense, .dropout, .flatten, .pool, .merge, .norm, .mlp, .convolution: false
      }
    }
  }

  /// Whether a layer is for patches side by side, such as `patches:SIDE` makes.
  package var readPatches: Bool {
    layers.contains { layer in
      switch layer {
      case .sweep, .merge: true
      case .recurrent, .dense, .dropout, .flatten, .pool, .norm, .mlp, .convolution: false
      }
    }
  }

  /// Whether a layer needs timesteps of patches or pixels side by side.
  package var needsColumns: Bool {
    readPatches
      || layers.contains { if case .convolution = $0 { true } else { false } }
  }

  /// The layers as networks take them.
  ///
  /// - Parameter peephole: of every LSTM.
  package func stack(peephole: Peephole) -> [any RowwiseLayers.Layer] {
    layers.map { layer in
      switch layer {
      case .recurrent(let argument): return argument.layer(peephole: peephole)
      case .dense(let units, let activation): return Dense(units, activation: activation)
      case .dropout(let rate): return Dropout(rate)
      case .flatten: return Flatten()
      case .pool(let kind): return Pooling(kind)
      case .sweep(let units, let isResidual): return Sweep(units, isResidual: isResidual)
      case .merge(let factor): return Merge(factor)
      case .norm: return LayerNorm()
      case .mlp(let ratio): return MLP(ratio)
      case .convolution(let units): return Convolution(units)
      }
    }
  }

  private static func layer(_ words: inout LayerWords) throws(LayersTextError) -> Layer {
    switch try words.next(oneOf: names, called: "layer") {
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
    case "sweep":
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      var isResidual = false
      while words.hasNext {
        _ = try words.nextOption(flags: ["residual"], rates: [], choices: [:])
        isResidual = true
      }
      return .sweep(units: units, isResidual: isResidual)
    case "merge":
      let factor = try words.nextInteger(called: "patches", Merge.factors)
      try words.expectEnd()
      return .merge(factor: factor)
    case "norm":
      try words.expectEnd()
      return .norm
    case "mlp":
      let ratio = try words.nextInteger(called: "ratio", MLP.ratios)
      try words.expectEnd()
      return .mlp(ratio: ratio)
    case "conv":
      let units = try words.nextInteger(called: "units", 1...maximumUnits)
      try words.expectEnd()
      return .convolution(units: units)
    case "pool":
      let kind = try words.next(
        oneOf: PoolingKind.allCases.map(\.rawValue), called: "kind")
      try words.expectEnd()
      return .pool(PoolingKind(rawValue: kind) ?? .last)
    case let name:
      return .recurrent(try RecurrentText(name, &words))
    }
  }
}

extension LayersText: CustomStringConvertible {
  /// The specification in the form that parses back to it.
  package var description: String {
    layers.map { layer in
      switch layer {
      case .recurrent(let argument): argument.description
      case .flatten: "flatten"
      case .sweep(let units, let isResidual): "sweep:\(units)" + (isResidual ? ":residual" : "")
      case .merge(let factor): "merge:\(factor)"
      case .norm: "norm"
      case .mlp(let ratio): "mlp:\(ratio)"
      case .convolution(let units): "conv:\(units)"
      case .pool(let kind): "pool:\(kind.rawValue)"
      case .dense(let units, let activation):
        "dense:\(units)" + (activation == .linear ? "" : ":\(activation.rawValue)")
      case .dropout(let rate):
        "dropout:\(rate)"
      }
    }.joined(separator: ",")
  }
}

/// What is wrong with a specification of layers; positions count characters from 1.
package enum LayersTextError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A word that is none of `known` stands where a `kind` should.
  case unknownWord(String, kind: String, position: Int, known: [String])
  /// Nothing stands where a layer should.
  case noLayer(position: Int)
  /// What a layer needs is missing.
  case missing(String, layer: String, position: Int)
  /// What should be a number in a range is not.
  case notInRange(String, kind: String, range: String, position: Int)
  /// More words than the layer takes.
  case unexpected(String, position: Int)
  /// No layer makes a vector of the timesteps before the first dense one.
  case nothingReadsTimesteps
  /// Two options that exclude each other.
  case excludes(String, String, position: Int)
  /// A layer above one that leaves no timesteps to read.
  case needsTimesteps(String, position: Int)

  package var description: String {
    switch self {
    case .unknownWord(let word, let kind, let position, let known):
      "unknown \(kind) \"\(word)\" at character \(position), known: "
        + known.joined(separator: ", ") + NearestWord.question(word, among: known)
    case .noLayer(let position):
      "no layer at character \(position); expected layers with commas between them, as in "
        + "lstm:128,lstm:64"
    case .missing(let what, let layer, let position):
      "\(layer) needs \(what) at character \(position), as in "
        + (what == "rate"
          ? "\(layer):0.2"
          : what == "kind"
            ? "\(layer):mean"
            : what == "patches" || what == "ratio" ? "\(layer):2" : "\(layer):128")
    case .notInRange(let word, let kind, let range, let position):
      "\(kind) \"\(word)\" at character \(position) must be \(range)"
    case .unexpected(let word, let position):
      "unexpected \"\(word)\" at character \(position)"
    case .nothingReadsTimesteps:
      "no layer reads the timesteps; put a recurrent layer, pool or flatten before the first "
        + "dense layer"
    case .excludes(let option, let other, let position):
      "\(option) and \(other) at character \(position) exclude each other"
    case .needsTimesteps(let layer, let position):
      "the \(layer) at character \(position) comes after a pool or flatten layer, which leaves no "
        + "timesteps; put it before that"
    }
  }
}
