import Rowwise
import RowwiseDatasetLoading

/// Loads data as a model reads them.
enum DataForModel {
  /// Finds and loads one part, telling of everything that is left out.
  ///
  /// - Parameters:
  ///   - part: which; nil for the preferred one.
  ///   - preferring: the part to take where none is named.
  /// - Throws: `DatasetError`; `PreprocessingError`.
  static func load(
    _ argument: String, part: DatasetPart?,
    preferring: (DatasetLayout) -> DatasetPart? = \.evaluationPart,
    for classifier: ImageClassifier, _ list: ListOptions, _ reading: ReadingOptions,
    _ engine: EngineOptions, unknownClasses: DatasetOptions.UnknownClasses = .error,
    _ console: Console
  ) throws -> ImageDataset {
    let warnings = DataWarnings(console)
    let layout = try locate(argument, list, warnings)
    return try load(
      layout, part ?? preferring(layout) ?? .test, for: classifier, reading, engine,
      unknownClasses: unknownClasses, warnings)
  }

  /// Finds a data set.
  static func locate(
    _ argument: String, _ list: ListOptions, _ warnings: DataWarnings
  ) throws -> DatasetLayout {
    let layout = try DatasetLoader.locate(
      argument, searching: DatasetFolders.ofProcess, columns: list.columns)
    warnings.tell(layout.report)
    return layout
  }

  /// Loads one part of a data set that was found.
  static func load(
    _ layout: DatasetLayout, _ part: DatasetPart, for classifier: ImageClassifier,
    _ reading: ReadingOptions, _ engine: EngineOptions,
    unknownClasses: DatasetOptions.UnknownClasses = .error, _ warnings: DataWarnings
  ) throws -> ImageDataset {
    var options = DatasetOptions()
    options.unknownClasses = unknownClasses
    options.read(as: classifier.preprocessing)
    options.classNames = classifier.classNames
    options.decoding = reading.decoding
    options.threads = engine.threadCount
    options.progress = warnings.console.readingProgress()
    let dataset = try layout.load(part, options: options)
    warnings.console.clearProgress()
    warnings.tell(dataset.report)
    return dataset
  }
}
