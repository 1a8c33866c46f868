import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseRowSequencing

/// Images to learn from, to choose by and to judge by, and the recipe that suits them.
struct BaselineData {
  /// Where the data are.
  let path: String
  let training: ImageDataset
  let validation: ImageDataset
  let test: ImageDataset
  /// Standardises each channel.
  let preprocessing: Preprocessing
  /// Of `rowwise train` for the training images.
  let recipe: Recipe
  /// Whether images had to be left out because they cannot be read.
  let lacksImages: Bool

  /// Where no test part is, this share of all images is kept for the end.
  private static let testShare = 0.2

  /// Finds and loads the data.
  ///
  /// - Parameter seed: decides what is held back.
  /// - Throws: `DatasetError`, such as where there are too few images to divide.
  init(
    _ argument: String, seed: UInt64, _ list: ListOptions, _ reading: ReadingOptions,
    _ engine: EngineOptions, _ console: Console
  ) throws {
    var options = DatasetOptions()
    options.decoding = reading.decoding
    options.threads = engine.threadCount
    options.progress = console.readingProgress()
    // As the automatic recipe does with all data.
    options.sizing = .reading
    var images = try ImageOptions.parse([])
    images.standardize = true
    images.list = list
    let layout = try DatasetLoader.locate(
      argument, searching: DatasetFolders.ofProcess, columns: list.columns)
    let shared = SharedImages(console)
    let warnings = shared.warnings
    let shape = try layout.preprocessing(options)
    (options.width, options.height, options.color) = (shape.width, shape.height, shape.color)
    var data: TrainingData
    if layout.parts.contains(.test) {
      data = try TrainingData(
        argument, validation: .standard, images: images, options: options, seed: seed,
        shared: shared)
      options.classNames = data.training.classNames
      test = try layout.load(.test, options: options)
      warnings.tell(test.report)
    } else {
      data = try TrainingData(
        argument, validation: .share(Self.testShare), images: images, options: options, seed: seed,
        shared: shared)
      test = try Self.held(data.validation, Self.testShare, of: data)
      data = try data.holdingBack(TrainingData.standardShare, seed: seed)
    }
    validation = try Self.held(data.validation, TrainingData.standardShare, of: data)
    training = data.training
    preprocessing = data.preprocessing
    path = training.path
    lacksImages = data.lacksImages || !test.report.badImages.isEmpty
    recipe = Recipe.automatic(
      for: try DatasetFacts(
        of: training, preprocessing: preprocessing, threads: engine.threadCount), readsRows: true)
  }

  private static func held(
    _ dataset: ImageDataset?, _ share: Double, of data: TrainingData
  ) throws(DatasetError) -> ImageDataset {
    guard let dataset else {
      throw .invalidSplit(fraction: share, samples: data.training.count)
    }
    return dataset
  }
}
