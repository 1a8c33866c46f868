import Rowwise
import RowwiseAnswers
import RowwiseEvaluation
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseRowSequencing
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

  /// Pictures that were read and wait for others.
  private var batch: StreamBatch
  /// Pictures that are classified meanwhile.
  private var running: StreamBatch?
  private let runner: BatchRunner
  /// Pictures that were begun.
  private(set) var count = 0
  /// Those that could not be classified, and why.
  private(set) var failures: [(name: String, reason: String)] = []
  private var unusual = UnusualPictures()

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
    batch = StreamBatch(classifier.network)
    runner = BatchRunner(classifier.network)
  }

  /// Whether pictures are decoded first and classified together: as fast as files are.
  private var isBatched: Bool { !everyRow && stopping == .never }

  /// Classifies all pictures that come, one after the other.
  mutating func classify(_ input: consuming StreamInput) throws {
    var bytes = StreamBuffer(input)
    do {
      while try findNext(&bytes) {
        count += 1
        let name = count == 1 ? bytes.name : "\(bytes.name) (picture \(count))"
        try classify(name, &bytes)
      }
      try flush()
    } catch {
      // What was read before is told first.
      try flush()
      throw error
    }
  }

  /// Whether another picture begins; what fills up or parts pictures begins none.
  private mutating func findNext(_ bytes: inout StreamBuffer) throws -> Bool {
    if bytes.isWaiting() { try flush() }
    if count > 0 { try bytes.skip([0, 0x0A, 0x0D, 0x20]) }
    return try bytes.hasMore()
  }

  private mutating func classify(_ name: String, _ bytes: inout StreamBuffer) throws {
    let stream =
      try isBatched
      ? PictureStream(collecting: classifier, named: name, decoding: decoding)
      : PictureStream(
        classifier, named: name, everyRow: everyRow, stopping: stopping, decoding: decoding)
    do {
      try read(stream, name, &bytes)
      bytes.giveBack(stream.takeRest())
    } catch let error as ImageDecodingError {
      try fail(name, error.descriptionWithoutSource)
      var rest = stream.takeRest()
      // The first byte is that of the picture that failed, or stands for those that it has used.
      if rest.count < stream.bytesPushed { rest.insert(0, at: 0) }
      bytes.giveBack(rest)
      try skipToNext(&bytes)
    } catch let error as StreamInput.Stalled {
      try fail(name, "nothing came for \(error.seconds) s; give more with --timeout")
      throw CommandFailure(
        message: "\(name): nothing came for \(error.seconds) s", status: .inputOutput)
    }
  }

  /// Reads one picture to its end, which may lie behind its last row.
  private mutating func read(
    _ stream: PictureStream, _ name: String, _ bytes: inout StreamBuffer
  ) throws {
    while true {
      while let prediction = try stream.next() {
        try checkStreams(stream, name)
        try write(prediction, name, stream)
      }
      if try stream.readToEnd() { break }
      let piece = try bytes.next()
      if piece.isEmpty { stream.finish() } else { try stream.push(piece) }
    }
    guard isBatched else {
      if let damage = stream.damage { console.warn("\(name): \(damage)") }
      return
    }
    try checkStreams(stream, name)
    batch.add(name, stream)
    if batch.isFull { try start() }
  }

  /// - Throws: `CommandFailure` where the picture could not be read as it came, and must be.
  private func checkStreams(_ stream: PictureStream, _ name: String) throws {
    guard requiresStreaming, let reason = stream.wholeImageReasons.first else { return }
    throw CommandFailure(
      message: "\(name): cannot be read as it comes (\(reason.rawValue)); leave out "
        + "--require-streaming to wait for all of it", status: .badData)
  }

  // MARK: Batches

  /// Hands the batch over, once the one before is done, whose rows are written meanwhile.
  private mutating func start() throws {
    let done = takeDone()
    runner.run(batch)
    running = batch
    batch = StreamBatch(classifier.network)
    try write(done)
  }

  /// Waits for the batch that is classified.
  private mutating func takeDone() -> (StreamBatch, [[Float]])? {
    guard let done = running else { return nil }
    running = nil
    return (done, runner.wait())
  }

  /// Writes the rows of a batch that is done.
  private mutating func write(_ batch: (StreamBatch, [[Float]])?) throws {
    guard let (done, probabilities) = batch else { return }
    for picture in done.pictures {
      switch picture {
      case .failed(let name, let reason): try writeFailure(name, reason)
      case .sequence(let name, let index, let place, let damage, let finding):
        let rows = classifier.preprocessing.timesteps
        try write(
          StreamedPrediction(
            row: rows, rows: rows, sourceRow: place.sourceRow, bytes: place.bytes,
            probabilities: probabilities[index], isAnswer: true, isEarly: false),
          name, place.wholeImageReasons, finding)
        if let damage { console.warn("\(name): \(damage)") }
      }
    }
  }

  /// Writes all rows of pictures that have come.
  private mutating func flush() throws {
    if !batch.isEmpty { try start() }
    try write(takeDone())
  }

  private mutating func write(
    _ prediction: StreamedPrediction, _ name: String, _ stream: PictureStream
  ) throws {
    try write(prediction, name, stream.wholeImageReasons, stream.finding)
  }

  private mutating func write(
    _ prediction: StreamedPrediction, _ name: String, _ reasons: [ImageInfo.WholeImageReason],
    _ finding: PictureFinding
  ) throws {
    guard prediction.probabilities.allSatisfy(\.isFinite) else {
      guard prediction.isAnswer else { return }
      failures.append((name, ClassifiedImage.noNumber))
      return try writeFailure(name, ClassifiedImage.noNumber)
    }
    let candidates = ProbabilityRow.top(top, of: prediction.probabilities.span).map { entry in
      ClassifiedImage.Candidate(
        name: classifier.classNames[entry.classIndex], probability: entry.probability)
    }
    let image = ClassifiedImage(
      path: name, outcome: .classified(candidates),
      reading: ReadingMembers(
        prediction: prediction, wholeImageReasons: reasons),
      finding: prediction.isAnswer ? finding : PictureFinding())
    if prediction.isAnswer { unusual.add(finding) }
    try console.write(everyRow ? writer.json(image).compact + "\n" : writer.row(image))
  }

  private mutating func fail(_ name: String, _ reason: String) throws {
    failures.append((name, reason))
    if isBatched { batch.add(name, failing: reason) } else { try writeFailure(name, reason) }
  }

  private func writeFailure(_ name: String, _ reason: String) throws {
    guard everyRow else {
      return try console.write(writer.row(ClassifiedImage(path: name, outcome: .failed(reason))))
    }
    try console.write(
      JSONValue.object([.init("path", .string(name)), .init("error", .string(reason))]).compact
        + "\n")
  }

  /// Drops bytes up to where another picture begins.
  private func skipToNext(_ bytes: inout StreamBuffer) throws {
    while true {
      var piece = Array(try bytes.next())
      // A beginning may lie across two pieces.
      let more = try bytes.next()
      piece += more
      if piece.isEmpty { return }
      let (index, found) = PictureStart.next(in: piece)
      if found { return bytes.giveBack(Array(piece[index...])) }
      if more.isEmpty { return }
      // The byte before the possible beginning keeps it from being taken for the one that failed.
      bytes.giveBack([0] + piece[index...])
    }
  }

  /// Ends with an error where pictures could not be read.
  func report() throws {
    unusual.tell(console, classifier.preprocessing.adaptation)
    guard let first = failures.first else { return }
    let what =
      count == 1 ? "" : "\(failures.count) of \(count) pictures cannot be classified; the first: "
    throw CommandFailure(
      message: "\(what)\(first.name): \(first.reason)",
      status: failures.count == count ? .badData : .someInputsFailed)
  }
}
