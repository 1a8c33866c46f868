import Rowwise
import RowwiseLayers
import RowwiseONNXExchange
import RowwiseSafetensors
import RowwiseWeightExchange

/// Models of other toolkits from bytes.
enum ExchangeFuzzing {
  /// What is understood has finite weights in layers that fit together.
  static func onnx(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let model = try? ONNXImport(bytes: bytes) else { return }
    try check(model.weights)
    try expect(
      model.classNames.map { $0.count == model.weights.classCount } ?? true,
      "class names and classes differ in count")
  }

  /// The same for weights of a stack that both toolkits have.
  static func weights(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let file = try? SafetensorsFile(bytes: bytes) else { return }
    let stacks: [[any Layer]] = [
      [LSTM(2), GRU(2, direction: .both), Dense(2)], [Flatten(), Dense(2)], [Pooling(.max)],
    ]
    for stack in stacks {
      let layers = ImageClassifier.layers(hidden: stack, classCount: 3, columns: 1)
      if let source = try? PyTorchWeights(file) { try fill(layers, from: source) }
      if let source = try? KerasWeights(file) { try fill(layers, from: source) }
    }
  }

  /// Fills layers, for sequences of the width that the weights ask for.
  private static func fill(
    _ layers: [LayerSpecification], from source: any ForeignWeights
  ) throws(FuzzFinding) {
    guard let width = try? source.inputWidth(of: layers) else { return }
    let (timesteps, features) =
      switch width {
      case .timestep(let features): (2, features)
      case .sequence(let numbers): (1, numbers)
      }
    guard
      let weights = try? source.weights(
        for: layers, timesteps: timesteps, features: features
      ).weights
    else { return }
    try check(weights)
  }

  private static func check(_ weights: NetworkWeights) throws(FuzzFinding) {
    try expect(weights.classCount > 0, "no classes")
    for parameter in weights.parameters {
      try expect(
        weights[parameter.name].allSatisfy(\.isFinite), "\(parameter.name) is not finite")
    }
  }
}
