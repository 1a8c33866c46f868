import Rowwise
import RowwiseLayers

extension LayersText {
  /// The network of a recipe.
  package init(_ network: Recipe.Network) {
    switch network {
    case .stack(let stack): self.init(stack)
    case .sweeps: self.init(hidden: network.layers.map(\.specification))
    }
  }

  /// A stack of LSTMs.
  package init(_ stack: Recipe.Stack) {
    var lstm = RecurrentText(.lstm, units: stack.units)
    if stack.readsBothWays { lstm.direction = .both }
    var layers = [LayersText.Layer.recurrent(lstm)]
    for _ in 1..<max(stack.depth, 1) {
      if stack.dropout > 0 { layers.append(.dropout(rate: stack.dropout)) }
      layers.append(.recurrent(lstm))
    }
    if let pooling = stack.pooling { layers.append(.pool(pooling)) }
    self.init(layers: layers)
  }
}
