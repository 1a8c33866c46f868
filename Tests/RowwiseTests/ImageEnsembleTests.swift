import Foundation
import Rowwise
import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSafetensors
import RowwiseTraining
import TestSupport
import Testing

/// Models that answer together.
@Suite struct ImageEnsembleTests {
  private static let names = (0..<10).map(String.init)

  /// Three that differ in all that they may.
  private static func classifiers(threads: Int = 1) throws -> [ImageClassifier] {
    [
      try ImageClassifier(
        hiddenLayers: [LSTM(9)], preprocessing: Preprocessing(width: 8, height: 8),
        classNames: names, seed: 1, threads: threads),
      try ImageClassifier(
        hiddenLayers: [GRU(7), Pooling(.max)],
        preprocessing: Preprocessing(
          width: 12, height: 10, color: .rgb, readingOrder: .columns, mean: [0.4, 0.5, 0.6],
          standardDeviation: [0.3, 0.2, 0.1]),
        classNames: names.reversed(), seed: 2, threads: threads),
      // Reads the bytes of the first in another way.
      try ImageClassifier(
        hiddenLayers: [Bidirectional(LSTM(5))],
        preprocessing: Preprocessing(
          width: 8, height: 8, readingOrder: .serpentine, mean: [0.3], standardDeviation: [0.5]),
        classNames: names, seed: 3, threads: threads),
    ]
  }

  private static func ensemble(threads: Int = 1) throws -> ImageEnsemble {
    try ImageEnsemble(
      classifiers(threads: threads).enumerated().map {
        index, classifier -> (classifier: ImageClassifier, provenance: Provenance) in
        var provenance = Provenance()
        provenance.seed = UInt64(index + 1)
        return (classifier, provenance)
      })
  }

  /// The mean by hand: in Double, in the members' order, classes by their names.
  private static func mean(_ answers: [[Float]]) -> [Float] {
    (0..<10).map { k in
      var sum = 0.0
      for (member, answer) in answers.enumerated() {
        sum += Double(answer[member == 1 ? 9 - k : k])
      }
      return Float(sum / Double(answers.count))
    }
  }

  private static let paths: [String] = {
    let folder = "\(Digits.folder)/digits-png"
    return (0..<10).flatMap { digit -> [String] in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(digit)")) ?? []
      return names.sorted().map { "\(folder)/\(digit)/\($0)" }
    }
  }()

  /// Files give the mean of what each model alone says of them.
  @Test func filesAreReadForEveryMember() throws {
    let ensemble = try Self.ensemble(threads: 2)
    let alone = ensemble.members.map { FileClassifier($0.classifier).classify(Self.paths) }
    let together = FileClassifier(ensemble).classify(Self.paths)
    try #require(together.count == 50)
    for (index, answer) in together.enumerated() {
      let answers = try alone.map { try $0[index].get().probabilities }
      #expect(try answer.get().probabilities == Self.mean(answers), "\(Self.paths[index])")
    }
    #expect(Set(try together.map { try $0.get().probabilities }).count > 40)
    let one = FileClassifier(ensemble).classify([Self.paths[7]])
    #expect(try one[0].get() == together[7].get())
    let missing = FileClassifier(ensemble).classify(["no/where.png", Self.paths[7]])
    #expect(throws: ImageDecodingError.self) { try missing[0].get() }
    #expect(try missing[1].get() == together[7].get())
    let image = try ImageDecoder.decode(path: Self.paths[7])
    #expect(
      ensemble.probabilities(of: image)
        == Self.mean(ensemble.members.map { $0.classifier.probabilities(of: image) }))
  }

  /// The first digits of the test part as each member reads them, with the ensemble's classes.
  private static func datasets(_ count: Int, for ensemble: ImageEnsemble) throws -> [ImageDataset] {
    try ensemble.members.map { member in
      var options = DatasetOptions()
      options.read(as: member.classifier.preprocessing)
      options.classNames = names
      return try DatasetLoader.locate("\(Digits.folder)/digits").load(.test, options: options)
        .subset(Array(0..<count))
    }
  }

  /// Files that are not held in memory give what those give that are, and are read once for members that read
  /// them alike.
  @Test func filesOutOfMemoryAreReadOnceForAll() throws {
    let alike = try (1...3).map { seed in
      try ImageClassifier(
        hiddenLayers: [LSTM(5)], preprocessing: Preprocessing(width: 8, height: 8),
        classNames: Self.names, seed: UInt64(seed), threads: 2)
    }
    let ensemble = try ImageEnsemble(alike.map { ($0, Provenance()) })
    var answers: [[[Float]]] = []
    for cacheBytes in [1 << 20, 0] {
      var options = DatasetOptions()
      options.read(as: alike[0].preprocessing)
      options.classNames = Self.names
      options.cacheBytes = cacheBytes
      let dataset = try #require(
        try DatasetLoader.open("\(Digits.folder)/digits-png", options: options).whole)
      #expect(dataset.isResident == (cacheBytes > 0) && dataset.count == 50)
      var rows: [[Float]] = []
      try ensemble.forEachPrediction(of: [dataset, dataset, dataset]) { rows.append($2) }
      answers.append(rows)
    }
    #expect(answers[0] == answers[1] && answers[0].count == 50)
  }

  /// So do data sets, with any number of threads.
  @Test func dataSetsAreReadForEveryMember() throws {
    var expected: [[Float]] = []
    for threads in [1, 3] {
      let ensemble = try Self.ensemble(threads: threads)
      let datasets = try Self.datasets(60, for: ensemble)
      var answers: [[Float]] = []
      try ensemble.forEachPrediction(of: datasets) { index, label, probabilities in
        #expect(index == answers.count && label == Int(datasets[0].labels[index]))
        answers.append(probabilities)
      }
      if expected.isEmpty {
        let pixels = try datasets.map { data in try (0..<60).map { try data.pixels(at: $0) } }
        let alone = zip(ensemble.members, pixels).map {
          $0.classifier.probabilities(ofModelPixels: $1)
        }
        expected = (0..<60).map { n in Self.mean(alone.map { $0[n] }) }
        #expect(ensemble.probabilities(ofModelPixels: pixels) == expected)
      }
      #expect(answers == expected, "\(threads) threads")
    }
  }

  /// An ensemble of one is its member, also where members look several times.
  @Test func oneAnswersAsItself() throws {
    let classifier = try Self.classifiers()[0]
    let image = try ImageDecoder.decode(path: Self.paths[3])
    let one = ImageEnsemble(classifier)
    #expect(one.probabilities(of: image) == classifier.probabilities(of: image))
    let averaging = one.mapMembers { $0.classifier.averaging(PictureViews(5)) }
    #expect(
      averaging.probabilities(of: image)
        == classifier.averaging(PictureViews(5)).probabilities(of: image))
    #expect(averaging.probabilities(of: image) != one.probabilities(of: image))
    let twice = try ImageEnsemble([(classifier, Provenance()), (classifier, Provenance())])
    #expect(twice.probabilities(of: image) == classifier.probabilities(of: image))
  }

  @Test func otherClassesAreRefused() throws {
    func classifier(_ names: [String]) throws -> ImageClassifier {
      try ImageClassifier(
        hiddenLayers: [LSTM(2)], preprocessing: Preprocessing(width: 3, height: 3),
        classNames: names, threads: 1)
    }
    let first = (classifier: try classifier(["a", "b"]), provenance: Provenance())
    for (names, missing, unknown) in [
      (["a", "c"], ["b"], ["c"]), (["a"], ["b"], []), (["a", "b", "c"], [], ["c"]),
    ] {
      let error = EnsembleError.classesDiffer(member: 1, missing: missing, unknown: unknown)
      #expect(throws: error) {
        try ImageEnsemble([first, (classifier: classifier(names), provenance: Provenance())])
      }
    }
    #expect(
      EnsembleError.classesDiffer(member: 2, missing: ["x", "y"], unknown: ["z"]).description
        == "model 3 lacks the classes \"x\", \"y\", and alone has the class \"z\"; models that answer "
        + "together name the same classes")
  }

  // MARK: Files

  @Test func aFileKeepsEveryMember() throws {
    let folder = try TemporaryFolder()
    let ensemble = try Self.ensemble()
    let path = folder.path("all.safetensors")
    try ensemble.save(toPath: path)
    let loaded = try ImageEnsemble.load(path: path, threads: 2)
    #expect(loaded.classNames == ensemble.classNames)
    #expect(loaded.parameterCount == ensemble.parameterCount)
    #expect(loaded.members.map(\.provenance) == ensemble.members.map(\.provenance))
    for (member, other) in zip(loaded.members, ensemble.members) {
      #expect(member.classifier.preprocessing == other.classifier.preprocessing)
      #expect(member.classifier.network.layers == other.classifier.network.layers)
    }
    let image = try ImageDecoder.decode(path: Self.paths[9])
    #expect(loaded.probabilities(of: image) == ensemble.probabilities(of: image))
    try loaded.save(toPath: folder.path("again.safetensors"))
    #expect(try folder.bytes("again.safetensors") == folder.bytes("all.safetensors"))
    #expect(throws: ModelFileError.severalModels(path: path, count: 3)) {
      try ImageClassifier.load(path: path)
    }
    // A file of one model is an ensemble of one.
    let single = folder.path("one.safetensors")
    try ensemble.members[0].classifier.save(toPath: single)
    let one = try ImageEnsemble.load(path: single)
    #expect(one.members.count == 1)
    try one.save(toPath: folder.path("same.safetensors"))
    #expect(try folder.bytes("same.safetensors") == folder.bytes("one.safetensors"))
    #expect(
      one.probabilities(of: image) == ensemble.members[0].classifier.probabilities(of: image))
  }

  /// What does not hold together is refused, whatever it claims.
  @Test func damagedFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("m.safetensors")
    try Self.ensemble().save(toPath: path)
    let valid = try SafetensorsFile(path: path)
    func error(
      _ metadata: [String: String?] = [:], _ tensors: [SafetensorsFile.Tensor]? = nil
    ) throws -> ModelFileError? {
      var all = valid.metadata
      for (key, value) in metadata { all[key] = value }
      try SafetensorsFile(tensors: tensors ?? valid.tensors, metadata: all).write(toPath: path)
      return #expect(throws: ModelFileError.self) { try ImageEnsemble.load(path: path, threads: 1) }
    }
    let key = "rowwise_ensemble"
    #expect(
      try error([key: #"{"formatVersion":2,"members":3}"#])
        == .unknownVersion(path: path, version: 2, known: 1))
    for count in ["0", "-1", "1001", "9223372036854775807"] {
      guard
        case .invalidDescription(path, _) = try error([
          key: "{\"formatVersion\":1,\"members\":\(count)}"
        ])
      else {
        Issue.record("\(count) members")
        continue
      }
    }
    #expect(
      try error([key: "many"])
        == .invalidDescription(path: path, reason: "how many models it holds cannot be read"))
    #expect(
      try error([key: #"{"formatVersion":1,"members":4}"#])
        == .invalidDescription(path: "\(path), model 4", reason: "it has none"))
    let first = try #require(valid.tensors.first { $0.name.hasPrefix("members.2.") })
    #expect(
      try error([key: #"{"formatVersion":1,"members":2}"#])
        == .unknownTensor(path: path, tensor: first.name))
    #expect(
      try error(["rowwise.1": nil])
        == .invalidDescription(path: "\(path), model 2", reason: "it has none"))
    for name in ["members.02.x", "members.3.x", "layers.0.bias", "members.0", "members.-1.x"] {
      let stray = try SafetensorsFile.Tensor(name: name, shape: [1], values: [Float(0)])
      #expect(
        try error([:], valid.tensors + [stray]) == .unknownTensor(path: path, tensor: name))
    }
    let rest = valid.tensors.filter { $0.name != first.name }
    guard
      case .tensorMismatch(path: "\(path), model 3", tensor: _, expected: _, received: nil) =
        try error([:], rest)
    else {
      Issue.record("a missing tensor")
      return
    }
  }

  /// One temperature for all: with it the mean has a lower loss than with those nearby.
  @Test func oneTemperatureForAll() throws {
    let ensemble = try Self.ensemble()
    // Networks that know nothing are best at no temperature.
    for member in ensemble.members {
      var options = DatasetOptions()
      options.read(as: member.classifier.preprocessing)
      options.classNames = member.classifier.classNames
      let train = try DatasetLoader.locate("\(Digits.folder)/digits").load(.train, options: options)
      var training = TrainingOptions()
      (training.epochs, training.batchSize) = (8, 16)
      training.optimizer = .adam(learningRate: 0.02)
      _ = try member.classifier.fit(train.subset(Array(0..<320)), options: training)
    }
    let datasets = try Self.datasets(120, for: ensemble)
    func loss() throws -> Double {
      var loss = 0.0
      try ensemble.forEachPrediction(of: datasets) { loss -= log(Double($2[$1])) }
      return loss
    }
    let scaling = try ensemble.fittedTemperature(on: datasets)
    #expect(!scaling.isAtLimit)
    let scaled = ensemble.scalingLogits(by: scaling)
    #expect(scaled.members.allSatisfy { $0.provenance.temperature == scaling.temperature })
    let best = try loss()
    for factor in [0.9, 1.1] {
      let other = TemperatureScaling(temperature: factor)
      _ = ensemble.scalingLogits(by: other)
      #expect(try loss() >= best - 1e-6)
      _ = ensemble.scalingLogits(by: other.inverse)
    }
    // Weights that two members share are scaled once.
    let first = ensemble.members[0].classifier
    let twice = try ImageEnsemble([
      (first, Provenance()), (first.averaging(PictureViews(5)), Provenance()),
    ])
    let before = first.probabilities(ofModelPixels: [try datasets[0].pixels(at: 0)])[0]
    _ = twice.scalingLogits(by: TemperatureScaling(temperature: 2))
    let after = first.probabilities(ofModelPixels: [try datasets[0].pixels(at: 0)])[0]
    let expected = TemperatureScaling(temperature: 2).apply(to: before)
    for (value, other) in zip(after, expected) { #expect(abs(value - other) < 1e-5) }
    _ = twice.scalingLogits(by: TemperatureScaling(temperature: 2).inverse)
    let alone = ImageEnsemble(ensemble.members[0].classifier)
    #expect(
      try alone.fittedTemperature(on: [datasets[0]])
        == ensemble.members[0].classifier.fittedTemperature(on: datasets[0]))
  }
}
