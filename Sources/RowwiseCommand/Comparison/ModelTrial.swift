import RowwiseDatasetLoading
import RowwiseEvaluation

/// Asks one model about all images of a data set, and takes the time.
struct ModelTrial {
  /// How often one image alone is classified, after some to warm up.
  private static let repeats = (warm: 20, timed: 200)

  /// How many images are classified over and over to measure speed, and for how long at least.
  private static let speedSamples = 2_048
  private static let speedSeconds = 0.2

  let name: String
  let model: any PredictingModel
  let dataset: ImageDataset

  /// Classifies everything.
  ///
  /// - Parameter trainingSeconds: how long training took, where that was seen.
  /// - Throws: `EvaluationError`; `DatasetError` when a picture can no longer be read; `EndedWith`
  ///   where it was interrupted.
  func run(trainingSeconds: Double? = nil, _ console: Console) throws -> ComparedModel {
    guard dataset.count > 0 else { throw EvaluationError.noSamples }
    let start = ContinuousClock.Instant.now
    var accumulator = EvaluationAccumulator(
      classNames: dataset.classNames, keepsProbabilities: false)
    try model.forEachPrediction(of: dataset) { index, label, probabilities in
      try accumulator.add(label: label, probabilities: probabilities)
      if Interruption.isRequested { throw EndedWith(status: .interrupted) }
      console.showProgress {
        ProgressRow.counting(name, index + 1, of: dataset.count, since: start)
      }
    }
    console.clearProgress()
    return try ComparedModel(
      name: name, accumulator: accumulator,
      cost: ModelCost(
        parameters: model.parameterCount, imagesPerSecond: try imagesPerSecond(),
        latency: try latency(), trainingSeconds: trainingSeconds))
  }

  /// Images classified a second, of those that are in memory; the first pass has warmed up.
  private func imagesPerSecond() throws -> Double {
    let pictures = dataset.subset(Array(0..<min(dataset.count, Self.speedSamples)))
    let start = ContinuousClock.Instant.now
    var count = 0
    var seconds = 0.0
    while seconds < Self.speedSeconds {
      try model.forEachPrediction(of: pictures) { _, _, _ in }
      count += pictures.count
      seconds = (ContinuousClock.Instant.now - start) / .seconds(1)
    }
    return Double(count) / seconds
  }

  /// The median time for one image alone that is already in memory, seconds.
  private func latency() throws(DatasetError) -> Double {
    let classify = try model.classification(ofSample: 0, in: dataset)
    for _ in 0..<Self.repeats.warm { classify() }
    let times = (0..<Self.repeats.timed).map { _ in
      let start = ContinuousClock.Instant.now
      classify()
      return (ContinuousClock.Instant.now - start) / .seconds(1)
    }
    return times.sorted()[times.count / 2]
  }
}
