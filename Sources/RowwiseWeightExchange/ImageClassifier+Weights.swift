public import Rowwise
public import RowwiseKernelInterface
import RowwiseLayers
public import RowwiseRowSequencing
import RowwiseWorkers

extension ImageClassifier {
  /// A classifier with weights from elsewhere.
  ///
  /// - Parameters:
  ///   - weights: all finite; as wide as the preprocessing's timesteps.
  ///   - preprocessing: how pictures become timesteps.
  ///   - classNames: one for every output unit, all different.
  ///   - threads: nil: as many as the machine runs at once.
  ///   - instructionSet: the fastest to use; nil for the processor's best.
  ///   - precision: of the products of LSTM layers.
  /// - Throws: `WeightExchangeError`; `LayerError` when the layers do not fit together.
  public convenience init(
    weights: NetworkWeights, preprocessing: Preprocessing, classNames: [String],
    threads: Int? = nil, instructionSet: InstructionSet? = nil, precision: Precision = .float32
  ) throws {
    guard preprocessing.features == weights.features else {
      throw WeightExchangeError.featuresMismatch(
        model: weights.features, preprocessing: preprocessing.features,
        timesteps: preprocessing.timesteps)
    }
    guard classNames.count == weights.classCount else {
      throw WeightExchangeError.classCountMismatch(
        expected: weights.classCount, received: classNames.count)
    }
    var known: Set<String> = []
    for name in classNames where !known.insert(name).inserted {
      throw WeightExchangeError.repeatedClassName(name)
    }
    try weights.checkFinite()
    guard weights.timesteps == preprocessing.timesteps || !weights.layers.contains(.flatten) else {
      throw WeightExchangeError.timestepsMismatch(
        model: weights.timesteps, preprocessing: preprocessing.timesteps)
    }
    let network = try Network<Float>(
      weights.layers, timesteps: preprocessing.timesteps,
      features: preprocessing.features, seed: nil,
      pool: WorkerPool(threads: threads ?? WorkerPool.availableThreads),
      kernels: Float.kernels(upTo: instructionSet), precision: precision)
    weights.copy(to: network)
    self.init(preprocessing: preprocessing, classNames: classNames, network: network)
  }
}
