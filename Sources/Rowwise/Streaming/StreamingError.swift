public import RowwiseLayers
public import RowwiseRowSequencing

/// Why a model cannot read a picture row by row as it arrives.
public enum StreamingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Its timesteps need the whole picture.
  case readingOrder(ReadingOrder)
  /// A layer, counted from 1, needs the whole sequence.
  case layer(Int, LayerSpecification)
  /// There is no early exit that could be kept to.
  case earlyExit(EarlyExitError)

  init(_ error: LayerError, _ layers: [LayerSpecification]) {
    if case .notStepwise(let number) = error, layers.indices.contains(number - 1) {
      self = .layer(number, layers[number - 1])
    } else {
      self = .layer(layers.count, layers[layers.count - 1])
    }
  }

  /// What is in the way and what to do.
  public var description: String {
    switch self {
    case .readingOrder(let order):
      "the model reads \(order), which needs the whole picture before the first timestep; train one "
        + "that reads rows, serpentine or pixels to stream"
    case .layer(let number, let layer):
      "layer \(number) of the model (\(Self.text(layer))) needs the whole picture; train one whose "
        + "layers read forwards only, by --recipe streaming or --layers lstm:128, to stream"
    case .earlyExit(let error): error.description
    }
  }

  private static func text(_ layer: LayerSpecification) -> String {
    LayersText(hidden: [layer]).description
  }
}

extension ImageClassifier {
  /// Throws where timesteps or a layer need the whole picture.
  package func checkStreams() throws(StreamingError) {
    guard preprocessing.readingOrder.streams else {
      throw .readingOrder(preprocessing.readingOrder)
    }
    if let layer = network.layers.stepObstacle {
      throw StreamingError(.notStepwise(layer: layer), network.layers)
    }
  }

  /// A reader of single timesteps.
  ///
  /// - Throws: `StreamingError` where timesteps or a layer need the whole picture.
  func makeReader() throws(StreamingError) -> NetworkReader<Float> {
    try checkStreams()
    do throws(LayerError) {
      return try network.makeReader()
    } catch {
      throw StreamingError(error, network.layers)
    }
  }
}
