public import RowwiseLayers

/// Weights from another toolkit, which fit any stack of layers that has such arrays.
public protocol ForeignWeights: Sendable {
  /// Units of the last layer.
  var classCount: Int { get }

  /// What the first of the layers reads, as far as the weights tell.
  ///
  /// - Parameter layers: all layers, the output layer included.
  /// - Throws: `WeightExchangeError` where the weights are not those of the layers.
  func inputWidth(of layers: [LayerSpecification]) throws(WeightExchangeError) -> InputWidth

  /// Fills the weights of layers.
  ///
  /// - Parameters:
  ///   - layers: all layers, the output layer included.
  ///   - timesteps: of a sequence.
  ///   - features: of a timestep, from 1 to the most that preprocessing can give.
  /// - Returns: the weights, and where they are from.
  /// - Throws: `WeightExchangeError` where names, shapes or types are not what the layers need, or
  ///   sequences not what they read; `LayerError`.
  func weights(
    for layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws -> (weights: NetworkWeights, sources: [WeightSource])
}

/// Where a layer's weights were found.
public struct WeightSource: Sendable, Equatable {
  /// Number of the layer, counted from 1 over all layers.
  public let layer: Int
  /// The module's or the first tensor's name.
  public let name: String
}
