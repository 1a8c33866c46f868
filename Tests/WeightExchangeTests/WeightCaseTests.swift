import Foundation
import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSafetensors
import Testing

@testable import RowwiseWeightExchange

/// Weights that PyTorch and Keras have written (Scripts/interop), with the probabilities that they
/// themselves compute.
struct WeightCaseTests {
  struct Case: Decodable {
    var width: Int
    var height: Int
    var pixels: [[UInt8]]
    var probabilities: [[Float]]
  }

  /// The hidden layers of each case, as its script builds them.
  static let layers: [String: [any Layer]] = [
    "torch-weights-lstm": [LSTM(4), LSTM(4)],
    "torch-weights-both": [Bidirectional(LSTM(4))],
    "torch-weights-gru": [GRU(4), Dense(3, activation: .relu), Dropout(0.5)],
    "torch-weights-rnn": [SimpleRNN(4)],
    "keras-weights-lstm": [LSTM(4)],
    "keras-weights-stacked": [LSTM(4), Dropout(0.2), LSTM(3), Dense(4, activation: .relu)],
    "keras-weights-bidirectional": [Bidirectional(LSTM(4)), Bidirectional(LSTM(3))],
    "keras-weights-backwards": [LSTM(4, goBackwards: true)],
    "keras-weights-gru": [GRU(4)],
    "keras-weights-gru-both": [GRU(4, direction: .both), GRU(3, direction: .both)],
    "keras-weights-rnn": [SimpleRNN(4)],
    "keras-weights-flat": [Flatten(), Dense(4, activation: .tanh)],
    "keras-weights-mean": [Pooling(.mean), Dense(4, activation: .relu)],
    "torch-weights-flat": [Flatten(), Dense(4, activation: .tanh)],
    "torch-weights-last-flat": [LSTM(2), Flatten()],
  ]

  private static func folder(_ name: String) -> String {
    (Bundle.module.resourceURL ?? Bundle.module.bundleURL)
      .appendingPathComponent("Fixtures/\(name)").path
  }

  private static func read(_ name: String) throws -> NetworkWeights {
    let file = try SafetensorsFile(path: "\(folder(name))/weights.safetensors")
    let all = ImageClassifier.layers(
      hidden: try #require(layers[name]), classCount: 3, columns: 1)
    guard name.hasPrefix("keras") else {
      let orders = [
        "torch-weights-gru": ["rnn", "hidden", "fc"], "torch-weights-flat": ["first", "second"],
      ]
      return try PyTorchWeights(file, order: orders[name]).weights(
        for: all, timesteps: 5, features: 6
      )
      .weights
    }
    return try KerasWeights(file).weights(for: all, timesteps: 5, features: 6).weights
  }

  @Test(arguments: layers.keys.sorted())
  func sameProbabilitiesAsThere(name: String) throws {
    let content = try Data(
      contentsOf: URL(fileURLWithPath: "\(Self.folder(name))/case.json"))
    let item = try JSONDecoder().decode(Case.self, from: content)
    let classifier = try ImageClassifier(
      weights: Self.read(name),
      preprocessing: Preprocessing(width: item.width, height: item.height),
      classNames: ["a", "b", "c"], threads: 1)
    let ours = classifier.probabilities(ofModelPixels: item.pixels)
    #expect(ours.count == item.probabilities.count)
    for (our, their) in zip(ours.joined(), item.probabilities.joined()) {
      #expect(abs(our - their) <= 1e-5)
    }
  }

  /// Written for the toolkit and read again, every bit is as before; PyTorch splits a bias in two.
  @Test(arguments: layers.keys.sorted())
  func roundTrip(name: String) throws {
    let weights = try Self.read(name)
    let keras = try KerasWeights(SafetensorsFile(tensors: KerasWeights.tensors(of: weights)))
    #expect(try keras.weights(for: weights.layers, timesteps: 5, features: 6).weights == weights)
    guard name != "keras-weights-backwards" else {
      #expect(throws: WeightExchangeError.self) { try PyTorchWeights.tensors(of: weights) }
      return
    }
    let torch = try PyTorchWeights(SafetensorsFile(tensors: PyTorchWeights.tensors(of: weights)))
    #expect(try torch.weights(for: weights.layers, timesteps: 5, features: 6).weights == weights)
  }
}
