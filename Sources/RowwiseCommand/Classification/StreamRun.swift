import Rowwise
import RowwiseEvaluation
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseTexts

/// Classifies pictures while their bytes arrive: `classify --stream`.
struct StreamRun {
  let console: Console
  let classifier: ImageClassifier
  let writer: ClassificationWriter
  /// Classes that a row names.
  let top: Int
  /// Whether there is a row after every timestep.
  let everyRow: Bool
  /// Whether pictures that must be read whole are refused.
  let requiresStreaming: Bool
  let decoding: DecodingOptions
  /// When reading may end before the last row.
  let stopping: StoppingRule

  /// Pictures that were begun.
  private(set) var count = 0
  /// Those that could not be classified, and why.
  private(set) var failures: [(name: String, reason: String)] = []

  init(
    console: Console, classifier: ImageClassifier, writer: ClassificationWriter, top: Int,
    everyRow: Bool, requiresStreaming: Bool, decoding: DecodingOptions,
    stopping: StoppingRule = .never
  ) {
    self.console = console
    self.classifier = classifier
    self.writer = writer
    self.top = top
    self.everyRow = everyRow
    self.requiresStreaming = requiresStreaming
    self.decoding = decoding
    self.stopping = stopping
  }

  /// Classifies all pictures that come, one after the other.
  mutating func classify(_ input: consuming StreamInput) throws {
    defer { input.finish() }
    /// Bytes that came behind the picture before.
    var rest: [UInt8] = []
    var isAtEnd = false
    while true {
      repeat {
        // What fills up or parts pictures begins none.
        if count > 0 { rest = Array(rest.drop { [0, 0x0A, 0x0D, 0x20].contains($0) }) }
        guard rest.isEmpty, !isAtEnd else { break }
        let bytes = try input.next()
        isAtEnd = bytes.isEmpty
        rest = Array(bytes)
      } while true
      if rest.isEmpty { return }
      count += 1
      let name = count == 1 ? input.name : "\(input.name) (picture \(count))"
      let stream = try PictureStream(
        classifier, named: name, everyRow: everyRow, stopping: stopping, decoding: decoding)
      do {
        try read(stream, name, &rest, &input, &isAtEnd)
        rest = stream.takeRest()
      } catch let error as ImageDecodingError {
        try fail(name, error.descriptionWithoutSource)
        rest = stream.takeRest()
        // The first byte is that of the picture that failed, or stands for those that it has used.
        if rest.count < stream.bytesPushed { rest.insert(0, at: 0) }
        try skipToNext(&rest, &input, &isAtEnd)
      } catch let error as StreamInput.Stalled {
        try fail(name, "nothing came for \(error.seconds) s; give more with --timeout")
        throw CommandFailure(
          message: "\(name): nothing came for \(error.seconds) s", status: .inputOutput)
      }
    }
  }

  /// Reads one picture to its end, which may lie behind its last row.
  private mutating func read(
    _ stream: PictureStream, _ name: String, _ rest: inout [UInt8], _ input: inout StreamInput,
    _ isAtEnd: inout Bool
  ) throws {
    try stream.push(rest)
    rest = []
    if isAtEnd { stream.finish() }
    while true {
      while let prediction = try stream.next() {
        if requiresStreaming, let reason = stream.wholeImageReasons.first {
          throw CommandFailure(
            message: "\(name): cannot be read as it comes (\(reason.rawValue)); leave out "
              + "--require-streaming to wait for all of it", status: .badData)
        }
        try write(prediction, name, stream)
      }
      if try stream.readToEnd() { break }
      let bytes = try input.next()
      isAtEnd = bytes.isEmpty
      if isAtEnd { stream.finish() } else { try stream.push(bytes) }
    }
    if let damage = stream.damage { console.warn("\(name): \(damage)") }
  }

  private func write(
    _ prediction: StreamedPrediction, _ name: String, _ stream: PictureStream
  ) throws {
    let candidates = ProbabilityRow.top(top, of: prediction.probabilities.span).map { entry in
      ClassifiedImage.Candidate(
        name: classifier.classNames[entry.classIndex], probability: entry.probability)
    }
    let image = ClassifiedImage(
      path: name, outcome: .classified(candidates),
      reading: ReadingMembers(
        prediction: prediction, wholeImageReasons: stream.wholeImageReasons))
    try console.write(everyRow ? writer.json(image).compact + "\n" : writer.row(image))
  }

  private mutating func fail(_ name: String, _ reason: String) throws {
    failures.append((name, reason))
    guard everyRow else {
      return try console.write(writer.row(ClassifiedImage(path: name, outcome: .failed(reason))))
    }
    try console.write(
      JSONValue.object([.init("path", .string(name)), .init("error", .string(reason))]).compact
        + "\n")
  }

  /// Drops bytes up to where another picture begins.
  private func skipToNext(
    _ rest: inout [UInt8], _ input: inout StreamInput, _ isAtEnd: inout Bool
  ) throws {
    while true {
      let (index, found) = PictureStart.next(in: rest)
      rest.removeFirst(found || !isAtEnd ? index : rest.count)
      if found || isAtEnd { return }
      // The byte before the possible beginning keeps it from being taken for the one that failed.
      rest.insert(0, at: 0)
      let bytes = try input.next()
      isAtEnd = bytes.isEmpty
      rest += bytes
    }
  }

  /// Ends with an error where pictures could not be read.
  func report() throws {
    guard let first = failures.first else { return }
    let what =
      count == 1 ? "" : "\(failures.count) of \(count) pictures cannot be classified; the first: "
    throw CommandFailure(
      message: "\(what)\(first.name): \(first.reason)",
      status: failures.count == count ? .badData : .someInputsFailed)
  }
}
