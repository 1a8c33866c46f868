import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseSafetensors
import Testing

@testable import RowwiseWeightExchange

/// Files that do not hold what the layers need are refused with the tensor's name.
struct WeightErrorTests {
  private static let layers: [LayerSpecification] = ImageClassifier.layers(
    hidden: [LSTM(2)], classCount: 3, columns: 1)

  /// The tensors of a good file, by name.
  private static func tensors() throws -> [String: [Int]] {
    [
      "rnn.weight_ih_l0": [8, 4], "rnn.weight_hh_l0": [8, 2], "rnn.bias_ih_l0": [8],
      "rnn.bias_hh_l0": [8], "fc.weight": [3, 2], "fc.bias": [3],
    ]
  }

  private static func file(_ tensors: [String: [Int]]) throws -> SafetensorsFile {
    try SafetensorsFile(
      tensors: tensors.map {
        try .init(
          name: $0.key, shape: $0.value,
          values: [Float](repeating: 0.5, count: $0.value.reduce(1, *)))
      })
  }

  private static func pyTorch(
    _ order: [String]? = nil, _ change: (inout [String: [Int]]) -> Void
  ) throws -> NetworkWeights {
    var all = try tensors()
    change(&all)
    return try PyTorchWeights(file(all), order: order).weights(
      for: layers, timesteps: 3, features: 4
    ).weights
  }

  private static func expect(
    _ error: WeightExchangeError, _ order: [String]? = nil,
    _ change: @escaping (inout [String: [Int]]) -> Void
  ) {
    #expect(throws: error) { try pyTorch(order, change) }
  }

  @Test func aGoodFile() throws {
    let weights = try Self.pyTorch { _ in }
    #expect(weights.features == 4 && weights.classCount == 3)
    #expect(weights["layers.0.bias"] == [Float](repeating: 1, count: 8))
  }

  @Test func layersWithoutBias() throws {
    let weights = try Self.pyTorch {
      $0["rnn.bias_ih_l0"] = nil
      $0["rnn.bias_hh_l0"] = nil
    }
    #expect(weights["layers.0.bias"] == [Float](repeating: 0, count: 8))
  }

  @Test func missingAndUnknownTensors() {
    Self.expect(.missingTensor("rnn.weight_hh_l0", layer: 1)) { $0["rnn.weight_hh_l0"] = nil }
    Self.expect(.missingTensor("rnn.weight_ih_l0", layer: 1)) { $0["rnn.weight_ih_l0"] = nil }
    Self.expect(.noLayer("an output")) { $0["fc.weight"] = nil }
    #expect {
      try Self.pyTorch { $0["rnn.weight_hr_l0"] = [2, 2] }
    } throws: { error in
      guard case WeightExchangeError.unknownTensor("rnn.weight_hr_l0", _) = error else {
        return false
      }
      return true
    }
  }

  @Test func otherShapes() {
    Self.expect(
      .shapeMismatch(
        tensor: "rnn.weight_hh_l0", layer: 1, expected: [8, 2], received: [8, 3])
    ) { $0["rnn.weight_hh_l0"] = [8, 3] }
    // A width that only zero rows make possible allocates nothing.
    Self.expect(.invalidShape(tensor: "rnn.weight_ih_l0", shape: [0, .max])) {
      $0["rnn.weight_ih_l0"] = [0, .max]
    }
    Self.expect(.noLayer("an output")) { $0["fc.weight"] = [1 << 40, 0] }
    Self.expect(.featuresMismatch(model: 1 << 24, preprocessing: 4, timesteps: 3)) {
      $0["rnn.weight_ih_l0"] = [0, 1 << 24]
    }
    Self.expect(
      .shapeMismatch(tensor: "rnn.weight_ih_l0", layer: 1, expected: [8, 4], received: [0, 4])
    ) { $0["rnn.weight_ih_l0"] = [0, 4] }
  }

  @Test func otherNumbersOfModules() {
    Self.expect(
      .moduleCount(kind: "recurrent", expected: 1, received: ["rnn l0", "rnn l1"])
    ) {
      $0["rnn.weight_ih_l1"] = [8, 2]
      $0["rnn.weight_hh_l1"] = [8, 2]
    }
    Self.expect(.unknownOrder(modules: ["fc", "head"])) { $0["head.weight"] = [3, 3] }
    Self.expect(.unknownModule("head", known: ["fc", "rnn"]), ["rnn", "head"]) { _ in }
    Self.expect(.unknownModule("fc", known: ["fc", "rnn"]), ["rnn"]) { _ in }
    Self.expect(.unknownModule("rnn", known: ["fc", "rnn"]), ["rnn", "rnn", "fc"]) { _ in }
  }

  @Test func numbersThatAreNotFinite() throws {
    var tensors = try Self.tensors().filter { $0.key != "fc.bias" }.map {
      try SafetensorsFile.Tensor(
        name: $0.key, shape: $0.value,
        values: [Float](repeating: 0, count: $0.value.reduce(1, *)))
    }
    tensors.append(try .init(name: "fc.bias", shape: [3], values: [Float.nan, 0, 0]))
    let source = try PyTorchWeights(SafetensorsFile(tensors: tensors))
    #expect(throws: WeightExchangeError.notFinite(parameter: "layers.1.bias")) {
      try source.weights(for: Self.layers, timesteps: 3, features: 4)
    }
  }

  @Test func namesWithoutPlacesInKeras() throws {
    let file = try SafetensorsFile(
      tensors: [.init(name: "lstm/kernel", shape: [1], values: [Float(1)])])
    #expect {
      try KerasWeights(file)
    } throws: { error in
      "\(error)".contains("enumerate(model.weights)")
    }
  }

  /// What a dense layer reads on top of `Flatten` is the width of all timesteps together.
  @Test func widthOfAFlattenedSequence() throws {
    let flat = ImageClassifier.layers(hidden: [Dropout(0.1), Flatten()], classCount: 3, columns: 1)
    let pooled = ImageClassifier.layers(hidden: [Pooling(.max)], classCount: 3, columns: 1)
    let torch = try PyTorchWeights(Self.file(["fc.weight": [3, 12], "fc.bias": [3]]))
    let keras = try KerasWeights(Self.file(["0/fc/kernel": [12, 3], "1/fc/bias": [3]]))
    for source: any ForeignWeights in [torch, keras] {
      #expect(try source.inputWidth(of: flat) == .sequence(12))
      #expect(try source.inputWidth(of: pooled) == .timestep(12))
      for (timesteps, features) in [(3, 4), (12, 1), (1, 12)] {
        let weights = try source.weights(for: flat, timesteps: timesteps, features: features)
        #expect(weights.weights.parameters[0].shape == [12, 3])
        #expect(weights.sources.map(\.layer) == [3])
      }
      for (timesteps, features) in [(3, 5), (5, 2), (Int.max, 4)] {
        #expect(
          throws: WeightExchangeError.flattenMismatch(
            model: 12, preprocessing: features, timesteps: timesteps)
        ) {
          try source.weights(for: flat, timesteps: timesteps, features: features)
        }
      }
      #expect(
        throws: WeightExchangeError.featuresMismatch(model: 12, preprocessing: 4, timesteps: 3)
      ) {
        try source.weights(for: pooled, timesteps: 3, features: 4)
      }
    }
    // Weights of other layers are told by that, not by their width.
    #expect(
      throws: WeightExchangeError.moduleCount(kind: "recurrent", expected: 1, received: [])
    ) {
      try torch.inputWidth(of: Self.layers)
    }
    #expect(throws: WeightExchangeError.missingTensor("kernel", layer: 1)) {
      try KerasWeights(Self.file(["0/a": [3], "1/kernel": [3, 3]])).inputWidth(of: Self.layers)
    }
  }

  @Test func peepholesStayHere() throws {
    for peephole in [Peephole.diagonal, .full] {
      let layers = ImageClassifier.layers(
        hidden: [LSTM(2, peephole: peephole)], classCount: 3, columns: 1)
      let weights = try NetworkWeights(layers: layers, timesteps: 3, features: 4)
      #expect(throws: WeightExchangeError.self) { try PyTorchWeights.tensors(of: weights) }
      #expect(throws: WeightExchangeError.self) { try KerasWeights.tensors(of: weights) }
    }
  }

  /// Dense layers of each timestep are the toolkits' own, wherever they stand among recurrent ones.
  @Test func denseLayersOfEachTimestep() throws {
    let classifier = try ImageClassifier(
      hiddenLayers: [
        Dense(4, activation: .relu), LSTM(3), Dense(2, activation: .tanh), GRU(3), Dense(5),
      ],
      preprocessing: Preprocessing(width: 4, height: 3), classNames: ["a", "b", "c"], seed: 5,
      threads: 1)
    let weights = NetworkWeights(of: classifier.network)
    let torch = try PyTorchWeights(SafetensorsFile(tensors: PyTorchWeights.tensors(of: weights)))
    #expect(try torch.inputWidth(of: weights.layers) == .timestep(4))
    #expect(try torch.weights(for: weights.layers, timesteps: 3, features: 4).weights == weights)
    let keras = try KerasWeights(SafetensorsFile(tensors: KerasWeights.tensors(of: weights)))
    #expect(try keras.weights(for: weights.layers, timesteps: 3, features: 4).weights == weights)
  }

  @Test(
    arguments: [
      ([Dense(4, columns: 2), Sweep(2, columns: 2)], "has no layer for patches side by side"),
      ([Convolution(3, columns: 2)], "convolutions are not exchanged with"),
      ([LSTM(3), LayerNorm()], "layer normalisation is not exchanged with"),
      ([LSTM(3), MLP(2)], "layer normalisation is not exchanged with"),
      ([Recurrent(.refined, 3)], "has no cell like refined"),
    ] as [([any Layer], String)])
  func layersOfThisToolkitOnly(hidden: [any Layer], reason: String) throws {
    let layers = ImageClassifier.layers(hidden: hidden, classCount: 3, columns: 2)
    let weights = try NetworkWeights(layers: layers, timesteps: 3, features: 4)
    for tensors in [PyTorchWeights.tensors, KerasWeights.tensors] {
      let error = #expect(throws: WeightExchangeError.self) { try tensors(weights) }
      #expect("\(try #require(error))".contains(reason))
      #expect("\(try #require(error))".contains("export to ONNX instead"))
    }
    guard layers.contains(.mlp(MLP(2))) else { return }
    let torch = try PyTorchWeights(Self.file(Self.tensors()))
    let error = #expect(throws: WeightExchangeError.self) {
      try torch.inputWidth(of: [.mlp(MLP(2))] + Self.layers)
    }
    #expect("\(try #require(error))".contains("layer normalisation is not exchanged with"))
  }

  @Test func naturalOrder() {
    #expect(NaturalOrder.sorted(["l.10", "l.9"]) == ["l.9", "l.10"])
    #expect(NaturalOrder.sorted(["b", "a"]) == nil)
    #expect(NaturalOrder.sorted(["a1b", "ab"]) == nil)
    #expect(NaturalOrder.sorted(["x01", "x1"]) == nil)
  }
}
