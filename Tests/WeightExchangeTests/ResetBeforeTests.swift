import Rowwise
import RowwiseLayers
import RowwiseSafetensors
import Testing

@testable import RowwiseWeightExchange

/// Keras's GRU with `reset_after=False`: one recurrent kernel there, of which the candidate's columns are
/// an array of their own here, and a bias of one row.
struct ResetBeforeTests {
  private static let layers = ImageClassifier.layers(
    hidden: [GRU(2, resetAfter: false)], classCount: 3, columns: 1)

  /// As `model.weights` has them: [1, 6], [2, 6], [6], [2, 3], [3].
  private static func file(bias: [Int] = [6]) throws -> SafetensorsFile {
    func tensor(_ name: String, _ shape: [Int], from first: Float) throws -> SafetensorsFile.Tensor
    {
      let count = shape.reduce(1, *)
      return try .init(
        name: name, shape: shape, values: (0..<count).map { first + Float($0) })
    }
    return try SafetensorsFile(tensors: [
      tensor("0/gru/gru_cell/kernel", [1, 6], from: 100),
      tensor("1/gru/gru_cell/recurrent_kernel", [2, 6], from: 0),
      tensor("2/gru/gru_cell/bias", bias, from: 200),
      tensor("3/dense/kernel", [2, 3], from: 300), tensor("4/dense/bias", [3], from: 400),
    ])
  }

  @Test func columnsOfTheCandidate() throws {
    let weights = try KerasWeights(Self.file()).weights(
      for: Self.layers, timesteps: 3, features: 1
    ).weights
    #expect(weights["layers.0.input_weight"] == [100, 101, 102, 103, 104, 105])
    #expect(weights["layers.0.recurrent_weight"] == [0, 1, 2, 3, 6, 7, 8, 9])
    #expect(weights["layers.0.candidate_weight"] == [4, 5, 10, 11])
    #expect(weights["layers.0.bias"] == [200, 201, 202, 203, 204, 205])
    let back = try KerasWeights.tensors(of: weights)
    #expect(back.map(\.shape) == [[1, 6], [2, 6], [6], [2, 3], [3]])
    #expect(try back[1].floats() == (0..<12).map { Float($0) })
  }

  /// A bias of two rows belongs to a GRU whose reset gate comes after the product.
  @Test func theOtherGRUIsRefused() throws {
    #expect(
      throws: WeightExchangeError.shapeMismatch(
        tensor: "2/gru/gru_cell/bias", layer: 1, expected: [6], received: [2, 6])
    ) {
      try KerasWeights(Self.file(bias: [2, 6])).weights(
        for: Self.layers, timesteps: 3, features: 1)
    }
  }

  @Test func bothDirectionsComeBack() throws {
    let classifier = try ImageClassifier(
      hiddenLayers: [GRU(4, direction: .both, resetAfter: false), GRU(3, resetAfter: false)],
      preprocessing: Preprocessing(width: 6, height: 5), classNames: ["a", "b", "c"], seed: 3,
      threads: 1)
    let weights = NetworkWeights(of: classifier.network)
    let keras = try KerasWeights(SafetensorsFile(tensors: KerasWeights.tensors(of: weights)))
    #expect(try keras.weights(for: weights.layers, timesteps: 5, features: 6).weights == weights)
  }

  @Test func pyTorchHasNone() throws {
    let weights = try NetworkWeights(layers: Self.layers, timesteps: 3, features: 1)
    #expect(
      throws: WeightExchangeError.unsupportedLayer(
        layer: 1,
        reason: "PyTorch has no GRU whose reset gate comes before the recurrent product; export to "
          + "ONNX or Keras instead")
    ) { try PyTorchWeights.tensors(of: weights) }
  }
}
