import Foundation
import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSafetensors
import RowwiseTraining
import TestSupport
import Testing

/// Model files that are read back.
@Suite struct ImageClassifierFileTests {
  /// Every kind of layer, cell and activation.
  static func everything(seed: UInt64 = 4, threads: Int = 1) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: [
        Bidirectional(LSTM(5, peephole: .full)), Dropout(0.25),
        LSTM(6, peephole: .diagonal, goBackwards: true, unitForgetBias: false),
        GRU(4, direction: .both), SimpleRNN(5), Residual(MinLSTM(7)), Residual(LSTM(7)), LRU(4),
        regularized(.lstm), regularized(.coupled), regularized(.refined),
        regularized(.layerNormalized), Dense(5, activation: .tanh), LayerNorm(), MLP(2),
        Pooling(.attention), Dense(4, activation: .relu),
        Dense(4, activation: .tanh),
        Dense(4, activation: .sigmoid), Dropout(0.1), Dense(3),
      ],
      preprocessing: try Preprocessing(
        width: 5, height: 7, color: .rgb, readingOrder: .pixelsPermuted(seed: 9),
        mean: [0.1, 0.2, 1.0 / 3], standardDeviation: [0.5, 0.25, 0.7]),
      classNames: ["zéro", "a \"quoted\" \\ name\n", "2", "10", ""], seed: seed, threads: threads)
  }

  private static func regularized(_ cell: RecurrentCell) -> Recurrent {
    var layer = Recurrent(cell, 6)
    layer.zoneoutHidden = 0.1
    layer.zoneoutCell = 0.2
    layer.recurrentDropout = 0.3
    layer.learnsInitialState = true
    layer.chronoInitialization = true
    if cell == .lstm { layer.peephole = .diagonal }
    return layer
  }

  static func provenance() -> Provenance {
    var provenance = Provenance()
    provenance.dataFingerprint = "0123abcd"
    provenance.trainingSamples = 1437
    provenance.seed = .max
    provenance.epochs = 3
    provenance.batchSize = 32
    provenance.optimizer = "adam"
    provenance.learningRate = 0.001
    provenance.instructionSet = "avx2"
    provenance.validationAccuracy = 0.1 + 0.2
    provenance.validationLoss = 1.0 / 3
    return provenance
  }

  @Test func roundTripKeepsEveryBit() throws {
    let folder = try TemporaryFolder()
    let saved = try Self.everything()
    try saved.save(toPath: folder.path("m.safetensors"), provenance: Self.provenance())
    let (loaded, provenance) = try ImageClassifier.load(
      path: folder.path("m.safetensors"), threads: 2)
    #expect(provenance == Self.provenance())
    #expect(loaded.classNames == saved.classNames)
    #expect(loaded.preprocessing == saved.preprocessing)
    #expect(loaded.network.layers == saved.network.layers)
    #expect(loaded.network.parameters == saved.network.parameters)
    for parameter in saved.network.parameters {
      #expect(
        loaded.network.values(of: parameter).map(\.bitPattern)
          == saved.network.values(of: parameter).map(\.bitPattern), "\(parameter.name)")
    }
    let pictures = (0..<9).map { n in
      (0..<saved.preprocessing.byteCount).map { UInt8(truncatingIfNeeded: $0 * 31 + n * 77) }
    }
    #expect(
      loaded.probabilities(ofModelPixels: pictures) == saved.probabilities(ofModelPixels: pictures))
    // And once more: the same bytes.
    try loaded.save(toPath: folder.path("again.safetensors"), provenance: provenance)
    #expect(try folder.bytes("again.safetensors") == folder.bytes("m.safetensors"))
  }

  @Test(arguments: Peephole.allCases)
  func sameTrainingSameBytes(_ peephole: Peephole) throws {
    let folder = try TemporaryFolder()
    let (train, _) = try Digits.load()
    let some = train.subset(Array(0..<150))
    func file(_ name: String, threads: Int, seed: UInt64 = 0) throws -> [UInt8] {
      let classifier = try ImageClassifier(
        hiddenLayers: [Bidirectional(LSTM(12, peephole: peephole)), Dropout(0.2), LSTM(9)],
        preprocessing: try Preprocessing(width: 8, height: 8), classNames: train.classNames,
        seed: seed, threads: threads)
      var options = TrainingOptions()
      options.epochs = 2
      options.seed = seed
      options.clipNorm = 1
      _ = try classifier.fit(some, options: options)
      try classifier.save(toPath: folder.path(name))
      return try folder.bytes(name)
    }
    let first = try file("1", threads: 1)
    for threads in [1, 2, 3] {
      #expect(try file("\(threads)", threads: threads) == first, "\(threads) threads")
    }
    #expect(try file("other", threads: 1, seed: 1) != first)
  }

  /// Nothing is left where the file cannot be put, and a file that was there stays.
  @Test func unwritablePlaces() throws {
    let folder = try TemporaryFolder()
    let classifier = try Self.everything()
    #expect {
      try classifier.save(toPath: folder.path("missing/m.safetensors"))
    } throws: { error in
      guard case .file(.cannotWrite) = error as? SafetensorsError else { return false }
      return true
    }
    #expect(throws: (any Error).self) { try classifier.save(toPath: folder.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func savingReplacesAFile() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], to: "m")
    try Self.everything().save(toPath: folder.path("m"))
    #expect(try ImageClassifier.load(path: folder.path("m")).classifier.classNames.count == 5)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m"])
  }
}
