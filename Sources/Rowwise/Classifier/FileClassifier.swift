import RowwiseDatasetLoading
public import RowwiseImageDecoding
import RowwiseWorkers
import Synchronization

/// Classifies image files, decoding them on all threads of the classifier.
///
/// Files are decoded as those of data sets are: large JPEG files at a part of their size, upright.
public struct FileClassifier: Sendable {
  /// What came of a file.
  public struct Answer: Sendable, Equatable {
    /// Class probabilities, in the order of the class names.
    public let probabilities: [Float]
    /// What is missing of a damaged file that was read leniently; nil where nothing is.
    public let damage: String?
  }

  private let classifier: ImageClassifier
  private let decoder: SampleDecoder
  /// Files to hand over at once, for memory's sake.
  public let batchSize: Int

  /// The most files in memory at once, and the most bytes of their pixels.
  private static let maximumBatch = (files: 256, bytes: 1 << 26)

  /// - Parameters:
  ///   - classifier: the model.
  ///   - decoding: limits, background, and whether damaged files are classified by what there is of
  ///     them; pixel format and JPEG scaling follow the model.
  public init(_ classifier: ImageClassifier, decoding: DecodingOptions = DecodingOptions()) {
    self.classifier = classifier
    decoder = SampleDecoder(preprocessing: classifier.preprocessing, decoding: decoding)
    let most = min(
      Self.maximumBatch.files, Self.maximumBatch.bytes / classifier.preprocessing.byteCount)
    batchSize = classifier.network.batch(of: max(most, 1))
  }

  /// Classifies files, in their order; the results do not depend on what else is classified.
  public func classify(
    _ paths: some RandomAccessCollection<String> & Sendable
  ) -> [Result<Answer, ImageDecodingError>] {
    let pictures = classifier.network.pool.map(Array(paths)) { path in
      Result { () throws(ImageDecodingError) in try decoder.read(path) }
    }
    let readable = pictures.compactMap { try? $0.get().pixels }
    var probabilities = classifier.probabilities(ofModelPixels: readable).makeIterator()
    return pictures.map { picture in
      picture.map { Answer(probabilities: probabilities.next() ?? [], damage: $0.damage) }
    }
  }
}

extension ImageClassifier {
  /// Class probabilities of an image file, the same as `rowwise classify` writes.
  ///
  /// - Throws: `ImageDecodingError` where it cannot be read.
  public func probabilities(
    path: String, decoding: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) -> [Float] {
    let decoder = SampleDecoder(preprocessing: preprocessing, decoding: decoding)
    return probabilities(ofModelPixels: [try decoder.read(path).pixels])[0]
  }
}
