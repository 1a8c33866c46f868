import Foundation
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRandomness
import RowwiseRowSequencing
import TestSupport
import Testing

@testable import Rowwise

/// Reading a picture while its bytes arrive.
@Suite struct PictureStreamTests {
  private static func picture(
    _ width: Int, _ height: Int, channels: Int = 1, seed: Int = 1
  ) -> DecodedImage {
    let pixels = (0..<width * height * channels).map {
      UInt8(truncatingIfNeeded: $0 * 7919 * seed >> 3)
    }
    return DecodedImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  private static func classifier(
    _ layers: [any Layer] = [LSTM(12, returnSequences: true), LSTM(7)], width: Int = 12,
    height: Int = 10, color: ColorMode = .gray, order: ReadingOrder = .rows, threads: Int = 2
  ) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: layers,
      preprocessing: Preprocessing(
        width: width, height: height, color: color, readingOrder: order,
        mean: [Double](repeating: 0.4, count: color.channels),
        standardDeviation: [Double](repeating: 0.3, count: color.channels)),
      classNames: ["a", "b", "c"], seed: 5, threads: threads)
  }

  private static func predictions(
    _ classifier: ImageClassifier, _ bytes: [UInt8], chunk: Int,
    stopping: StoppingRule = .never
  ) throws -> [StreamedPrediction] {
    let stream = try PictureStream(classifier, stopping: stopping)
    var found: [StreamedPrediction] = []
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      try stream.push(bytes[start..<min(start + chunk, bytes.count)])
      while let prediction = try stream.next() { found.append(prediction) }
    }
    stream.finish()
    while let prediction = try stream.next() { found.append(prediction) }
    return found
  }

  /// The last row says, bit for bit, what the whole picture does: every size, order and colour that
  /// streams, cut into pieces of any size.
  @Test(
    arguments: [ReadingOrder.rows, .serpentine, .pixels, .windows(rows: 3, step: 2), .patches(4)],
    [1, 7, 4096])
  func theLastRowIsTheWholePicture(_ order: ReadingOrder, chunk: Int) throws {
    for color in [ColorMode.gray, .rgb] {
      let classifier = try Self.classifier(color: color, order: order)
      for (width, height) in [(12, 10), (40, 33), (5, 4), (12, 100), (100, 10)] {
        let image = Self.picture(width, height, channels: color.channels)
        let found = try Self.predictions(classifier, PNGWriter.encode(image), chunk: chunk)
        #expect(found.last?.probabilities == classifier.probabilities(of: image))
        #expect(found.map(\.row) == Array(1...classifier.preprocessing.timesteps))
        #expect(found.map(\.isAnswer) == found.map { $0.row == found.count })
      }
    }
  }

  /// Every kind of layer that can step.
  @Test func everyLayerThatSteps() throws {
    for layers: [any Layer] in [
      [LSTM(5, peephole: .full)], [LSTM(5, peephole: .diagonal)],
      [LSTM(9, returnSequences: true, peephole: .full), Dropout(0.5), LSTM(6)],
      [LSTM(6), Dropout(0.5), Dense(4, activation: .relu)],
      [GRU(5, returnSequences: true), SimpleRNN(4)], [MinLSTM(6)],
      [LRU(5, returnSequences: true), LRU(4)], [Recurrent(.coupled, 5)],
      [Recurrent(.layerNormalized, 5)], [LSTM(6), Pooling(.mean)], [GRU(6), Pooling(.attention)],
      [LSTM(6), Pooling(.max), Dense(4, activation: .tanh)], [Residual(LSTM(4)), Residual(GRU(4))],
    ] {
      let classifier = try Self.classifier(layers)
      let image = Self.picture(30, 25)
      let found = try Self.predictions(classifier, PNGWriter.encode(image), chunk: 100)
      #expect(found.last?.probabilities == classifier.probabilities(of: image))
    }
  }

  /// A row's prediction comes before the bytes of the next are there.
  @Test func predictionsComeWithTheirRows() throws {
    let classifier = try Self.classifier(width: 20, height: 20)
    let pixels = Self.picture(20, 20).pixels
    let stream = try PictureStream(classifier)
    try stream.push(Array("P5 20 20 255\n".utf8))
    for y in 0..<20 {
      try stream.push(pixels[y * 20..<(y + 1) * 20])
      let prediction = try #require(try stream.next())
      #expect(prediction.row == y + 1 && prediction.sourceRow >= y + 1)
      #expect(try stream.next() == nil)
    }
    #expect(stream.isDone)
  }

  /// Rows are the file's, also of a JPEG that is decoded at a fraction of its size.
  @Test(.enabled(if: Repository.hasShared("decoder/exif/exo_Landscape_1.jpg")))
  func sourceRowsAreTheFiles() throws {
    let file = Repository.shared("decoder/exif/exo_Landscape_1.jpg")
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    let classifier = try Self.classifier(width: 28, height: 28)
    let found = try Self.predictions(classifier, bytes, chunk: 1000)
    #expect(found.map(\.row) == Array(1...28))
    for prediction in found {
      // 1,200 rows, of which a decoded one stands for four.
      #expect((prediction.sourceRow - prediction.row * 1200 / 28).magnitude < 4)
    }
    #expect(found[13].sourceRow < 620)
  }

  @Test func whatNeedsTheWholePictureIsRefusedByName() throws {
    for order in [ReadingOrder.columns, .rowsBottomUp, .pixelsPermuted(seed: 1)] {
      #expect(throws: StreamingError.readingOrder(order)) {
        _ = try PictureStream(try Self.classifier(order: order))
      }
    }
    for layers: [any Layer] in [
      [LSTM(4, goBackwards: true)], [Residual(Bidirectional(LSTM(4)))], [LSTM(4), Flatten()],
    ] {
      let other = try Self.classifier(layers)
      #expect(throws: StreamingError.self) { _ = try PictureStream(other) }
    }
    let both = try Self.classifier([Bidirectional(LSTM(4))])
    #expect {
      _ = try PictureStream(both)
    } throws: { error in
      "\(error)".contains("layer 1 of the model (lstm:4:bidirectional) needs the whole picture")
    }
  }

  /// An answer that is sure enough ends the reading, and says the same as the rule does by hand.
  @Test func readingStopsByTheRule() throws {
    let classifier = try Self.classifier()
    let bytes = try PNGWriter.encode(Self.picture(12, 10))
    let all = try Self.predictions(classifier, bytes, chunk: 50)
    let threshold = all.map(\.logOdds).sorted()[5]
    let rule = StoppingRule.logOdds(atLeast: threshold, patience: 2, from: 2)
    let found = try Self.predictions(classifier, bytes, chunk: 50, stopping: rule)
    var expected = all.count
    for row in 2...all.count
    where all[row - 1].logOdds >= threshold && all[row - 2].logOdds >= threshold
      && all[row - 1].prediction == all[row - 2].prediction
    {
      expected = row
      break
    }
    #expect(found.count == expected)
    #expect(found.last?.isAnswer == true && found.last?.isEarly == (expected < all.count))
  }

  /// Several streams share a classifier; each says what it would alone.
  @Test func streamsRunSideBySide() async throws {
    let classifier = try Self.classifier()
    let pictures = try (1...6).map { seed in
      let image = Self.picture(24, 30, seed: seed)
      return (bytes: try PNGWriter.encode(image), expected: classifier.probabilities(of: image))
    }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for picture in pictures {
        group.addTask {
          let chunks = AsyncStream<[UInt8]> { continuation in
            for start in stride(from: 0, to: picture.bytes.count, by: 33) {
              continuation.yield(Array(picture.bytes[start..<min(start + 33, picture.bytes.count)]))
            }
            continuation.finish()
          }
          var last: [Float] = []
          for try await prediction in try classifier.predictions(of: chunks) {
            last = prediction.probabilities
          }
          return last == picture.expected
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func aPictureThatEndsEarlyIsAnError() throws {
    let classifier = try Self.classifier()
    let bytes = try PNGWriter.encode(Self.picture(40, 40))
    #expect(throws: ImageDecodingError.self) {
      _ = try Self.predictions(classifier, Array(bytes.prefix(bytes.count / 2)), chunk: 64)
    }
  }

  // MARK: Early exit

  private static func exit(_ classifier: ImageClassifier, threshold: Double?) -> EarlyExit {
    EarlyExit(
      rule: EarlyExitRule(
        slopes: [Double](repeating: 1, count: 9), offsets: [Double](repeating: 0, count: 9),
        threshold: threshold, patience: 1, firstRow: 4),
      risk: EarlyExitRisk(.lost, atMost: 0.01), confidence: 0.95, screened: 30, tested: 70,
      thresholds: 5, taken: 2, wrong: 0, early: 60, meanRows: 5.5, dataFingerprint: "xxh64:0",
      weightsFingerprint: classifier.weightsFingerprint,
      precision: classifier.network.precision.rawValue,
      instructionSet: classifier.network.kernels.instructionSet.rawValue)
  }

  @Test func theCalibratedRuleIsKeptTo() throws {
    let classifier = try Self.classifier()
    let bytes = try PNGWriter.encode(Self.picture(12, 10))
    #expect(throws: StreamingError.earlyExit(.notCalibrated)) {
      _ = try PictureStream(classifier, stopping: .calibrated)
    }
    classifier.earlyExit = Self.exit(classifier, threshold: -100)
    let found = try Self.predictions(classifier, bytes, chunk: 50, stopping: .calibrated)
    #expect(found.count == 4)
    #expect(found.last?.isEarly == true && found.last?.isAnswer == true)
    classifier.earlyExit = Self.exit(classifier, threshold: nil)
    #expect(try Self.predictions(classifier, bytes, chunk: 50, stopping: .calibrated).count == 10)
  }

  /// Other weights, another precision and numbers of another size are no guarantee.
  @Test func anEarlyExitOfSomethingElseIsRefused() throws {
    let classifier = try Self.classifier()
    var exit = Self.exit(classifier, threshold: 0)
    exit.precision = "bfloat16"
    classifier.earlyExit = exit
    #expect(throws: EarlyExitError.otherPrecision(calibrated: "bfloat16", now: "float32")) {
      _ = try classifier.checkedEarlyExit()
    }
    exit = Self.exit(classifier, threshold: 0)
    exit.rule.slopes.removeLast()
    classifier.earlyExit = exit
    #expect(throws: EarlyExitError.unsound(rows: 10)) { _ = try classifier.checkedEarlyExit() }
    classifier.earlyExit = Self.exit(classifier, threshold: 0)
    #expect(try classifier.checkedEarlyExit().risk.kind == .lost)
    classifier.scaleLogits(by: TemperatureScaling(temperature: 2))
    #expect(throws: EarlyExitError.otherWeights) { _ = try classifier.checkedEarlyExit() }
  }

  @Test func modelFilesKeepTheEarlyExit() throws {
    let folder = try TemporaryFolder()
    let classifier = try Self.classifier()
    let path = folder.path("m.safetensors")
    try classifier.save(toPath: path)
    #expect(try ImageClassifier.load(path: path).classifier.earlyExit == nil)
    classifier.earlyExit = Self.exit(classifier, threshold: 1.25)
    try classifier.save(toPath: path)
    let (loaded, _) = try ImageClassifier.load(path: path)
    #expect(loaded.earlyExit == classifier.earlyExit)
    #expect(throws: Never.self) { _ = try loaded.checkedEarlyExit() }
  }

  /// A file is read no further than the answer needs.
  @Test func filesAreReadAsFarAsNeeded() throws {
    let folder = try TemporaryFolder()
    let classifier = try Self.classifier()
    // Noise, which does not become smaller.
    var random = RandomStream(seed: 3, stream: 1)
    let noise = (0..<600 * 800).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let image = DecodedImage(width: 600, height: 800, channels: 1, pixels: noise)
    let path = folder.path("p.png")
    let bytes = try PNGWriter.encode(image)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let whole = try classifier.reading(path: path, stopping: .never)
    #expect(whole.answer.probabilities == classifier.probabilities(of: image))
    #expect(!whole.answer.isEarly && whole.answer.row == 10 && whole.wholeImageReasons.isEmpty)
    classifier.earlyExit = Self.exit(classifier, threshold: -100)
    let early = try classifier.reading(path: path, stopping: .calibrated)
    #expect(early.answer.row == 4 && early.answer.isEarly)
    #expect(early.answer.bytes < bytes.count * 6 / 10)
    let files = try FileClassifier(classifier, stopping: .calibrated)
    let answers = files.classify([path, path + "x"])
    #expect(try answers[0].get().reading == early)
    #expect(throws: ImageDecodingError.self) { _ = try answers[1].get() }
  }

  /// What a model does that needs whole pictures: the same answer, late, and it is said why; what comes
  /// behind a picture is there for the next.
  @Test func whatNeedsTheWholePicture() throws {
    typealias Adaptation = PictureAdaptation
    let measures = (0..<60).map { number in
      let pixels = (0..<120).map { UInt8(($0 + number) % 17 == 0 ? 255 : 0) }
      return PictureMeasure(
        of: pixels.span, width: 12, height: 10, channels: 1, source: .init(width: 12, height: 10))
    }
    let statistics = try #require(PictureStatistics(measures))
    let cases: [(ImageInfo.WholeImageReason, (inout Adaptation) -> Void)] = [
      (.trimming, { $0.trims = true }), (.letterbox, { $0.fit = .letterbox }),
      (.inversion, { $0.inversion = .auto }), (.background, { $0.background = .auto }),
      (.range, { $0.range = .auto }),
    ]
    var picture = Self.picture(30, 20)
    for i in picture.pixels.indices { picture.pixels[i] = i % 13 == 0 ? 9 : 240 }
    let bytes = try PNGWriter.encode(picture)
    for (reason, change) in cases {
      let plain = try Self.classifier()
      var preprocessing = plain.preprocessing
      preprocessing.pictures = statistics
      let knowing = ImageClassifier(
        preprocessing: preprocessing, classNames: plain.classNames, network: plain.network)
      var adaptation = Adaptation()
      change(&adaptation)
      let classifier = knowing.adapted(to: adaptation)
      #expect(knowing.preprocessing.adaptation.isNone)
      for chunk in [7, 100_000] {
        let stream = try PictureStream(classifier)
        let all = bytes + [1, 2, 3]
        var found: [StreamedPrediction] = []
        var place = 0
        while place < all.count, !stream.isDone {
          try stream.push(all[place..<min(place + chunk, all.count)])
          place = min(place + chunk, all.count)
          while let prediction = try stream.next() { found.append(prediction) }
        }
        #expect(found.map(\.row) == Array(1...10), "\(reason)")
        #expect(found.last?.probabilities == classifier.probabilities(of: picture), "\(reason)")
        #expect(stream.wholeImageReasons == [reason])
        #expect(stream.takeRest() + all[place...] == [1, 2, 3], "\(reason)")
        #expect(stream.finding.isInverted == (reason == .inversion))
      }
    }
  }

  /// A picture that streams is measured, too, once all its rows are there.
  @Test func streamedPicturesAreMeasured() throws {
    let classifier = try Self.classifier()
    let dark = (0..<60).map { number in
      let pixels = (0..<120).map { UInt8(($0 + number) % 17 == 0 ? 255 : 0) }
      return PictureMeasure(
        of: pixels.span, width: 12, height: 10, channels: 1, source: .init(width: 12, height: 10))
    }
    var preprocessing = classifier.preprocessing
    preprocessing.pictures = PictureStatistics(dark)
    let knowing = ImageClassifier(
      preprocessing: preprocessing, classNames: classifier.classNames, network: classifier.network)
    for (width, unusual) in [(12, "inverted?"), (60, "inverted?; shape 6:1, trained on 1.2:1")] {
      let image = DecodedImage(
        width: width, height: 10, channels: 1,
        pixels: (0..<width * 10).map {
          $0 % width / (width / 12) % 3 == 0 && $0 / width == 4 ? 0 : 255
        })
      let stream = try PictureStream(knowing)
      try stream.push(PNGWriter.encode(image))
      stream.finish()
      while try stream.next() != nil {}
      #expect(stream.finding.unusual == unusual)
    }
  }

  /// All traces of a data set are those of its pictures read row by row.
  @Test func tracesAreWhatStreamsSay() throws {
    let classifier = try Self.classifier()
    let images = (1...5).map { Self.picture(12, 10, seed: $0) }
    var traces = ReadingTraces(rows: 10, classes: 3)
    for image in images {
      let found = try Self.predictions(classifier, PNGWriter.encode(image), chunk: 90)
      let probabilities = found.flatMap(\.probabilities)
      traces.add(label: nil, probabilities: probabilities.span)
      #expect(
        (1...10).map { traces.score(traces.count - 1, row: $0) } == found.map(\.logOdds))
    }
    #expect(traces.count == 5)
  }
}
