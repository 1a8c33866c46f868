import Rowwise
import RowwiseDatasetLoading

/// What can be asked about images and compared: a network, or something simpler.
protocol PredictingModel {
  /// Numbers that it keeps to answer.
  var parameterCount: Int { get }

  /// Calls `body` with every sample of a data set in order: index, label, probabilities.
  ///
  /// - Throws: `DatasetError` where an image can no longer be read; what `body` throws.
  func forEachPrediction(
    of dataset: ImageDataset,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws

  /// Class probabilities of images of its size, [height × width × channels] bytes each, in order.
  func probabilities(ofModelPixels pictures: [[UInt8]]) -> [[Float]]

  /// Classifies one sample of a data set, which is in memory by then, as often as it is called.
  ///
  /// - Throws: `DatasetError` where the image can no longer be read.
  func classification(
    ofSample index: Int, in dataset: ImageDataset
  ) throws(DatasetError) -> () -> Void
}

extension PredictingModel {
  func classification(
    ofSample index: Int, in dataset: ImageDataset
  ) throws(DatasetError) -> () -> Void {
    let pixels = [try dataset.pixels(at: index)]
    return { [self] in _ = probabilities(ofModelPixels: pixels) }
  }
}

extension ImageClassifier: PredictingModel {
  /// The number of weights.
  var parameterCount: Int { network.parameterCount }
}
