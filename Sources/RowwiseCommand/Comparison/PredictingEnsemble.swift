import Rowwise
import RowwiseDatasetLoading

/// Models that answer together, each with the samples as it reads them.
struct PredictingEnsemble: PredictingModel {
  let data: DataForEnsemble

  var parameterCount: Int { data.ensemble.parameterCount }

  /// - Parameter dataset: the samples as the first model reads them, or the first of these.
  func forEachPrediction(
    of dataset: ImageDataset,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    guard dataset.count < data.first.count else { return try data.forEachPrediction(body) }
    let first = Array(0..<dataset.count)
    try data.ensemble.forEachPrediction(of: data.datasets.map { $0.subset(first) }, body)
  }

  /// - Parameter pictures: as all models read them.
  func probabilities(ofModelPixels pictures: [[UInt8]]) -> [[Float]] {
    data.ensemble.probabilities(ofModelPixels: data.datasets.map { _ in pictures })
  }

  func classification(
    ofSample index: Int, in dataset: ImageDataset
  ) throws(DatasetError) -> () -> Void {
    var pixels: [[[UInt8]]] = []
    for dataset in data.datasets { pixels.append([try dataset.pixels(at: index)]) }
    let ensemble = data.ensemble
    return { [pixels] in _ = ensemble.probabilities(ofModelPixels: pixels) }
  }
}
