import Rowwise
import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseTraining

/// About how long a training will take, by a few of its batches.
struct TimeEstimate: Sendable, Equatable {
  /// From its first step to its last, validation included.
  let seconds: Double

  /// Batches timed, at most, and seconds from which on four of them do.
  private static let (mostRounds, enough) = (32, 0.05)

  /// Computes the gradients of four batches, or more where they are quick, and takes the middle one of all
  /// but the first, which finds memory and caches empty. No weight changes.
  init(
    _ classifier: ImageClassifier, training: ImageDataset, validationCount: Int,
    teacher: ImageEnsemble? = nil, options: TrainingOptions
  ) {
    let network = classifier.network
    let source = DatasetSource(
      training, preprocessing: classifier.preprocessing, augmentation: options.augmentation,
      seed: options.seed)
    let count = min(options.batchSize, training.count)
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features, capacity: count)
    let first = Array(0..<count)
    let teacher = teacher.flatMap { try? ImageTeacher($0, of: classifier, training, options) }
    // Where one of its images cannot be read, too.
    batch.taught = [Float](repeating: 1, count: count * network.classCount)
    var times: [Double] = []
    var total = 0.0
    for round in 0..<Self.mostRounds where round < 4 || total < Self.enough {
      let start = ContinuousClock.now
      // An image that can no longer be read is the training's to report.
      try? source.load(first, rows: 0..<count, into: batch, epoch: 1)
      if let taught = try? teacher?.probabilities(of: first, epoch: 1) { batch.taught = taught }
      _ = network.gradients(batch, loss: options.loss)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      total += seconds
      if round > 0 { times.append(seconds) }
    }
    // A forward pass is a third of a step.
    let each = times.sorted()[times.count / 2] / Double(count)
    let passes = Double(training.count) + Double(validationCount) / 3
    seconds = each * passes * Double(options.epochs)
  }
}
