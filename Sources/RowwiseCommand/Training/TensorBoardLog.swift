import Rowwise
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseReports
import RowwiseSystem
import RowwiseTexts
import RowwiseTraining

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a run tells TensorBoard, in the run folder's `tensorboard`.
///
/// The step of everything is the number of batches so far. Some fifty times an epoch there are loss
/// and accuracy of the batches since, and the learning rate; after an epoch everything else, and at
/// the run's beginning and end what the page HPARAMS shows.
final class TensorBoardLog {
  private let events: TensorBoardEvents
  private let classifier: ImageClassifier
  private var confusion: [Int] = []
  /// Batches of the run so far.
  private var steps: Int
  /// Sums over the running epoch's samples at the point written last; nil where that is not known.
  private var written: (samples: Int, loss: Double, accuracy: Double)?
  /// Points an epoch.
  private static let pointsPerEpoch = 50

  /// Name of the folder.
  static let folderName = "tensorboard"

  /// - Parameters:
  ///   - options: those of the run, as they stand in `config.json`.
  ///   - steps: batches of an earlier part of the run; what was written after them holds no longer.
  /// - Throws: `FileError`.
  init(
    folder: RunFolder, classifier: ImageClassifier, options: [JSONValue.Member], steps: Int
  ) throws {
    let path = folder.file(Self.folderName)
    guard SystemPath.mkdir(path) == 0 || FileKind(path: path)?.isFolder == true else {
      throw FileError.cannotWrite(path: path, code: errno)
    }
    try TensorBoardEvents.cut(folder: path, after: steps > 0 ? steps : -1)
    events = try TensorBoardEvents(
      folder: path, time: Self.now, firstStep: steps > 0 ? steps + 1 : 0)
    self.classifier = classifier
    self.steps = steps
    let start = TensorBoardValue.sessionStart(
      options: options.compactMap { member in
        Self.option(member.value).map { (member.key, $0) }
      }, time: Self.now)
    try events.add([(TensorBoardValue.sessionStartTag, start)], step: 0, time: Self.now)
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  private static func option(_ value: JSONValue) -> TensorBoardOption? {
    switch value {
    case .bool(let flag): .flag(flag)
    case .int(let number): .number(Double(number))
    case .double(let number): .number(number)
    case .float(let number): .number(Double(number))
    case .string(let text): .text(text)
    case .null, .array, .object: nil
    }
  }

  /// Writes a point where one is due.
  ///
  /// - Throws: `FileError`.
  func add(_ step: TrainingStep) throws {
    steps = (step.epoch - 1) * step.steps + step.step
    if step.step == 1 { written = (0, 0, 0) }
    let distance = max(1, step.steps / Self.pointsPerEpoch)
    guard step.step % distance == 0 || step.step == step.steps else { return }
    let count = Double(step.samples)
    let now = (
      samples: step.samples, loss: step.running.loss * count,
      accuracy: step.running.accuracy * count
    )
    defer { written = now }
    // After a resumption within an epoch the first point only says where the next begins.
    guard let written else { return }
    let since = Double(now.samples - written.samples)
    try events.add(
      [
        ("loss/batches", .scalar(Float((now.loss - written.loss) / since))),
        ("accuracy/batches", .scalar(Float((now.accuracy - written.accuracy) / since))),
        ("learning_rate/batches", .scalar(Float(step.learningRate))),
      ], step: steps, time: Self.now)
  }

  /// Writes that the run came to its end, with the figures of the epoch that `model.safetensors` has.
  ///
  /// - Throws: `FileError`.
  func finish(best: EpochRecord?) throws {
    var values: [(tag: String, value: TensorBoardValue)] = []
    if let best {
      values += Self.scalars([
        ("model/epoch", Double(best.epoch)), ("model/loss", best.loss),
        ("model/accuracy", best.accuracy), ("model/validation_loss", best.validationLoss),
        ("model/validation_accuracy", best.validationAccuracy),
        ("model/validation_macro_f1", best.validationMacroF1),
      ])
    }
    let end = TensorBoardValue.sessionEnd(isSuccess: true, time: Self.now)
    values.append((TensorBoardValue.sessionEndTag, end))
    try events.add(values, step: steps, time: Self.now)
  }

  /// Those of the numbers that are there and finite.
  private static func scalars(
    _ numbers: [(tag: String, number: Double?)]
  ) -> [(tag: String, value: TensorBoardValue)] {
    numbers.compactMap { tag, number in
      number.flatMap { $0.isFinite ? (tag, .scalar(Float($0))) : nil }
    }
  }

  /// Takes in what validation counted, [K, K].
  func add(confusion: [Int]) { self.confusion = confusion }

  /// Writes an epoch: its numbers, the weights and their newest gradients, and the confusion matrix.
  ///
  /// - Throws: `FileError`; `ImageDecodingError` without memory for the matrix's picture.
  func add(_ record: EpochRecord) throws {
    var values = Self.scalars([
      ("epoch", Double(record.epoch)), ("loss/train", record.loss),
      ("loss/validation", record.validationLoss), ("accuracy/train", record.accuracy),
      ("accuracy/validation", record.validationAccuracy),
      ("macro_f1/validation", record.validationMacroF1),
      ("learning_rate/epochs", record.learningRate),
      ("images_per_second", record.samplesPerSecond),
    ])
    let network = classifier.network
    for parameter in network.parameters {
      values.append(
        ("weights/\(parameter.name)", .histogram(.init(network.values(of: parameter)))))
      values.append(
        ("gradients/\(parameter.name)", .histogram(.init(network.gradient(of: parameter)))))
    }
    if !confusion.isEmpty {
      let picture = Self.picture(confusion, classes: classifier.classNames.count)
      values.append(
        (
          "confusion",
          .image(
            width: picture.width, height: picture.height, channels: 1,
            png: try PNGWriter.encode(picture))
        ))
    }
    try events.add(values, step: steps, time: Self.now)
  }

  /// The matrix in gray: a row a true class, white where all its samples were taken for one class.
  static func picture(_ confusion: [Int], classes: Int) -> DecodedImage {
    let zoom = max(1, min(24, 480 / classes))
    let side = classes * zoom
    var pixels = [UInt8](repeating: 0, count: side * side)
    for y in 0..<side {
      let row = confusion[y / zoom * classes..<(y / zoom + 1) * classes]
      let total = max(row.reduce(0, +), 1)
      for x in 0..<side {
        pixels[y * side + x] = UInt8(row[row.startIndex + x / zoom] * 255 / total)
      }
    }
    return DecodedImage(width: side, height: side, channels: 1, pixels: pixels)
  }
}
