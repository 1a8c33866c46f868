import Foundation
import Rowwise
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import TestSupport
import Testing

/// One classifier in the hands of several tasks, by the public API alone.
@Suite struct SharedClassifierTests {
  private static let images: [DecodedImage] = {
    (0..<10).flatMap { digit -> [DecodedImage] in
      let folder = "\(Digits.folder)/digits-png/\(digit)"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.sorted().prefix(2).compactMap { name in
        try? ImageDecoder.decode(
          path: "\(folder)/\(name)", options: DecodingOptions(pixelFormat: .gray8))
      }
    }
  }()

  private func classifier(_ layers: [any Layer], threads: Int, seed: UInt64 = 3) throws
    -> ImageClassifier
  {
    try ImageClassifier(
      hiddenLayers: layers, preprocessing: Preprocessing(width: 8, height: 8),
      classNames: (0..<10).map(String.init), seed: seed, threads: threads)
  }

  /// 8,000 answers, as many from each task; before work spaces were lent, up to 1,992 were wrong.
  @Test(arguments: [1, 2, 8], [1, 2])
  func everyAnswerIsRight(tasks: Int, threads: Int) async throws {
    let images = Self.images
    try #require(images.count == 20)
    let classifier = try classifier(
      [LSTM(24), Dropout(0.2), Bidirectional(LSTM(12))], threads: threads)
    let expected = images.map { classifier.probabilities(of: $0) }
    #expect(Set(expected).count == images.count)
    let answers = Sanitizing.rounds(8000)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<tasks {
        group.addTask {
          (0..<answers / tasks).count { round in
            let index = (task * 7 + round) % images.count
            return classifier.probabilities(of: images[index]) != expected[index]
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0, "\(tasks) tasks, \(threads) threads each")
  }

  /// An actor, detached tasks and the main actor share one classifier, several pictures a call.
  @Test func actorsAndDetachedTasksShareIt() async throws {
    actor Reader {
      let classifier: ImageClassifier
      init(_ classifier: ImageClassifier) { self.classifier = classifier }
      func read(_ pixels: [[UInt8]]) -> [[Float]] {
        classifier.probabilities(ofModelPixels: pixels)
      }
    }
    let classifier = try classifier([LSTM(24)], threads: 2)
    let pixels = (0..<12).flatMap { _ in
      Self.images.map { classifier.preprocessing.modelPixels(of: $0) }
    }
    let expected = classifier.probabilities(ofModelPixels: pixels)
    let readers = [Reader(classifier), Reader(classifier)]
    let tasks = (0..<4).map { task in
      Task.detached {
        for _ in 0..<Sanitizing.rounds(10) {
          if await readers[task % 2].read(pixels) != expected { return false }
          if classifier.probabilities(ofModelPixels: pixels) != expected { return false }
        }
        return true
      }
    }
    for _ in 0..<10 {
      #expect(await MainActor.run { classifier.probabilities(ofModelPixels: pixels) } == expected)
    }
    for task in tasks { #expect(await task.value) }
  }

  /// Training, predicting, saving and calibrating at once: the training comes to the same weights, and
  /// every answer in between is a probability.
  @Test(arguments: [1, 2])
  func trainingGoesOnWhileOthersPredict(threads: Int) async throws {
    let (train, _) = try Digits.load()
    let part = train.subset(Array(0..<200))
    var options = TrainingOptions()
    options.epochs = Sanitizing.isOn ? 1 : 3
    options.averageDecay = 0.9
    let alone = try classifier([LSTM(24)], threads: threads)
    _ = try alone.fit(part, validation: part, options: options)
    let folder = try TemporaryFolder()
    try alone.save(toPath: folder.path("alone"))

    let shared = try classifier([LSTM(24)], threads: threads)
    let training = Task.detached { [options] in
      try shared.fit(part, validation: part, options: options)
    }
    let images = Self.images
    let others = (0..<3).map { task in
      Task.detached {
        for round in 0..<Sanitizing.rounds(200) {
          let row = shared.probabilities(of: images[(task + round) % images.count])
          let sum = row.reduce(0) { $0 + Double($1) }
          if abs(sum - 1) > 1e-5 || row.contains(where: { !($0 >= 0) }) { return false }
          if round % 50 == task {
            try shared.save(toPath: folder.path("saved\(task)"))
            _ = try ImageClassifier.load(path: folder.path("saved\(task)"), threads: 1)
          }
        }
        return true
      }
    }
    for other in others { #expect(try await other.value) }
    _ = try await training.value
    try shared.save(toPath: folder.path("shared"))
    #expect(try folder.bytes("shared") == folder.bytes("alone"))
  }

  /// Two trainings of one network would undo each other's steps.
  @Test func aSecondTrainingIsRefused() throws {
    let (train, _) = try Digits.load()
    let part = train.subset(Array(0..<64))
    let classifier = try classifier([LSTM(8)], threads: 1)
    var callbacks = TrainingCallbacks()
    var refusal: (any Error)?
    callbacks.onEpochEnd = { _ in
      do { _ = try classifier.fit(part) } catch { refusal = error }
    }
    var options = TrainingOptions()
    options.epochs = 1
    _ = try classifier.fit(part, options: options, callbacks: callbacks)
    #expect(refusal as? TrainingError == .alreadyTraining)
    #expect(
      TrainingError.alreadyTraining.description
        == "the network is being trained already; wait for that training to end, or train another "
        + "network")
    // And when one has ended, also by an error, another may begin.
    callbacks.onEpochEnd = { _ in throw TrainingError.noSamples }
    #expect(throws: TrainingError.noSamples) {
      try classifier.fit(part, options: options, callbacks: callbacks)
    }
    _ = try classifier.fit(part, options: options)
  }

  /// Scaling from two tasks is scaling twice.
  @Test func noScalingIsLost() async throws {
    let classifier = try classifier([LSTM(8)], threads: 1)
    let output = try #require(classifier.network.parameters.dropLast().last)
    let before = classifier.network.values(of: output)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<5 {
            classifier.scaleLogits(by: TemperatureScaling(temperature: 0.5))
            _ = classifier.probabilities(of: Self.images[0])
          }
        }
      }
    }
    #expect(classifier.network.values(of: output) == before.map { $0 * 1_048_576 })
  }
}
