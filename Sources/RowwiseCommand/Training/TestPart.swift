import RowwiseDatasetLoading

/// The test part of the data that a network was trained on, read only when training is over.
struct TestPart: Sendable {
  private let layout: DatasetLayout
  private let options: DatasetOptions

  /// - Parameter options: size, colour and class names of the training images.
  /// - Returns: nil where the data have no test part.
  init?(_ layout: DatasetLayout, _ options: DatasetOptions) {
    guard layout.parts.contains(.test) else { return nil }
    self.layout = layout
    self.options = options
  }

  /// - Throws: `DatasetError`, such as where its classes are others.
  func load() throws -> ImageDataset { try layout.load(.test, options: options) }
}
