package import RowwiseKernelInterface

/// What a recurrent cell is called and how the biases of its layers begin: all that a new cell needs
/// beside its equations, its kernels and its step in ONNX.
package struct CellTraits {
  /// What its descriptions in `--layers` begin with.
  package var name: String
  /// The option behind that makes this cell of the plainest of its name, and what `--help` says of it;
  /// nil for the plainest.
  package var variant: (option: String, help: String)?
  /// What a summary of a model says of it beside its name.
  package var remark: String?
  /// Of each gate in the order of `Gate`: 1 keeps what the unit has, −1 takes in, 0 neither. Empty for a
  /// cell that has no such gates.
  var keeping: [Double] = []
  /// How biases begin where the gate that keeps is to start open.
  var openBias = Initializer.zeros
}

extension RecurrentCell {
  /// Its traits.
  package var traits: CellTraits {
    switch self {
    case .simple: CellTraits(name: "rnn")
    case .gru: CellTraits(name: "gru", keeping: [1, 0, 0])
    case .gruResetBefore:
      CellTraits(
        name: "gru",
        variant: (
          "reset-before",
          "the reset gate comes before the recurrent product: Keras's reset_after=False, not PyTorch's"
        ),
        remark: "reset before the product", keeping: [1, 0, 0])
    case .lstm: CellTraits(name: "lstm", keeping: [-1, 1, 0, 0], openBias: .gates([0, 1, 0, 0]))
    case .coupled:
      // The gate that keeps is 1 − i.
      CellTraits(
        name: "lstm", variant: ("coupled", "f = 1 - i"), remark: "coupled gates",
        keeping: [-1, 0, 0], openBias: .gates([-1, 0, 0]))
    case .refined:
      // Units begin with every share that they may keep, for short and long dependencies.
      CellTraits(
        name: "lstm", variant: ("refined", "UR-LSTM: a refine gate and i = 1 - f"),
        remark: "refine gate", keeping: [1, -1, 0, 0],
        openBias: .uniformGates(signs: [1, -1, 0, 0]))
    case .layerNormalized:
      CellTraits(
        name: "lstm", variant: ("layer-norm", "its sums are normalised"),
        remark: "layer normalisation", keeping: [-1, 1, 0, 0], openBias: .gates([0, 1, 0, 0]))
    case .minimal: CellTraits(name: "minlstm", keeping: [-1, 1, 0])
    case .lru: CellTraits(name: "lru")
    }
  }

  /// The cells that options make of those of a name.
  package static func variants(of name: String) -> [(option: String, help: String, cell: Self)] {
    allCases.compactMap { cell in
      let traits = cell.traits
      guard traits.name == name, let variant = traits.variant else { return nil }
      return (variant.option, variant.help, cell)
    }
  }
}
