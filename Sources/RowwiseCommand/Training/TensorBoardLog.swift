import ImageDecoding
import ModelExchange
import Rowwise
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a run tells TensorBoard, epoch by epoch, in the run folder's `tensorboard`.
///
/// The step of everything is the epoch.
final class TensorBoardLog {
  private let events: TensorBoardEvents
  private let classifier: ImageClassifier
  private var confusion: [Int] = []

  /// Name of the folder.
  static let folderName = "tensorboard"

  /// - Parameter epochs: complete ones of an earlier part of the run.
  /// - Throws: `FileError`.
  init(folder: RunFolder, classifier: ImageClassifier, epochs: Int) throws {
    let path = folder.file(Self.folderName)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    events = try TensorBoardEvents(
      folder: path, time: Self.now, firstStep: epochs > 0 ? epochs + 1 : 0)
    self.classifier = classifier
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  /// Takes in what validation counted, [K, K].
  func add(confusion: [Int]) { self.confusion = confusion }

  /// Writes an epoch: its numbers, the weights and their newest gradients, and the confusion matrix.
  ///
  /// - Throws: `FileError`; `ImageDecodingError` without memory for the matrix's picture.
  func add(_ record: EpochRecord) throws {
    var values: [(tag: String, value: TensorBoardValue)] = []
    func scalar(_ tag: String, _ number: Double?) {
      if let number, number.isFinite { values.append((tag, .scalar(Float(number)))) }
    }
    scalar("loss/train", record.loss)
    scalar("loss/validation", record.validationLoss)
    scalar("accuracy/train", record.accuracy)
    scalar("accuracy/validation", record.validationAccuracy)
    scalar("macro_f1/validation", record.validationMacroF1)
    scalar("learning_rate", record.learningRate)
    scalar("images_per_second", record.samplesPerSecond)
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
    try events.add(values, step: record.epoch, time: Self.now)
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
