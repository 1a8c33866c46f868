import RowwiseLayers
import RowwiseWorkers
import Testing

/// Stacks of layers that make no network.
@Suite struct LayerErrorTests {
  private static let output = Dense(3, activation: .softmax)
  private static let sequences = LSTM(4, returnSequences: true)

  static let wrong: [(layers: [any Layer], error: LayerError)] = [
    ([], .noLayers),
    (Array(repeating: Dropout(0.1), count: 1000) + [output], .tooManyLayers(1001)),
    ([LSTM(0), output], .invalidUnits(layer: 1, units: 0)),
    ([LSTM(-5), output], .invalidUnits(layer: 1, units: -5)),
    ([LSTM(65_537), output], .invalidUnits(layer: 1, units: 65_537)),
    ([LSTM(.max), output], .invalidUnits(layer: 1, units: .max)),
    ([Bidirectional(LSTM(0)), output], .invalidUnits(layer: 1, units: 0)),
    ([LSTM(4), Dense(0), output], .invalidUnits(layer: 2, units: 0)),
    ([LSTM(4), Dense(0, activation: .softmax)], .invalidUnits(layer: 2, units: 0)),
    ([LSTM(4), Dropout(1), output], .invalidRate(layer: 2, rate: 1)),
    ([Dropout(-0.1), LSTM(4), output], .invalidRate(layer: 1, rate: -0.1)),
    ([LSTM(4), LSTM(4), output], .needsSequence(layer: 2)),
    ([LSTM(4), Dropout(0.1), Bidirectional(LSTM(4)), output], .needsSequence(layer: 3)),
    ([sequences, output], .needsVector(layer: 2)),
    ([output], .needsVector(layer: 1)),
    ([Bidirectional(sequences), Dense(3), output], .needsVector(layer: 3)),
    ([sequences, LayerNorm(), MLP(2), output], .needsVector(layer: 4)),
    ([sequences, MLP(0), Pooling(.mean), output], .invalidRatio(layer: 2, ratio: 0)),
    ([LSTM(4), LayerNorm(columns: 2), output], .needsSequence(layer: 2)),
    ([LSTM(4)], .lastLayerNotSoftmax),
    ([LSTM(4), Dense(3)], .lastLayerNotSoftmax),
    ([LSTM(4), output, Dropout(0.1)], .lastLayerNotSoftmax),
    ([LSTM(4), output, output], .softmaxBeforeLast(layer: 2)),
    ([Pooling(.mean), Pooling(.mean), output], .needsSequence(layer: 2)),
    ([Residual(GRU(3)), Pooling(.mean), output], .residualNeedsSequence(layer: 1)),
    ([Residual(Dropout(0.1)), Pooling(.mean), output], .residualNeedsSequence(layer: 1)),
    ([LSTM(3), Residual(GRU(3, returnSequences: true)), output], .needsSequence(layer: 2)),
    ([GRU(3).with { $0.zoneoutHidden = 1 }, output], .invalidRate(layer: 1, rate: 1)),
    ([GRU(3).with { $0.recurrentDropout = -1 }, output], .invalidRate(layer: 1, rate: -1)),
    (
      [GRU(3).with { $0.zoneoutCell = 0.1 }, output],
      .unsuitedOption(layer: 1, option: "zoneoutCell", cell: .gru)
    ),
    (
      [MinLSTM(3).with { $0.recurrentDropout = 0.1 }, output],
      .unsuitedOption(layer: 1, option: "recurrentDropout", cell: .minimal)
    ),
    (
      [LRU(3).with { $0.zoneoutHidden = 0.1 }, output],
      .unsuitedOption(layer: 1, option: "zoneoutHidden", cell: .lru)
    ),
    (
      [LRU(3).with { $0.learnsInitialState = true }, output],
      .unsuitedOption(layer: 1, option: "learnsInitialState", cell: .lru)
    ),
    (
      [LRU(3).with { $0.chronoInitialization = true }, output],
      .unsuitedOption(layer: 1, option: "chronoInitialization", cell: .lru)
    ),
    (
      [LRU(3).with { $0.recurrentDropout = 0.1 }, output],
      .unsuitedOption(layer: 1, option: "recurrentDropout", cell: .lru)
    ),
    (
      [SimpleRNN(3).with { $0.chronoInitialization = true }, output],
      .unsuitedOption(layer: 1, option: "chronoInitialization", cell: .simple)
    ),
    (
      [
        Recurrent(.lstm, 3).with {
          $0.peephole = .full
          $0.learnsInitialState = true
        }, output,
      ],
      .unsuitedOption(
        layer: 1, option: "peephole full together with regularisers or a learned state", cell: .lstm
      )
    ),
    (
      [Recurrent(.coupled, 3).with { $0.peephole = .diagonal }, output],
      .unsuitedOption(layer: 1, option: "peephole diagonal", cell: .coupled)
    ),
    ([GRU(0), output], .invalidUnits(layer: 1, units: 0)),
    ([GRU(4), SimpleRNN(4), output], .needsSequence(layer: 2)),
    ([GRU(4, returnSequences: true), output], .needsVector(layer: 2)),
    ([Flatten(), GRU(4), output], .needsSequence(layer: 2)),
    ([LSTM(4), Flatten(), output], .needsSequence(layer: 2)),
  ]

  @Test(arguments: wrong.indices)
  func isReported(_ index: Int) {
    let (layers, error) = Self.wrong[index]
    #expect(throws: error) {
      try Network<Float>(
        layers, timesteps: 3, features: 2, seed: 0, pool: WorkerPool(threads: 1))
    }
    #expect(throws: error) {
      try Network<Float>.parameters(of: layers.map(\.specification), timesteps: 3, features: 2)
    }
  }

  @Test func notANumberIsNoRate() {
    #expect {
      try Network<Float>.parameters(
        of: [LSTM(4), Dropout(.nan), Self.output].map { (layer: any Layer) in layer.specification },
        timesteps: 3, features: 2)
    } throws: { error in
      guard case .invalidRate(layer: 2, let rate) = error as? LayerError else { return false }
      return rate.isNaN
    }
  }

  @Test func descriptionsSayWhereAndWhatToDo() {
    let texts = Self.wrong.map(\.error.description)
    #expect(texts.contains("layer 2 has dropout rate 1.0; expected 0 or more and less than 1"))
    #expect(texts.contains("layer 1 has 65537 units; expected 1 to 65536"))
    for (_, error) in Self.wrong {
      switch error {
      case .noLayers, .tooManyLayers, .lastLayerNotSoftmax: break
      case .invalidUnits(let layer, _), .invalidRate(let layer, _), .needsSequence(let layer),
        .needsVector(let layer), .softmaxBeforeLast(let layer),
        .notStepwise(let layer), .unsuitedOption(let layer, _, _),
        .residualNeedsSequence(let layer), .noColumns(let layer, _, _),
        .invalidFactor(let layer, _), .invalidRatio(let layer, _):
        #expect(error.description.hasPrefix("layer \(layer)"))
      }
    }
  }

  /// Sizes beyond any memory are planned without making anything.
  @Test func planningAllocatesNothing() throws {
    let layers: [any Layer] = [
      Bidirectional(LSTM(65_536, returnSequences: true, peephole: .full)), LSTM(65_536),
      Dense(65_536, activation: .softmax),
    ]
    let parameters = try Network<Float>.parameters(
      of: layers.map(\.specification), timesteps: 1, features: 1 << 24)
    #expect(parameters.first?.shape == [1 << 24, 4 * 65_536])
    #expect(parameters.last?.shape == [65_536])
    for (a, b) in zip(parameters, parameters.dropFirst()) {
      #expect(a.offset + a.count <= b.offset)
    }
  }
}
