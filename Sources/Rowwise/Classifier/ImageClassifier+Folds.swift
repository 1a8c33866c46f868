public import RowwiseDatasetLoading
import RowwiseLayers
public import RowwiseTraining

extension ImageClassifier {
  /// A classifier with the layers, preprocessing and class names of this one, and weights of its
  /// own that have seen nothing.
  ///
  /// It runs on this one's threads, so the two take turns.
  public func untrained(seed: UInt64) throws -> ImageClassifier {
    ImageClassifier(
      preprocessing: preprocessing, classNames: classNames,
      network: try Network(
        network.layers, timesteps: network.timesteps, features: network.features,
        seed: seed, pool: network.pool, kernels: network.kernels))
  }

  /// Class probabilities of every sample by a network that was not trained on it.
  ///
  /// Of each fold a classifier like this one (``untrained(seed:)``) learns the other folds and is
  /// asked about this one. Neither this classifier nor the data change.
  ///
  /// - Parameters:
  ///   - folds: all folds of one data set, as `ImageDataset.stratifiedFolds` gives them.
  ///   - options: how to train; their seed also decides the first weights.
  ///   - callbacks: told what happens, fold by fold.
  /// - Returns: row-major [N × classes], in the order of the whole data set; nil where a callback
  ///   stopped training.
  /// - Throws: `LayerError`, `TrainingError`; `DatasetError` when a picture can no longer be read.
  public func outOfSampleProbabilities(
    _ folds: [DatasetFold], options: TrainingOptions,
    callbacks: (DatasetFold) -> TrainingCallbacks = { _ in TrainingCallbacks() }
  ) throws -> [Float]? {
    let classes = classNames.count
    let count = folds.reduce(0) { $0 + $1.heldOut.count }
    var all = [Float](repeating: 0, count: count * classes)
    for fold in folds {
      let classifier = try untrained(seed: options.seed)
      let history = try classifier.fit(
        fold.training, options: options, callbacks: callbacks(fold))
      if history.wasStopped { return nil }
      try classifier.forEachPrediction(of: fold.heldOut) { index, _, probabilities in
        let start = fold.heldOutIndices[index] * classes
        all.replaceSubrange(start..<start + classes, with: probabilities)
      }
    }
    return all
  }
}
