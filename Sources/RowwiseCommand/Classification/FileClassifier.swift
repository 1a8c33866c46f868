import Compute
import Evaluation
import ImageDecoding
import Rowwise
import Synchronization

/// Classifies image files, decoding them on all threads of the classifier.
struct FileClassifier {
  private let classifier: ImageClassifier
  private let top: Int
  private let decoding: DecodingOptions
  /// Files to hand over at once.
  let batchSize: Int

  /// The most files in memory at once, and the most bytes of their pixels.
  private static let maximumBatch = (files: 256, bytes: 1 << 26)

  /// - Parameters:
  ///   - top: how many classes a result keeps.
  ///   - reading: whether damaged files are classified by what there is of them, and limits; the
  ///     rest follows the classifier.
  init(_ classifier: ImageClassifier, top: Int, reading: DecodingOptions = DecodingOptions()) {
    self.classifier = classifier
    self.top = top
    let preprocessing = classifier.preprocessing
    decoding = DecodingOptions(
      pixelFormat: preprocessing.color == .gray ? .gray8 : .rgb8, strictness: reading.strictness,
      jpegScaling: .downTo(width: preprocessing.width, height: preprocessing.height),
      limits: reading.limits)
    let most = min(Self.maximumBatch.files, Self.maximumBatch.bytes / preprocessing.byteCount)
    batchSize = classifier.network.batch(of: max(most, 1))
  }

  /// Classifies files, in their order; the results do not depend on what else is classified.
  func classify(_ paths: ArraySlice<String>) -> [ClassifiedImage] {
    let pictures = decode(paths)
    let readable = pictures.compactMap { try? $0.get().pixels }
    var probabilities = classifier.probabilities(ofModelPixels: readable).makeIterator()
    return zip(paths, pictures).map { path, picture in
      switch picture {
      case .failure(let error):
        return ClassifiedImage(path: path, outcome: .failed(Self.reason(error, path)))
      case .success(let picture):
        let row = probabilities.next() ?? []
        guard row.allSatisfy(\.isFinite) else {
          return ClassifiedImage(path: path, outcome: .failed(Self.noNumber))
        }
        let ranked = ProbabilityRow.top(top, of: row.span)
        let candidates = ranked.map { entry in
          ClassifiedImage.Candidate(
            name: classifier.classNames[entry.classIndex], probability: entry.probability)
        }
        return ClassifiedImage(
          path: path, outcome: .classified(candidates), damage: picture.damage)
      }
    }
  }

  /// Why an image is refused that gets no probabilities, as `evaluate` refuses it.
  private static let noNumber =
    "its probabilities are not numbers; a model that gives NaN has diverged: train it again with a "
    + "lower learning rate"

  /// The pixels that the model reads, and what is missing of them.
  private typealias Picture = (pixels: [UInt8], damage: String?)

  private func decode(
    _ paths: ArraySlice<String>
  ) -> [Result<Picture, ImageDecodingError>] {
    let preprocessing = classifier.preprocessing
    let results = Mutex([Int: Result<Picture, ImageDecodingError>]())
    classifier.network.pool.run(tasks: paths.count) { task, _ in
      let path = paths[paths.startIndex + task]
      let result = Result { () throws(ImageDecodingError) -> Picture in
        try ImageDecoder.withDecoded(path: path, options: decoding) { image, warnings in
          (preprocessing.modelPixels(of: image), warnings.damage)
        }
      }
      results.withLock { $0[task] = result }
    }
    let decoded = results.withLock { $0 }
    return (0..<paths.count).compactMap { decoded[$0] }
  }

  /// The error's text without the path in front, which has a column of its own.
  private static func reason(_ error: ImageDecodingError, _ path: String) -> String {
    let text = error.description
    return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
  }
}
