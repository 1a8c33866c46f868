import NIOCore
import Rowwise
import RowwiseAnswers
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

/// How pictures are read by their rows.
struct RowsParameters: Sendable {
  var model: ServedModel
  var classifier: ImageClassifier
  /// What is kept to; nil: all rows are read.
  var exit: EarlyExit?
  /// Classes that a row names.
  var top: Int
  /// Whether there is a row after every timestep, or only the answer.
  var everyRow: Bool
  /// What the first picture is called.
  var name: String
}

/// Reads pictures by their rows, one after the other, and tells what the model says of them as JSON lines.
final class RowsReader {
  private let parameters: RowsParameters
  private let memory: HeldMemory
  private let metrics: Metrics
  private var stream: PictureStream?
  /// Pictures that were begun.
  private var count = 0
  /// Bytes that the picture was found to keep.
  private var reserved = 0
  /// Whether nothing more is said of the picture.
  private(set) var isAnswered = false
  /// Whether a picture could not be read.
  private(set) var hasFailed = false

  init(_ parameters: RowsParameters, _ memory: HeldMemory, _ metrics: Metrics) {
    (self.parameters, self.memory, self.metrics) = (parameters, memory, metrics)
  }

  deinit { memory.release(reserved) }

  private var name: String {
    count <= 1 ? parameters.name : "\(parameters.name) (picture \(count))"
  }

  /// Takes the next bytes of the picture.
  ///
  /// - Parameter write: gets the lines that they lead to, without their line breaks.
  func push(_ bytes: ByteBuffer, _ write: (String) -> Void) {
    guard !isAnswered else { return }
    step(write) { stream throws(ImageDecodingError) in try stream.push(bytes.readableBytesView) }
  }

  /// Ends the picture; the next bytes are those of another one.
  func end(_ write: (String) -> Void) {
    if !isAnswered {
      step(write) { stream throws(ImageDecodingError) in stream.finish() }
      if !isAnswered { fail("the picture ends too early", write) }
    }
    drop()
    isAnswered = false
  }

  private func drop() {
    stream = nil
    memory.release(reserved)
    reserved = 0
  }

  private func step(
    _ write: (String) -> Void,
    _ change: (PictureStream) throws(ImageDecodingError) -> Void
  ) {
    if stream == nil {
      count += 1
      do throws(StreamingError) {
        stream = try PictureStream(
          parameters.classifier, named: name, everyRow: parameters.everyRow,
          stopping: parameters.exit.map { .rule($0.rule) } ?? .never,
          decoding: parameters.model.decoding)
      } catch {
        return fail("\(error)", write)
      }
    }
    guard let stream else { return }
    do throws(ImageDecodingError) {
      try change(stream)
      while !isAnswered, let prediction = try stream.next() {
        guard reserve(stream) else { return fail(Self.busy, write) }
        tell(prediction, stream, write)
      }
      guard isAnswered || reserve(stream) else { return fail(Self.busy, write) }
    } catch {
      fail(error.descriptionWithoutSource, write)
    }
    if isAnswered { drop() }
  }

  private static let busy =
    "the server has no room for a picture that must be read whole now; try again later"

  /// Takes room for a picture that is kept whole; false where there is none.
  private func reserve(_ stream: PictureStream) -> Bool {
    guard let info = stream.info, !stream.wholeImageReasons.isEmpty else { return true }
    let needed = stream.bytesPushed + 4 * info.width * info.height
    guard needed > reserved else { return true }
    guard memory.reserve(needed - reserved) else { return false }
    reserved = needed
    return true
  }

  private func tell(
    _ prediction: StreamedPrediction, _ stream: PictureStream, _ write: (String) -> Void
  ) {
    isAnswered = prediction.isAnswer
    guard prediction.probabilities.allSatisfy(\.isFinite) else {
      if isAnswered { fail(ClassifiedImage.noNumber, write) }
      return
    }
    let model = parameters.model
    let top = min(parameters.top, model.classNames.count)
    let candidates = ProbabilityRow.top(top, of: prediction.probabilities.span).map { entry in
      ClassifiedImage.Candidate(
        name: model.classNames[entry.classIndex], probability: entry.probability)
    }
    let image = ClassifiedImage(
      path: name, outcome: .classified(candidates),
      reading: ReadingMembers(
        prediction: prediction, wholeImageReasons: stream.wholeImageReasons),
      finding: isAnswered ? stream.finding : PictureFinding())
    write(image.json(top: top, earlyExit: parameters.exit).compact)
    guard isAnswered else { return }
    metrics.addRows(prediction.row, of: prediction.rows, model: model.name)
    metrics.addPictures(model: model.name, classified: 1, failed: 0)
  }

  private func fail(_ reason: String, _ write: (String) -> Void) {
    isAnswered = true
    hasFailed = true
    metrics.addPictures(model: parameters.model.name, classified: 0, failed: 1)
    let row =
      parameters.everyRow
      ? JSONValue.object([.init("path", .string(name)), .init("error", .string(reason))])
      : ClassifiedImage(path: name, outcome: .failed(reason)).json(top: 1)
    write(row.compact)
  }
}
