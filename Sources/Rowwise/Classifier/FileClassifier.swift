import RowwiseDatasetLoading
public import RowwiseImageDecoding
public import RowwiseRowSequencing
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
    /// How far the file was read, where it was read by its rows; else nil.
    public let reading: FileReading?
    /// In what the picture is unlike the training pictures, and what was done about it; nothing where its
    /// rows were not all read.
    public let finding: PictureFinding

    package init(
      probabilities: [Float], damage: String?, reading: FileReading?, finding: PictureFinding
    ) {
      (self.probabilities, self.damage) = (probabilities, damage)
      (self.reading, self.finding) = (reading, finding)
    }
  }

  /// What the output layer reads of a file.
  public struct Embedding: Sendable, Equatable {
    /// As many numbers as the output layer reads.
    public let vector: [Float]
    /// What is missing of a damaged file that was read leniently; nil where nothing is.
    public let damage: String?
  }

  private let classifier: ImageClassifier
  private let decoder: SampleDecoder
  /// When reading a file's rows may end, and the threads that read: not the network's, which packs its
  /// weights on these whenever they have changed. nil: files are decoded whole.
  private let reading: (stopping: StoppingRule, pool: WorkerPool)?
  /// Files to hand over at once, for memory's sake.
  public let batchSize: Int

  /// The most files in memory at once, and the most bytes of their pixels.
  private static let maximumBatch = (files: 256, bytes: 1 << 26)

  /// - Parameters:
  ///   - classifier: the model.
  ///   - decoding: limits, background, and whether damaged files are classified by what there is of
  ///     them; pixel format and JPEG scaling follow the model.
  public init(_ classifier: ImageClassifier, decoding: DecodingOptions = DecodingOptions()) {
    self.init(classifier, decoding, stopping: nil)
  }

  /// Reads files by their rows, and no more of them than is needed.
  ///
  /// - Parameters:
  ///   - classifier: the model.
  ///   - decoding: as of `init(_:decoding:)`.
  ///   - stopping: when reading may end before the last row.
  /// - Throws: `StreamingError` where the model cannot read row by row, or has no early exit.
  public init(
    _ classifier: ImageClassifier, decoding: DecodingOptions = DecodingOptions(),
    stopping: StoppingRule
  ) throws(StreamingError) {
    // Whether it can be done is known before the first file, and the rule is looked at once.
    _ = try PictureStream(classifier, stopping: stopping, decoding: decoding)
    var stopping = stopping
    if stopping == .calibrated, let exit = classifier.earlyExit { stopping = .rule(exit.rule) }
    self.init(classifier, decoding, stopping: stopping)
  }

  private init(
    _ classifier: ImageClassifier, _ decoding: DecodingOptions, stopping: StoppingRule?
  ) {
    self.classifier = classifier
    reading = stopping.map { ($0, WorkerPool(threads: classifier.network.pool.threads)) }
    decoder = SampleDecoder(preprocessing: classifier.preprocessing, decoding: decoding)
    let most = min(
      Self.maximumBatch.files, Self.maximumBatch.bytes / classifier.preprocessing.byteCount)
    let rows = classifier.network.batch(of: max(most, 1))
    batchSize = max(rows / classifier.views.count, 1)
  }

  /// Classifies files, in their order; the results do not depend on what else is classified.
  public func classify(
    _ paths: some RandomAccessCollection<String> & Sendable
  ) -> [Result<Answer, ImageDecodingError>] {
    if let reading { return read(paths, reading.stopping, on: reading.pool) }
    let pictures = classifier.network.pool.map(Array(paths)) { path in
      Result { () throws(ImageDecodingError) in try decoder.read(path) }
    }
    let readable = pictures.compactMap { try? $0.get().pixels }
    var probabilities = classifier.probabilities(ofModelPixels: readable).makeIterator()
    return pictures.map { picture in
      picture.map {
        Answer(
          probabilities: probabilities.next() ?? [], damage: $0.damage, reading: nil,
          finding: $0.finding)
      }
    }
  }

  /// What the output layer reads of files, in their order; see ``ImageClassifier/embeddings(ofModelPixels:)``.
  public func embeddings(
    of paths: some RandomAccessCollection<String> & Sendable
  ) -> [Result<Embedding, ImageDecodingError>] {
    let pictures = classifier.network.pool.map(Array(paths)) { path in
      Result { () throws(ImageDecodingError) in try decoder.read(path) }
    }
    let readable = pictures.compactMap { try? $0.get().pixels }
    var vectors = classifier.embeddings(ofModelPixels: readable).makeIterator()
    return pictures.map { picture in
      picture.map { Embedding(vector: vectors.next() ?? [], damage: $0.damage) }
    }
  }

  private func read(
    _ paths: some RandomAccessCollection<String> & Sendable, _ stopping: StoppingRule,
    on pool: WorkerPool
  ) -> [Result<Answer, ImageDecodingError>] {
    pool.map(Array(paths)) { path in
      Result { () throws(ImageDecodingError) in
        // That the model reads row by row was seen before.
        guard
          let stream = try? PictureStream(
            classifier, named: path, everyRow: false, stopping: stopping,
            decoding: decoder.options)
        else {
          throw ImageDecodingError.cannotRead(
            source: path, reason: "the model cannot read row by row")
        }
        let reading = try FileReading(stream, path: path)
        return Answer(
          probabilities: reading.answer.probabilities, damage: reading.damage, reading: reading,
          finding: reading.finding)
      }
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
