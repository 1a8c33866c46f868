import DatasetLoading
import Rowwise

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
    for classifier: ImageClassifier, _ reading: ReadingOptions, _ engine: EngineOptions,
    _ console: Console
  ) throws -> ImageDataset {
    let layout = try locate(argument, console)
    return try load(
      layout, part ?? preferring(layout) ?? .test, for: classifier, reading, engine, console)
  }

  /// Finds a data set.
  static func locate(_ argument: String, _ console: Console) throws -> DatasetLayout {
    let layout = try DatasetLoader.locate(argument, searching: DatasetFolders.ofProcess)
    layout.report.lines().forEach { console.warn($0) }
    return layout
  }

  /// Loads one part of a data set that was found.
  ///
  /// - Parameter tells: whether to warn of what is left out.
  static func load(
    _ layout: DatasetLayout, _ part: DatasetPart, for classifier: ImageClassifier,
    _ reading: ReadingOptions, _ engine: EngineOptions, _ console: Console, tells: Bool = true
  ) throws -> ImageDataset {
    var options = DatasetOptions()
    options.width = classifier.preprocessing.width
    options.height = classifier.preprocessing.height
    options.color = classifier.preprocessing.color
    options.classNames = classifier.classNames
    options.decoding.strictness = reading.strictness
    options.threads = engine.threadCount
    options.progress = console.readingProgress()
    let dataset = try layout.load(part, options: options)
    console.clearProgress()
    if tells { dataset.report.lines().forEach { console.warn($0) } }
    return dataset
  }
}
