import Rowwise
import RowwiseDatasetLoading

/// Samples as each model that answers reads them.
struct DataForEnsemble {
  let ensemble: ImageEnsemble
  /// The samples for each model; those that read them alike share them.
  let datasets: [ImageDataset]

  /// The samples as the first model reads them.
  var first: ImageDataset { datasets[0] }

  /// Puts both together; there is a data set for each model, all of the same samples.
  init(ensemble: ImageEnsemble, datasets: [ImageDataset]) {
    (self.ensemble, self.datasets) = (ensemble, datasets)
  }

  /// Finds and loads one part, telling of everything that is left out.
  ///
  /// - Parameters: as of `DataForModel.load`.
  /// - Throws: as `init(_:_:for:)`.
  init(
    _ argument: String, part: DatasetPart?,
    preferring: (DatasetLayout) -> DatasetPart? = \.evaluationPart,
    for ensemble: ImageEnsemble, _ list: ListOptions, _ reading: ReadingOptions,
    _ engine: EngineOptions, unknownClasses: DatasetOptions.UnknownClasses = .error,
    _ console: Console
  ) throws {
    let warnings = DataWarnings(console)
    let layout = try DataForModel.locate(argument, list, warnings)
    let part = part ?? preferring(layout) ?? .test
    try self.init(layout, for: ensemble) { classifier in
      try DataForModel.load(
        layout, part, for: classifier, reading, engine, unknownClasses: unknownClasses, warnings)
    }
  }

  /// Loads samples once for all models that read them alike.
  ///
  /// - Parameter load: the samples as a model reads them, with the ensemble's classes.
  /// - Throws: `DatasetError`; `PreprocessingError`; `CommandError.unusableInput` where some of the samples can
  ///   be read for some of the models only.
  init(
    _ layout: DatasetLayout, for ensemble: ImageEnsemble,
    _ load: (ImageClassifier) throws -> ImageDataset
  ) throws {
    self.ensemble = ensemble
    let (readers, places) = ensemble.members.map(\.classifier).distinctReaders
    let loaded = try readers.map { reader in
      // Labels follow the first model's classes, whatever the order of the others.
      try load(
        ImageClassifier(
          preprocessing: reader.preprocessing, classNames: ensemble.classNames,
          network: reader.network))
    }
    for other in loaded.dropFirst() where !other.hasSamples(of: loaded[0]) {
      throw CommandError.unusableInput(
        path: layout.path,
        reason:
          "some of its images can be read in the size of one of the models only; give one model, "
          + "or more --picture-memory")
    }
    datasets = places.map { loaded[$0] }
  }

  /// Calls `body` with every sample in order: index, label, probabilities.
  ///
  /// - Throws: `DatasetError` when a picture can no longer be read; what `body` throws.
  func forEachPrediction(
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    let alone = ensemble.members[0].classifier
    guard ensemble.members.count > 1 || alone.classNames != ensemble.classNames else {
      return try alone.forEachPrediction(of: first, body)
    }
    try ensemble.forEachPrediction(of: datasets, body)
  }
}
