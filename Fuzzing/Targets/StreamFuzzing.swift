import Rowwise
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing

/// Pictures that arrive in pieces: predictions come in order, and the answer is that of the whole file.
///
/// The first byte chooses the model, the second how it reads and how long the pieces are.
enum StreamFuzzing {
  /// One for each way to read row by row.
  private static let classifiers: [ImageClassifier] = {
    let shapes: [(width: Int, height: Int, ColorMode, ReadingOrder)] = [
      (4, 4, .gray, .rows), (5, 3, .rgb, .rows), (3, 6, .gray, .serpentine),
      (2, 3, .rgb, .pixels), (1, 1, .gray, .rows),
    ]
    let all = shapes.compactMap { width, height, color, order in
      (try? Preprocessing(width: width, height: height, color: color, readingOrder: order))
        .flatMap { preprocessing in
          try? ImageClassifier(
            hiddenLayers: [LSTM(3)], preprocessing: preprocessing, classNames: ["a", "b", "c"],
            seed: 1, threads: 1)
        }
    }
    precondition(all.count == shapes.count, "the models do not fit together")
    return all
  }()

  /// Small limits, so that a lawful file cannot take long.
  private static let limits = DecodingLimits(
    maximumPixels: 1 << 16, maximumMemory: 1 << 21, maximumMetadata: 1 << 16, maximumScans: 12)

  /// What a stream made of bytes.
  private struct Outcome {
    var predictions: [StreamedPrediction] = []
    var error: ImageDecodingError?
    /// Whether an EXIF block behind the pixels would have turned the picture.
    var isTurnedLate = false
  }

  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard bytes.count >= 2 else { return }
    let classifier = classifiers[Int(bytes[0]) % classifiers.count]
    let choice = bytes[1]
    let decoding = DecodingOptions(
      strictness: choice & 1 == 0 ? .strict : .lenient, limits: limits)
    let everyRow = choice & 2 == 0
    let stopping: StoppingRule = choice & 12 == 12 ? .logOdds(atLeast: -0.5, patience: 2) : .never
    let stream: PictureStream
    do throws(StreamingError) {
      stream = try PictureStream(
        classifier, everyRow: everyRow, stopping: stopping, decoding: decoding)
    } catch {
      throw FuzzFinding("\(error)")
    }
    let outcome = read(bytes.dropFirst(2), stream, seed: UInt64(choice))
    try checkOrder(outcome.predictions, stream, everyRow: everyRow, stopping)

    let path = FuzzFolder.shared.write(bytes.dropFirst(2), to: "streamed")
    guard let whole = try? classifier.probabilities(path: path, decoding: decoding),
      !outcome.isTurnedLate
    else { return }
    guard let answer = outcome.predictions.last, answer.isAnswer else {
      throw FuzzFinding("no answer, \(String(describing: outcome.error)); the whole file has one")
    }
    try expect(
      answer.isEarly || answer.probabilities == whole,
      "the last row gives \(answer.probabilities), the whole file \(whole)")
  }

  private static func read(
    _ bytes: ArraySlice<UInt8>, _ stream: PictureStream, seed: UInt64
  ) -> Outcome {
    var outcome = Outcome()
    var random = seed
    var rest = bytes
    do throws(ImageDecodingError) {
      while true {
        while let prediction = try stream.next() { outcome.predictions.append(prediction) }
        if stream.isDone, try stream.readToEnd() { break }
        guard !rest.isEmpty else {
          stream.finish()
          while let prediction = try stream.next() { outcome.predictions.append(prediction) }
          _ = try stream.readToEnd()
          break
        }
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = 1 + Int(random >> 33) % (random >> 62 == 0 ? 7 : 300)
        try stream.push(rest.prefix(piece))
        rest = rest.dropFirst(piece)
      }
    } catch {
      outcome.error = error
    }
    outcome.isTurnedLate = stream.warnings.contains {
      if case .lateOrientation = $0 { true } else { false }
    }
    return outcome
  }

  private static func checkOrder(
    _ predictions: [StreamedPrediction], _ stream: PictureStream, everyRow: Bool,
    _ stopping: StoppingRule
  ) throws(FuzzFinding) {
    var before = 0
    for (index, prediction) in predictions.enumerated() {
      try expect(
        everyRow ? prediction.row == before + 1 : prediction.isAnswer,
        "row \(prediction.row) after row \(before)")
      try expect(
        prediction.isAnswer == (index == predictions.count - 1 && stream.isDone),
        "an answer at \(index + 1) of \(predictions.count) predictions")
      try expect(
        prediction.isEarly == (prediction.isAnswer && prediction.row < stream.rows),
        "row \(prediction.row) of \(stream.rows) is \(prediction.isEarly ? "early" : "not early")")
      try expect(!prediction.isEarly || stopping != .never, "it stopped unasked")
      let sum = prediction.probabilities.reduce(0, +)
      try expect(abs(sum - 1) < 1e-5, "probabilities add up to \(sum)")
      before = prediction.row
    }
  }
}
