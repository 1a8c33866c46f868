import RowwiseLayers

/// What weights tell about the sequences that they read.
public enum InputWidth: Sendable, Equatable {
  /// Features of one timestep, D.
  case timestep(Int)
  /// Numbers of all timesteps together, T · D: what a dense layer on top of `Flatten` reads.
  case sequence(Int)

  /// Holds sequences against it.
  ///
  /// - Throws: `WeightExchangeError.featuresMismatch` or `.flattenMismatch`.
  public func check(timesteps: Int, features: Int) throws(WeightExchangeError) {
    switch self {
    case .timestep(let width):
      guard width == features else {
        throw .featuresMismatch(model: width, preprocessing: features, timesteps: timesteps)
      }
    case .sequence(let width):
      let (numbers, overflow) = timesteps.multipliedReportingOverflow(by: features)
      guard !overflow, width == numbers else {
        throw .flattenMismatch(model: width, preprocessing: features, timesteps: timesteps)
      }
    }
  }
}

/// The first layer of a stack that has weights in other toolkits.
struct FirstLayer {
  /// From 1, for errors.
  var number = 0
  /// Whether it reads timesteps one after the other; else it is dense.
  var isRecurrent = false
  /// Whether it reads all timesteps side by side.
  var isFlat = false

  /// - Parameter layers: all layers, the output layer included.
  /// - Throws: `WeightExchangeError.noLayer`, or `.unsupportedLayer` where the first one has weights that no
  ///   toolkit gives.
  init(of layers: [LayerSpecification]) throws(WeightExchangeError) {
    for (index, layer) in layers.enumerated() {
      number = index + 1
      isRecurrent = layer.isRecurrent
      switch layer {
      case .dropout, .pooling: continue
      case .flatten: isFlat = true
      case .recurrent, .residual, .dense, .sweep, .merge, .convolution: return
      case .norm, .mlp:
        throw .unsupportedLayer(
          layer: number,
          reason: "layer normalisation is not exchanged with other toolkits; export to ONNX instead"
        )
      }
    }
    throw .noLayer("an output")
  }

  /// What it tells about sequences, where its weights read so many numbers.
  ///
  /// - Throws: `WeightExchangeError.invalidShape` with the tensor's name and shape.
  func inputWidth(
    _ width: Int, tensor: String, shape: [Int]
  ) throws(WeightExchangeError) -> InputWidth {
    guard (1...NetworkWeights.maximumFeatures).contains(width) else {
      throw .invalidShape(tensor: tensor, shape: shape)
    }
    return isFlat ? .sequence(width) : .timestep(width)
  }
}
