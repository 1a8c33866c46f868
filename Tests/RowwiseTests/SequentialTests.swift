import Rowwise
import RowwiseLayers
import RowwiseTraining
import Testing

/// The surface with Keras's names.
@Suite struct SequentialTests {
  private static let x = Sequences(
    (0..<6 * 4 * 3).map { Float($0 % 7) / 7 }, count: 6, timesteps: 4, features: 3)
  private static let y = [0, 1, 2, 0, 1, 2]

  private func model(shape: Bool = true, seed: UInt64 = 0, threads: Int? = 1) -> Sequential {
    let model = Sequential(seed: seed, threads: threads)
    model.add(LSTM(5), inputShape: shape ? (timesteps: 4, features: 3) : nil)
    model.add(Dense(3, activation: .softmax))
    return model
  }

  @Test func learnsTheDigits() throws {
    let (train, test) = try Digits.load()
    let (xTrain, yTrain) = try Digits.arrays(train)
    let (xTest, yTest) = try Digits.arrays(test)
    let model = Sequential()
    model.add(LSTM(64), inputShape: (timesteps: 8, features: 8))
    model.add(Dense(10, activation: .softmax))
    try model.compile(
      loss: .categoricalCrossentropy, optimizer: .adam(learningRate: 0.005), metrics: [.accuracy])
    let history = try model.fit(
      xTrain, yTrain, epochs: 10, batchSize: 32, validationData: (xTest, yTest))
    #expect(history.epochs.count == 10)
    let score = try model.evaluate(xTest, yTest)
    #expect(history.epochs.last?.validation == score)
    #expect(score.accuracy >= 0.95, "\(score)")
    let predictions = try model.predict(xTest)
    var correct = 0
    for (row, label) in zip(predictions, yTest) {
      correct += row.firstIndex(of: row.max() ?? 0) == label ? 1 : 0
    }
    #expect(Double(correct) / Double(yTest.count) == score.accuracy)
  }

  @Test func theFirstDataDecideTheShape() throws {
    let given = model()
    let open = model(shape: false)
    try given.compile()
    try open.compile()
    #expect(open.summary() == "not built yet: give inputShape or fit first\n")
    #expect(try open.predict(Self.x) == given.predict(Self.x))
    #expect(open.summary() == given.summary())
    #expect(
      given.summary() == """
        layers.0.input_weight  [3, 20]  60
        layers.0.recurrent_weight  [5, 20]  100
        layers.0.bias  [20]  20
        layers.1.weight  [5, 3]  15
        layers.1.bias  [3]  3
        parameters: 198

        """)
  }

  @Test func seedsAndThreads() throws {
    func predictions(seed: UInt64, threads: Int) throws -> [[Float]] {
      let model = model(seed: seed, threads: threads)
      _ = try model.fit(Self.x, Self.y, epochs: 2, batchSize: 4)
      return try model.predict(Self.x)
    }
    let base = try predictions(seed: 0, threads: 1)
    #expect(try predictions(seed: 0, threads: 3) == base)
    #expect(try predictions(seed: 1, threads: 1) != base)
  }

  @Test func fittingGoesOnAndCompilingKeepsTheWeights() throws {
    let model = model()
    try model.compile(optimizer: .adam(learningRate: 0.05))
    let first = try model.fit(Self.x, Self.y, epochs: 5)
    let before = try model.predict(Self.x)
    try model.compile(optimizer: .sgd(learningRate: 0.1))
    #expect(try model.predict(Self.x) == before)
    let second = try model.fit(Self.x, Self.y, epochs: 1)
    #expect(second.epochs[0].training.loss < first.epochs[0].training.loss)
  }

  @Test func errors() throws {
    let model = model()
    let problem = "learning rate must be a positive number, not -1.0"
    #expect(throws: TrainingError.invalidOption(problem)) {
      try model.compile(optimizer: .adam(learningRate: -1))
    }
    #expect(throws: TrainingError.invalidOption("epochs must be at least 1, not 0")) {
      try model.fit(Self.x, Self.y, epochs: 0)
    }
    #expect(
      throws: TrainingError.invalidOption("6 sequences and 5 labels; give one label each")
    ) {
      try model.fit(Self.x, Array(Self.y.dropLast()))
    }
    #expect(throws: TrainingError.invalidOption("label 3; expected 0 to 2")) {
      try model.fit(Self.x, [0, 1, 2, 3, 1, 2])
    }
    #expect(throws: TrainingError.invalidOption("label -1; expected 0 to 2")) {
      try model.evaluate(Self.x, [0, 1, 2, -1, 1, 2])
    }
    let wide = Sequences([Float](repeating: 0, count: 8), count: 1, timesteps: 2, features: 4)
    #expect(throws: TrainingError.shapeMismatch(expected: [4, 3], received: [2, 4])) {
      try model.predict(wide)
    }
    #expect(throws: TrainingError.shapeMismatch(expected: [4, 3], received: [2, 4])) {
      try model.fit(Self.x, Self.y, validationData: (wide, [0]))
    }
    let nothing = Sequences([], count: 0, timesteps: 4, features: 3)
    #expect(throws: TrainingError.noSamples) { try model.fit(nothing, []) }
    #expect(try model.predict(nothing).isEmpty)
    let flat = Sequential()
    flat.add(LSTM(4), inputShape: (timesteps: 4, features: 3))
    #expect(throws: LayerError.lastLayerNotSoftmax) { try flat.compile() }
    #expect(throws: LayerError.noLayers) { try Sequential().predict(Self.x) }
  }
}
