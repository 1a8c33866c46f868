import Foundation
import Rowwise
import RowwiseDatasetLoading
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import TestSupport
import Testing

/// Readers, streams, data sets and models of the public API in the hands of tasks, actors and detached
/// tasks at once; under ThreadSanitizer and AddressSanitizer this is what the SAFETY lines rest on.
@Suite struct SharedReadersTests {
  private static func files() throws -> [String] {
    try (0..<10).flatMap { digit -> [String] in
      let folder = "\(Digits.folder)/digits-png/\(digit)"
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().prefix(2)
        .map { "\(folder)/\($0)" }
    }
  }

  private static func classifier(threads: Int) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: [LSTM(12)], preprocessing: Preprocessing(width: 8, height: 8),
      classNames: (0..<10).map(String.init), seed: 3, threads: threads)
  }

  /// Each task has a stream of its own; all read with one classifier's weights, while others ask it for
  /// whole files and folders.
  @Test(arguments: [1, 2])
  func streamsOfOneClassifier(threads: Int) async throws {
    let files = try Self.files()
    let classifier = try Self.classifier(threads: threads)
    let expected = try files.map { try classifier.probabilities(path: $0) }
    let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<4 {
        group.addTask {
          try (0..<25).count { round in
            let index = (task * 5 + round) % files.count
            if round % 5 == 4 {
              let answers = FileClassifier(classifier).classify(files)
              return try answers.map { try $0.get().probabilities } != expected
            }
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: files[index])))
            let stream = try PictureStream(classifier, everyRow: task % 2 == 0)
            var last: StreamedPrediction?
            for start in stride(from: 0, to: bytes.count, by: 37) {
              try stream.push(bytes[start..<min(start + 37, bytes.count)])
              while let prediction = try stream.next() { last = prediction }
            }
            stream.finish()
            while let prediction = try stream.next() { last = prediction }
            return last?.probabilities != expected[index]
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  /// Streams in actors, by detached tasks, with bytes that come asynchronously.
  @Test func streamsInActors() async throws {
    actor Reader {
      let stream: PictureStream
      init(_ classifier: ImageClassifier) throws { stream = try PictureStream(classifier) }
      func take(_ bytes: [UInt8]) throws -> [Float]? {
        try stream.push(bytes)
        var last: [Float]?
        while let prediction = try stream.next() { last = prediction.probabilities }
        return last
      }
    }
    let file = try Self.files()[0]
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    let classifier = try Self.classifier(threads: 2)
    let expected = try classifier.probabilities(path: file)
    let tasks = (0..<4).map { task in
      Task.detached { () -> [Float]? in
        if task % 2 == 0 { return try await Reader(classifier).take(bytes) }
        let chunks = AsyncStream<[UInt8]> { continuation in
          for byte in bytes { continuation.yield([byte]) }
          continuation.finish()
        }
        var last: [Float]?
        for try await prediction in try classifier.predictions(of: chunks) {
          last = prediction.probabilities
        }
        return last
      }
    }
    for task in tasks { #expect(try await task.value == expected) }
  }

  /// One data set, held in memory or read again from its files, under several tasks that train, ask and
  /// divide it; and files decoded by all of them.
  @Test(arguments: [1 << 30, 0])
  func oneDataset(cacheBytes: Int) async throws {
    var options = DatasetOptions()
    options.cacheBytes = cacheBytes
    options.threads = 2
    let splits = try DatasetLoader.open("\(Digits.folder)/digits-png", options: options)
    let whole = try #require(splits.parts[.whole])
    let files = try Self.files()
    var training = TrainingOptions()
    training.epochs = 1
    let alone = try Self.classifier(threads: 2)
    let history = try alone.fit(whole, options: training)
    let pictures = try files.map { try ImageDecoder.decode(path: $0).pixels }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<4 {
        group.addTask { [training] in
          let own = try Self.classifier(threads: 1 + task % 2)
          var again = try own.fit(whole, options: training)
          for i in again.epochs.indices { again.epochs[i].seconds = history.epochs[i].seconds }
          var count = 0
          try own.forEachPrediction(of: whole.subset(Array(0..<20))) { _, _, _ in count += 1 }
          let decoded = try files.map { try ImageDecoder.decode(path: $0).pixels }
          return again == history && count == 20 && decoded == pictures
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  /// A model that is no `Sendable` is an actor's; several tasks train it and ask it, one after another.
  @Test func sequentialInAnActor() async throws {
    actor Owner {
      let model = Sequential(seed: 1, threads: 2)
      init() {
        model.add(LSTM(6), inputShape: (timesteps: 4, features: 3))
        model.add(Dense(2, activation: .softmax))
      }
      func train(_ x: Sequences, _ y: [Int]) throws -> Int {
        try model.compile()
        return try model.fit(x, y, epochs: 2, batchSize: 4).epochs.count
      }
      func ask(_ x: Sequences) throws -> [[Float]] { try model.predict(x) }
    }
    let x = Sequences(
      (0..<10 * 12).map { Float($0 % 11) / 11 }, count: 10, timesteps: 4, features: 3)
    let owner = Owner()
    let tasks = (0..<4).map { task in
      Task.detached {
        for _ in 0..<5 {
          if task % 2 == 0 {
            if try await owner.train(x, (0..<10).map { $0 % 2 }) != 2 { return false }
          } else {
            let rows = try await owner.ask(x)
            if rows.count != 10 || rows.contains(where: { abs($0[0] + $0[1] - 1) > 1e-5 }) {
              return false
            }
          }
        }
        return true
      }
    }
    for task in tasks { #expect(try await task.value) }
  }
}
