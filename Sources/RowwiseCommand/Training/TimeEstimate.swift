import Rowwise
import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseTraining

/// About how long a training will take, by a few of its batches.
struct TimeEstimate: Sendable, Equatable {
  /// From its first step to its last, validation included.
  let seconds: Double

  /// Computes the gradients of four batches and takes the fastest but the first, which finds memory and
  /// caches empty: what else the machine does must not count. No weight changes.
  init(
    _ classifier: ImageClassifier, training: ImageDataset, validationCount: Int,
    options: TrainingOptions
  ) {
    let network = classifier.network
    let source = DatasetSource(
      training, preprocessing: classifier.preprocessing, augmentation: options.augmentation,
      seed: options.seed)
    let count = min(options.batchSize, training.count)
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features, capacity: count)
    var timed = Double.infinity
    for round in 0..<4 {
      let start = ContinuousClock.now
      // An image that can no longer be read is the training's to report.
      try? source.load(Array(0..<count), rows: 0..<count, into: batch, epoch: 1)
      _ = network.gradients(batch, loss: options.loss)
      if round > 0 { timed = min(timed, (ContinuousClock.now - start) / .seconds(1)) }
    }
    // A forward pass is a third of a step.
    let each = timed / Double(count)
    let passes = Double(training.count) + Double(validationCount) / 3
    seconds = each * passes * Double(options.epochs)
  }
}
