public import RowwiseImageDecoding
import RowwiseDatasetLoading
import RowwiseLayers
public import RowwiseRowSequencing

/// Classifies one picture while its bytes arrive, in memory that grows with its width only.
///
/// Push what arrives, in pieces of any size, and take predictions until nil comes:
///
/// ```swift
/// let stream = try PictureStream(classifier)
/// for piece in pieces {
///   try stream.push(piece)
///   while let prediction = try stream.next() { … }
/// }
/// stream.finish()
/// while let prediction = try stream.next() { … }
/// ```
///
/// The last prediction has the bits of `ImageClassifier.probabilities(path:)` for the same bytes, however
/// they were split. Several streams of one classifier may run at once, each used by one task at a time.
public final class PictureStream {
  /// Timesteps of the model, T.
  public let rows: Int
  /// Bytes pushed so far.
  public private(set) var bytesPushed = 0
  /// Whether the answer was given.
  public private(set) var isDone = false

  private let classifier: ImageClassifier
  private let pictures: ImagePushReader
  /// What reads timesteps; nil where they are only collected.
  private let network: NetworkReader<Float>?
  private let writer: SequenceWriter
  private let everyRow: Bool
  private let background: [UInt8]
  private let decoder: SampleDecoder
  private let name: String
  /// What of the model's own needs the whole picture: its bytes are kept, and decoded when all are there.
  private let ownReasons: [ImageInfo.WholeImageReason]
  /// The picture's bytes so far, where they are kept.
  private var held: [UInt8] = []
  /// What came behind them.
  private var rest: [UInt8] = []
  private var timesteps: TimestepReader?
  /// Whether the picture's end was reached, which may lie behind its last row.
  private var isAtEnd = false
  private var row: [UInt8] = []
  private var stopping: StoppingState
  /// Predictions that are made and not taken.
  private var ready: ArraySlice<StreamedPrediction> = []
  /// The timesteps so far, [T, D], where they are collected.
  package private(set) var sequence: [Float] = []

  /// Begins with no bytes.
  ///
  /// - Parameters:
  ///   - classifier: the model.
  ///   - name: what errors call the picture.
  ///   - everyRow: whether there is a prediction after every timestep, or only the answer.
  ///   - stopping: when reading may end before the last row.
  ///   - decoding: limits, background and strictness; pixel format and JPEG scaling follow the model.
  /// - Throws: `StreamingError` where the model cannot read row by row.
  public convenience init(
    _ classifier: ImageClassifier, named name: String = "pushed picture", everyRow: Bool = true,
    stopping: StoppingRule = .never, decoding: DecodingOptions = DecodingOptions()
  ) throws(StreamingError) {
    try self.init(
      classifier, name, everyRow: everyRow, stopping: stopping, decoding, collects: false)
  }

  /// A stream that only makes the picture's `sequence`, for who classifies several at once.
  ///
  /// - Throws: `StreamingError` where the model cannot read row by row.
  package convenience init(
    collecting classifier: ImageClassifier, named name: String, decoding: DecodingOptions
  ) throws(StreamingError) {
    try classifier.checkStreams()
    try self.init(classifier, name, everyRow: false, stopping: .never, decoding, collects: true)
  }

  private init(
    _ classifier: ImageClassifier, _ name: String, everyRow: Bool, stopping: StoppingRule,
    _ decoding: DecodingOptions, collects: Bool
  ) throws(StreamingError) {
    let preprocessing = classifier.preprocessing
    network = collects ? nil : try classifier.makeReader()
    do throws(EarlyExitError) {
      self.stopping = try StoppingState(
        stopping, rows: preprocessing.timesteps, calibrated: classifier.checkedEarlyExit)
    } catch {
      throw .earlyExit(error)
    }
    self.classifier = classifier
    self.everyRow = everyRow
    rows = preprocessing.timesteps
    writer = SequenceWriter(preprocessing)
    decoder = SampleDecoder(preprocessing: preprocessing, decoding: decoding)
    self.name = name
    ownReasons = preprocessing.adaptation.wholeImageReasons
    background = decoder.options.backgroundPixel
    pictures = ImagePushReader(named: name, options: decoder.options)
  }

  /// Appends bytes.
  ///
  /// - Throws: `ImageDecodingError.overLimit` where more unread bytes wait than the limit allows.
  public func push(_ bytes: some Collection<UInt8>) throws(ImageDecodingError) {
    bytesPushed += bytes.count
    try pictures.push(bytes)
    guard !ownReasons.isEmpty, !isDone else { return }
    held += bytes
    let limits = decoder.options.limits
    try limits.checkHeld(held.count, source: name)
  }

  /// Says that no more bytes follow.
  public func finish() { pictures.finish() }

  /// Why the answer comes only after all bytes; empty where rows stream, or before the header.
  public var wholeImageReasons: [ImageInfo.WholeImageReason] {
    info == nil ? [] : pictures.wholeImageReasons + ownReasons
  }

  /// In what the picture is unlike the training pictures, and what was done about it; nothing before all
  /// of its rows were read.
  public private(set) var finding = PictureFinding()

  /// What the header says, once it has come.
  public private(set) var info: ImageInfo?

  /// What of the bytes was passed over, in lenient mode.
  public var warnings: [DecodingWarning] { pictures.warnings }

  /// The next prediction; nil where more bytes are needed first, or after the answer.
  ///
  /// - Throws: any `ImageDecodingError` about the bytes.
  public func next() throws(ImageDecodingError) -> StreamedPrediction? {
    while ready.isEmpty, !isDone {
      guard try readRow() else { return nil }
    }
    return ready.popFirst()
  }

  /// Rows of the picture as its file stores it that were read, upright: a JPEG far larger than the
  /// network needs is decoded at a fraction of its size, of which a row stands for several.
  package var sourceRow: Int {
    guard let height = info?.uprightHeight, pictures.height > 0 else { return pictures.rowsRead }
    let stored = (height + pictures.height - 1) / pictures.height
    return min(height, pictures.rowsRead * stored)
  }

  /// Reads on behind the answer to where the picture ends in the bytes.
  ///
  /// - Returns: whether it was reached; false where more bytes are needed.
  package func readToEnd() throws(ImageDecodingError) -> Bool {
    guard isDone, !isAtEnd else { return isAtEnd }
    while true {
      switch try pictures.readRow(into: &row) {
      case .row: continue
      case .needsInput: return false
      case .end:
        isAtEnd = true
        return true
      }
    }
  }

  /// Takes the bytes that were pushed and not used: those behind a picture whose end was reached, or
  /// behind what cannot be read.
  package func takeRest() -> [UInt8] { rest + pictures.takeRest() }

  /// What is missing of a picture that was read leniently; nil where nothing is.
  package var damage: String? { pictures.warnings.damage }

  /// Reads one row of the picture; false where more bytes are needed.
  private func readRow() throws(ImageDecodingError) -> Bool {
    if !ownReasons.isEmpty { return try readWhole() }
    if timesteps == nil {
      guard let header = try pictures.readHeader() else { return false }
      info = header
      row = [UInt8](repeating: 0, count: pictures.bytesPerRow)
      timesteps = try? TimestepReader(
        writer, sourceWidth: pictures.width, sourceHeight: pictures.height)
    }
    switch try pictures.readRow(into: &row) {
    case .row:
      let pixels = row
      timesteps?.append(pixels.span) { read($0) }
      findOut()
      return true
    case .needsInput: return false
    case .end:
      // Read leniently, a damaged picture ends early; what is missing is background.
      for i in row.indices { row[i] = background[i % background.count] }
      let pixels = row
      while !isDone, pictures.height > 0 { timesteps?.append(pixels.span) { read($0) } }
      findOut()
      isDone = true
      isAtEnd = true
      return true
    }
  }

  /// Reads the picture to its end, and then its timesteps; false where more bytes are needed.
  private func readWhole() throws(ImageDecodingError) -> Bool {
    if info == nil {
      guard let header = try pictures.readHeader() else { return false }
      info = header
      row = [UInt8](repeating: 0, count: pictures.bytesPerRow)
    }
    while true {
      switch try pictures.readRow(into: &row) {
      case .row: continue
      case .needsInput: return false
      case .end: break
      }
      break
    }
    rest = pictures.takeRest()
    let picture = try decoder.read(bytes: Array(held.dropLast(rest.count)), named: name)
    held = []
    finding = picture.finding
    isAtEnd = true
    let numbers = writer.sequence(of: picture.pixels)
    let features = writer.preprocessing.features
    for first in stride(from: 0, to: numbers.count, by: features) {
      read(numbers.span.extracting(first..<first + features))
    }
    isDone = true
    return true
  }

  /// What is found of a picture of which every row was read.
  private func findOut() {
    guard let info, let timesteps, timesteps.timestepsRead == rows else { return }
    var source = PictureMeasure.Source(width: info.uprightWidth, height: info.uprightHeight)
    source.hasWideSamples = info.bitDepth == 16
    source.hasAlpha = pictures.hasAlpha
    finding = timesteps.finding(from: source)
    if info.pictureCount > 1 { finding.pictureCount = info.pictureCount }
  }

  /// Reads one timestep.
  private func read(_ timestep: Span<Float>) {
    guard !isDone else { return }
    guard let network else {
      timestep.withUnsafeBufferPointer { sequence.append(contentsOf: $0) }
      isDone = sequence.count == rows * timestep.count
      return
    }
    timestep.withUnsafeBufferPointer { network.step($0) }
    let number = network.timesteps
    let isLast = number == rows
    guard isLast || everyRow || stopping.isWatching else { return }
    let probabilities = network.probabilities()
    let stops = !isLast && stopping.stops(probabilities.span, row: number)
    isDone = isLast || stops
    guard isDone || everyRow else { return }
    ready.append(
      StreamedPrediction(
        row: number, rows: rows, sourceRow: sourceRow, bytes: bytesPushed,
        probabilities: Array(probabilities), isAnswer: isDone, isEarly: stops))
  }
}
