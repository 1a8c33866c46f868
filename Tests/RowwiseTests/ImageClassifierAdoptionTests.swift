import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

/// Weights of one classifier in another.
@Suite struct ImageClassifierAdoptionTests {
  private typealias Fate = AdoptedWeights.Fate

  private func classifier(
    _ layers: [any Layer], classes: [String] = ["a", "b", "c"], width: Int = 6, height: Int = 5,
    color: ColorMode = .gray, seed: UInt64 = 0
  ) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: layers,
      preprocessing: try Preprocessing(width: width, height: height, color: color),
      classNames: classes, seed: seed, threads: 1)
  }

  /// The fates by the arrays' names without `layers.`.
  private func fates(_ adopted: AdoptedWeights) -> [String: Fate] {
    Dictionary(
      uniqueKeysWithValues: adopted.entries.map {
        (String($0.name.dropFirst("layers.".count)), $0.fate)
      })
  }

  private func values(_ classifier: ImageClassifier) -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: classifier.network.parameters.map {
        ($0.name, classifier.network.values(of: $0))
      })
  }

  private static let everyLayer: [[any Layer]] = {
    var peephole = Recurrent(.lstm, 4, direction: .both)
    peephole.peephole = .diagonal
    peephole.learnsInitialState = true
    return [
      [LSTM(4, peephole: .full), LSTM(3, goBackwards: true)],
      [Bidirectional(LSTM(4)), Dropout(0.1), GRU(5), Pooling(.attention), Dense(4)],
      [peephole, Recurrent(.coupled, 3), Recurrent(.layerNormalized, 4)],
      [Residual(SimpleRNN(4)), Residual(MinLSTM(4))], [Flatten(), Dense(5, activation: .relu)],
      [Pooling(.mean)],
      [Dense(4, activation: .tanh), LayerNorm(), Recurrent(.refined, 4), MLP(2)],
      [Dense(3), Sweep(2, isResidual: true), MLP(1), LayerNorm()],
      [Convolution(3), Convolution(4), Dense(5)],
    ]
  }()

  @Test(arguments: everyLayer.indices)
  func theSameNetworkKeepsEverything(_ index: Int) throws {
    let other = try classifier(Self.everyLayer[index], seed: 1)
    let own = try classifier(Self.everyLayer[index], seed: 2)
    #expect(values(own) != values(other))
    let adopted = try own.adoptWeights(from: other)
    #expect(adopted.entries.map(\.name) == own.network.parameters.map(\.name))
    #expect(adopted.keptCount == adopted.entries.count)
    #expect(adopted.new.isEmpty && adopted.keptClassCount == nil)
    #expect(values(own) == values(other))
    let picture = (0..<30).map { UInt8($0 * 8) }
    #expect(
      own.probabilities(ofModelPixels: [picture]) == other.probabilities(ofModelPixels: [picture]))
  }

  /// A class keeps what it has wherever it stands, and the others their own start.
  @Test func classesAreKnownByTheirNames() throws {
    let other = try classifier([LSTM(4)], classes: ["a", "b", "c"], seed: 1)
    for parameter in other.network.parameters where parameter.name == "layers.1.bias" {
      other.network.setValues([1, 2, 3], of: parameter)
    }
    let own = try classifier([LSTM(4)], classes: ["c", "x", "a", "y"], seed: 2)
    let before = try #require(values(own)["layers.1.weight"])
    let adopted = try own.adoptWeights(from: other)
    #expect(
      fates(adopted) == [
        "0.input_weight": .kept, "0.recurrent_weight": .kept, "0.bias": .kept,
        "1.weight": .keptForClasses(2), "1.bias": .keptForClasses(2),
      ])
    #expect(adopted.keptClassCount == 2 && adopted.classCount == 4 && adopted.keptCount == 3)
    let after = try #require(values(own)["layers.1.weight"])
    let theirs = try #require(values(other)["layers.1.weight"])
    for row in 0..<4 {
      #expect(
        Array(after[row * 4..<row * 4 + 4]) == [
          theirs[row * 3 + 2], before[row * 4 + 1], theirs[row * 3], before[row * 4 + 3],
        ])
    }
    #expect(values(own)["layers.1.bias"] == [3, 0, 1, 0])
    // A part of the classes, in another order, is all kept.
    let fewer = try classifier([LSTM(4)], classes: ["b", "a"], seed: 3)
    #expect(try fewer.adoptWeights(from: other).keptCount == 5)
    #expect(values(fewer)["layers.1.bias"] == [2, 1])
  }

  @Test func otherClassesBeginAnew() throws {
    let other = try classifier([LSTM(4)], seed: 1)
    let own = try classifier([LSTM(4)], classes: ["d", "e"], seed: 2)
    let before = values(own)
    let adopted = try own.adoptWeights(from: other)
    #expect(adopted.new.map(\.name) == ["layers.1.weight", "layers.1.bias"])
    #expect(adopted.new.map(\.reason) == [.otherClasses, .otherClasses])
    #expect(values(own)["layers.1.weight"] == before["layers.1.weight"])
    #expect(values(own)["layers.0.bias"] == values(other)["layers.0.bias"])
  }

  /// Input weights are of pixels: of another size or colour they are new, also where the shapes
  /// happen to agree, and what the layer does with its state is kept.
  @Test(arguments: [(9, ColorMode.gray), (6, .rgb), (2, .rgb)])
  func otherPixelsAreReadAnew(width: Int, color: ColorMode) throws {
    let other = try classifier([LSTM(4), LSTM(3)], seed: 1)
    let own = try classifier([LSTM(4), LSTM(3)], width: width, color: color, seed: 2)
    let adopted = try own.adoptWeights(from: other)
    #expect(adopted.keptCount == 7)
    #expect(fates(adopted)["0.input_weight"] == .new(.otherInput))
    #expect(values(own)["layers.0.recurrent_weight"] == values(other)["layers.0.recurrent_weight"])
  }

  /// More rows are more timesteps, which no weight of a recurrent layer counts.
  @Test func anotherHeightKeepsRecurrentLayers() throws {
    let other = try classifier([LSTM(4)], seed: 1)
    let own = try classifier([LSTM(4)], height: 11, seed: 2)
    #expect(try own.adoptWeights(from: other).keptCount == 5)
    // But those that see all timesteps at once do, even where the shapes agree.
    let flat = try classifier([LSTM(4), Flatten(), Dense(3)], seed: 1)
    let wide = try classifier([LSTM(4), Flatten(), Dense(3)], height: 11, seed: 2)
    #expect(
      fates(try wide.adoptWeights(from: flat)) == [
        "0.input_weight": .kept, "0.recurrent_weight": .kept, "0.bias": .kept,
        "2.weight": .new(.otherInput), "2.bias": .new(.otherInput), "3.weight": .kept,
        "3.bias": .kept,
      ])
    let first = try classifier([Flatten(), Dense(3)], width: 4, height: 6, seed: 1)
    let second = try classifier([Flatten(), Dense(3)], width: 6, height: 4, seed: 2)
    #expect(fates(try second.adoptWeights(from: first))["1.weight"] == .new(.otherInput))
  }

  @Test func layersWithoutWeightsDoNotCount() throws {
    let other = try classifier([LSTM(4), LSTM(3)], seed: 1)
    let own = try classifier(
      [Dropout(0.1), LSTM(4), Dropout(0.2), LSTM(3), Pooling(.max)], seed: 2)
    #expect(try own.adoptWeights(from: other).keptCount == 8)
    #expect(values(own)["layers.3.input_weight"] == values(other)["layers.1.input_weight"])
    let attentive = try classifier([LSTM(4), LSTM(3), Pooling(.attention)], seed: 3)
    let adopted = try attentive.adoptWeights(from: other)
    #expect(fates(adopted)["2.query"] == .new(.notThere))
    #expect(adopted.keptCount == 8)
  }

  @Test func anotherHead() throws {
    let other = try classifier([LSTM(4)], seed: 1)
    let own = try classifier([LSTM(4), Dense(4, activation: .relu)], seed: 2)
    #expect(
      fates(try own.adoptWeights(from: other)) == [
        "0.input_weight": .kept, "0.recurrent_weight": .kept, "0.bias": .kept,
        "1.weight": .new(.notThere), "1.bias": .new(.notThere),
        // It read the LSTM, and now reads the dense layer.
        "2.weight": .new(.otherInput), "2.bias": .new(.otherInput),
      ])
    let narrow = try classifier([LSTM(4), LSTM(7)], seed: 2)
    let adopted = try narrow.adoptWeights(from: try classifier([LSTM(4), LSTM(3)], seed: 1))
    #expect(fates(adopted)["1.input_weight"] == .new(.otherShape))
    #expect(fates(adopted)["1.bias"] == .new(.otherShape))
    #expect(fates(adopted)["2.weight"] == .new(.otherShape))
    #expect(adopted.keptCount == 3)
  }

  /// Arrays of one shape mean something else in another cell.
  @Test func otherCellsBeginAnew() throws {
    let stack: (any Layer) -> [any Layer] = { [LSTM(4), $0, LSTM(3)] }
    let other = try classifier(stack(GRU(4)), seed: 1)
    for layer: any Layer in [Recurrent(.coupled, 4), MinLSTM(4), LRU(4), GRU(4, direction: .both)] {
      let adopted = try classifier(stack(layer), seed: 2).adoptWeights(from: other)
      let second = adopted.entries.filter { $0.name.hasPrefix("layers.1.") }
      #expect(!second.isEmpty && second.allSatisfy { $0.fate == .new(.otherLayer) }, "\(layer)")
      #expect(fates(adopted)["0.recurrent_weight"] == .kept)
    }
  }

  @Test func peepholesAreAdded() throws {
    let other = try classifier([LSTM(4)], seed: 1)
    let own = try classifier([LSTM(4, peephole: .diagonal)], seed: 2)
    let adopted = try own.adoptWeights(from: other)
    #expect(adopted.new.map(\.name) == ["layers.0.peephole_weight"])
    #expect(adopted.new.first?.reason == .notThere)
    let full = try classifier([LSTM(4, peephole: .full)], seed: 2)
    #expect(fates(try full.adoptWeights(from: own))["0.peephole_weight"] == .new(.otherShape))
  }

  /// A bias alone is worth nothing.
  @Test func nothingKeptIsAnError() throws {
    let other = try classifier([LSTM(4)], seed: 1)
    let own = try classifier([LSTM(5)], classes: ["a", "b", "c"], seed: 2)
    let before = values(own)
    let error = #expect(throws: AdoptionError.self) { try own.adoptWeights(from: other) }
    #expect(error == .nothingKept(first: "layers.0.input_weight", reason: .otherShape))
    #expect(
      error?.description
        == "none of its weights can be kept (layers.0.input_weight: other shape); take the model's "
        + "layers, image size or classes, or begin without it")
    #expect(values(own) == before)
  }

  /// What was learned is there from the first epoch on, and the same every time.
  @Test func trainingGoesOnFromWhatWasLearned() throws {
    let (train, test) = try Digits.load()
    var options = TrainingOptions()
    options.optimizer = .adam(learningRate: 0.01)
    options.epochs = 4
    let (some, others) = (train.subset(Array(0..<600)), test.subset(Array(0..<200)))
    func fresh(_ seed: UInt64, threads: Int) throws -> ImageClassifier {
      try ImageClassifier(
        hiddenLayers: [LSTM(16)], preprocessing: Preprocessing(width: 8, height: 8),
        classNames: train.classNames, seed: seed, threads: threads)
    }
    let other = try fresh(1, threads: 2)
    _ = try other.fit(some, options: options)
    options.epochs = 1
    func accuracy(adopting: Bool, threads: Int) throws -> (Double, [String: [Float]]) {
      let own = try fresh(2, threads: threads)
      if adopting { try own.adoptWeights(from: other) }
      let history = try own.fit(some, validation: others, options: options)
      return (history.epochs.last?.validation?.accuracy ?? 0, values(own))
    }
    let (with, weights) = try accuracy(adopting: true, threads: 1)
    let (without, _) = try accuracy(adopting: false, threads: 1)
    #expect(with > without + 0.2, "\(with) with, \(without) without")
    #expect(try accuracy(adopting: true, threads: 2).1 == weights)
  }
}
