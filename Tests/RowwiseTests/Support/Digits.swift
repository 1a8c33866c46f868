import Foundation
import Rowwise
import RowwiseDatasetLoading
import RowwiseRowSequencing
import Testing

/// The bundled digits.
enum Digits {
  typealias Parts = (train: ImageDataset, test: ImageDataset)

  /// The package's `Datasets`.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Datasets").path

  /// Training and test part.
  static func load(
    _ name: String = "digits", options: DatasetOptions = DatasetOptions()
  ) throws -> (train: ImageDataset, test: ImageDataset) {
    let splits = try DatasetLoader.open("\(folder)/\(name)", options: options)
    return (try #require(splits.train), try #require(splits.test))
  }

  /// A part as arrays.
  static func arrays(_ dataset: ImageDataset) throws -> (x: Sequences, y: [Int]) {
    let preprocessing = try Preprocessing(width: dataset.width, height: dataset.height)
    let writer = SequenceWriter(preprocessing)
    var values: [Float] = []
    for index in 0..<dataset.count { values += writer.sequence(of: try dataset.pixels(at: index)) }
    let x = Sequences(
      values, count: dataset.count, timesteps: preprocessing.timesteps,
      features: preprocessing.features)
    return (x, dataset.labels.map { Int($0) })
  }
}
