public import RowwiseDatasetLoading
public import RowwiseEvaluation
import RowwiseLayers

extension ImageClassifier {
  /// Finds the temperature that makes the probabilities fit a data set best.
  ///
  /// - Parameter dataset: samples that the classifier was not trained on; at least one.
  /// - Throws: `EvaluationError` where there are no samples or the probabilities are none;
  ///   `DatasetError` when a picture can no longer be read.
  public func fittedTemperature(on dataset: ImageDataset) throws -> TemperatureScaling {
    var accumulator = EvaluationAccumulator(classNames: classNames)
    try forEachPrediction(of: dataset) { _, label, probabilities in
      try accumulator.add(label: label, probabilities: probabilities)
    }
    guard accumulator.count > 0 else { throw EvaluationError.noSamples }
    return TemperatureScaling(
      fitting: accumulator.probabilities, labels: accumulator.labels,
      classCount: classNames.count)
  }

  /// Divides the logits by a temperature, from now on: weights and bias of the output layer are.
  ///
  /// So everything that reads the model file gives calibrated probabilities, also programs that
  /// know nothing of temperatures. The caller notes it in `Provenance.temperature`.
  public func scaleLogits(by scaling: TemperatureScaling) {
    let prefix = "layers.\(network.layers.count - 1)."
    let factor = 1 / scaling.temperature
    let scaled = network.parameters.filter { $0.name.hasPrefix(prefix) }
    // In one change, so that nobody sees half of it and nothing comes in between.
    network.engine.changeWeights { weights in
      for parameter in scaled {
        for i in parameter.range { weights[i] = Float(Double(weights[i]) * factor) }
      }
    }
  }
}
