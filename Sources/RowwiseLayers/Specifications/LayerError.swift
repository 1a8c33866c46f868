public import RowwiseKernelInterface

/// What can be wrong with a stack of layers. Layers are counted from 1, as people do.
public enum LayerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no layer at all.
  case noLayers
  /// There are more layers than `LayerError.maximumLayers`.
  case tooManyLayers(Int)
  /// A layer's size is not a positive number (or beyond reason).
  case invalidUnits(layer: Int, units: Int)
  /// A dropout or zoneout rate outside [0, 1).
  case invalidRate(layer: Int, rate: Double)
  /// A recurrent layer after one that gives no sequence.
  case needsSequence(layer: Int)
  /// A fully connected layer after one that gives a sequence.
  case needsVector(layer: Int)
  /// The last layer is not a `Dense` with softmax.
  case lastLayerNotSoftmax
  /// Softmax before the last layer.
  case softmaxBeforeLast(layer: Int)
  /// A layer that cannot read one timestep at a time.
  case notStepwise(layer: Int)
  /// A recurrent layer has an option that its cell cannot have.
  case unsuitedOption(layer: Int, option: String, cell: RecurrentCell)
  /// A residual connection around a layer that gives no sequence, or is none that reads one.
  case residualNeedsSequence(layer: Int)

  /// A sweep, merging or a convolution does not know how many patches lie side by side, or what it reads
  /// cannot be divided in so many.
  case noColumns(layer: Int, columns: Int?, width: Int)
  /// Merging by a number that is none of `Merge.factors`.
  case invalidFactor(layer: Int, factor: Int)
  /// A ratio that is none of `MLP.ratios`.
  case invalidRatio(layer: Int, ratio: Int)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .noLayers:
      "the network has no layers; give at least one LSTM and a Dense layer with softmax"
    case .tooManyLayers(let count):
      "the network has \(count) layers; expected at most \(LayerError.maximumLayers)"
    case .invalidUnits(let layer, let units):
      "layer \(layer) has \(units) units; expected 1 to \(LayerError.maximumUnits)"
    case .invalidRate(let layer, let rate):
      "layer \(layer) has dropout rate \(rate); expected 0 or more and less than 1"
    case .needsSequence(let layer):
      "layer \(layer) reads a sequence, but the layer before gives only its last output; "
        + "set returnSequences on that layer"
    case .needsVector(let layer):
      "layer \(layer) reads one vector, but the layer before gives a sequence; "
        + "clear returnSequences on that layer"
    case .lastLayerNotSoftmax:
      "the last layer must be Dense with softmax activation, one unit a class"
    case .softmaxBeforeLast(let layer):
      "layer \(layer) has softmax activation, which only the last layer may have"
    case .notStepwise(let layer):
      "layer \(layer) needs the whole sequence at once; layers that read backwards or both ways, "
        + "sweeps, merge, conv and flatten cannot read one timestep after the other"
    case .unsuitedOption(let layer, let option, let cell):
      "layer \(layer): \(option) does not go with the cell \(cell.rawValue)"
    case .residualNeedsSequence(let layer):
      "layer \(layer): a residual connection goes around a recurrent layer that returns sequences; "
        + "set returnSequences, and put pooling behind it"
    case .noColumns(let layer, nil, _):
      "layer \(layer) reads patches side by side and does not know how many; give columns"
    case .noColumns(let layer, let columns?, let width):
      "layer \(layer) reads \(columns) patches side by side, but what it reads, \(width) numbers "
        + "a timestep, cannot be divided in so many"
    case .invalidFactor(let layer, let factor):
      "layer \(layer) merges \(factor) × \(factor) patches; expected "
        + "\(Merge.factors.lowerBound) to \(Merge.factors.upperBound)"
    case .invalidRatio(let layer, let ratio):
      "layer \(layer) has \(ratio) times as many hidden numbers; expected "
        + "\(MLP.ratios.lowerBound) to \(MLP.ratios.upperBound) times"
    }
  }

  static let maximumUnits = 65_536

  /// The most layers of a network, the output layer included: far more than can be trained, and few
  /// enough that a file with as many is refused or read at once.
  public static let maximumLayers = 1000
}
