import Rowwise
import RowwiseDatasetLoading
import RowwiseImageDecoding
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

/// The whole library on the bundled digits.
@Suite struct DigitsTests {
  /// Adam at 0.005 in batches of 32, seed 0.
  private static func options(epochs: Int) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = epochs
    options.batchSize = 32
    options.optimizer = .adam(learningRate: 0.005)
    return options
  }

  private static func accuracy(
    _ classifier: ImageClassifier, _ dataset: ImageDataset
  ) throws -> Double {
    let source = DatasetSource(dataset, preprocessing: classifier.preprocessing)
    return try Scorer(classifier.network).score(source).accuracy
  }

  /// The demo's settings, which were compared on data held back from training alone.
  @Test(arguments: Peephole.allCases)
  func everyPeepholeKindLearns(_ peephole: Peephole) throws {
    let (train, test) = try Digits.load()
    let (kept, heldBack) = try train.stratifiedSplit(holdingBack: 0.1, seed: 0)
    let classifier = try ImageClassifier(
      hiddenLayers: [LSTM(128, peephole: peephole), Dropout(0.3)],
      preprocessing: try Preprocessing(width: train.width, height: train.height),
      classNames: train.classNames)
    var options = TrainingOptions()
    options.epochs = 60
    options.optimizer = .adam(learningRate: 0.003)
    options.schedule = .cosine
    options.restoresBestWeights = true
    _ = try classifier.fit(kept, validation: heldBack, options: options)
    let accuracy = try Self.accuracy(classifier, test)
    #expect(accuracy >= 0.96, "\(peephole): \(accuracy)")
  }

  /// The PNG files hold the pictures of the test part that their names number: read from either
  /// form, by either way, the same bits come out.
  @Test func filesAndRecordsAgreeBitForBit() throws {
    for (width, height) in [(8, 8), (13, 5)] {
      var options = DatasetOptions()
      options.width = width
      options.height = height
      let (train, test) = try Digits.load(options: options)
      let preprocessing = try Preprocessing(
        width: width, height: height, mean: [0.31], standardDeviation: [0.37])
      let classifier = try ImageClassifier(
        hiddenLayers: [LSTM(32)], preprocessing: preprocessing, classNames: train.classNames)
      _ = try classifier.fit(train, options: Self.options(epochs: 1))
      var records: [(label: Int, probabilities: [Float])] = []
      try classifier.forEachPrediction(of: test) { index, label, probabilities in
        #expect(index == records.count)
        records.append((label, probabilities))
      }
      #expect(records.count == 360)
      let files = try #require(
        try DatasetLoader.open("\(Digits.folder)/digits-png", options: options).whole)
      #expect(files.count == 50)
      var seen: Set<Int> = []
      try classifier.forEachPrediction(of: files) { index, label, probabilities in
        let path = files.sampleName(at: index)
        let name = try #require(path.split(separator: "/").last?.split(separator: ".").first)
        let number = try #require(Int(name), "\(path)")
        seen.insert(number)
        #expect(files.classNames[label] == test.classNames[records[number].label], "\(path)")
        #expect(probabilities == records[number].probabilities, "\(path)")
        let image = try ImageDecoder.decode(path: path)
        #expect(classifier.probabilities(of: image) == probabilities, "\(path)")
      }
      #expect(seen.count == 50)
    }
  }

  @Test func aDataSetOfOtherClassesIsRefused() throws {
    let (train, _) = try Digits.load()
    let classifier = try ImageClassifier(
      hiddenLayers: [LSTM(4)], preprocessing: try Preprocessing(width: 8, height: 8),
      classNames: ["0", "1", "2"])
    #expect(throws: TrainingError.classMismatch(network: 3, data: 10)) {
      try classifier.fit(train)
    }
  }
}
