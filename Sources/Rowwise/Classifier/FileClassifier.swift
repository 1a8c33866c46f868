import RowwiseDatasetLoading
public import RowwiseImageDecoding
public import RowwiseRowSequencing
import RowwiseWorkers
import Synchronization

/// Classifies image files by one model or several, decoding them on all threads of the (first) classifier.
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

  private let ensemble: ImageEnsemble
  /// What the members read, each once, and which of these each member reads.
  private let decoders: [SampleDecoder]
  private let places: [Int]
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
    self.init(ImageEnsemble(classifier), decoding, stopping: nil)
  }

  /// - Parameters:
  ///   - ensemble: the models; a file is decoded once for all of them that want it decoded alike.
  ///   - decoding: as of `init(_:decoding:)` of one model. What is found out about a picture is what the
  ///     first of them finds out.
  public init(_ ensemble: ImageEnsemble, decoding: DecodingOptions = DecodingOptions()) {
    self.init(ensemble, decoding, stopping: nil)
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
    self.init(ImageEnsemble(classifier), decoding, stopping: stopping)
  }

  private init(
    _ ensemble: ImageEnsemble, _ decoding: DecodingOptions, stopping: StoppingRule?
  ) {
    self.ensemble = ensemble
    let classifiers = ensemble.members.map(\.classifier)
    reading = stopping.map { ($0, WorkerPool(threads: classifiers[0].network.pool.threads)) }
    let distinct = classifiers.distinctReaders
    places = distinct.places
    decoders = distinct.readers.map {
      SampleDecoder(preprocessing: $0.preprocessing, decoding: decoding)
    }
    let bytes = distinct.readers.reduce(0) { $0 + $1.preprocessing.byteCount }
    let most = min(Self.maximumBatch.files, Self.maximumBatch.bytes / bytes)
    batchSize =
      classifiers.map { max($0.network.batch(of: max(most, 1)) / $0.views.count, 1) }.min() ?? 1
  }

  /// Threads that decode.
  private var pool: WorkerPool { ensemble.members[0].classifier.network.pool }

  /// Classifies files, in their order; the results do not depend on what else is classified.
  public func classify(
    _ paths: some RandomAccessCollection<String> & Sendable
  ) -> [Result<Answer, ImageDecodingError>] {
    if let reading { return read(paths, reading.stopping, on: reading.pool) }
    let pictures = decoded(paths)
    let readable = pictures.compactMap { try? $0.get() }
    let pixels = places.map { place in readable.map { $0[place].pixels } }
    var probabilities = ensemble.probabilities(ofModelPixels: pixels).makeIterator()
    return pictures.map { picture in
      picture.map {
        Answer(
          probabilities: probabilities.next() ?? [], damage: $0[0].damage, reading: nil,
          finding: $0[0].finding)
      }
    }
  }

  /// Each file's picture as every decoder gives it.
  private func decoded(
    _ paths: some RandomAccessCollection<String> & Sendable
  ) -> [Result<[SampleDecoder.Picture], ImageDecodingError>] {
    pool.map(Array(paths)) { path in
      Result { () throws(ImageDecodingError) in try SampleDecoder.read(path, decoders) }
    }
  }

  /// A picture whose file's bytes are there, as every decoder gives it; see `answers(to:)`.
  package func decoded(
    bytes: [UInt8], named name: String
  ) throws(ImageDecodingError) -> DecodedPicture {
    var pictures: [SampleDecoder.Picture] = []
    for decoder in decoders { pictures.append(try decoder.read(bytes: bytes, named: name)) }
    return DecodedPicture(pictures: pictures)
  }

  /// A picture that is decoded already, as the only decoder would give it.
  ///
  /// - Precondition: all members read pictures alike.
  package func decoded(pixels: [UInt8]) -> DecodedPicture {
    precondition(decoders.count == 1, "the members read pictures differently")
    return DecodedPicture(pictures: [
      SampleDecoder.Picture(pixels: pixels, damage: nil, finding: PictureFinding())
    ])
  }

  /// Whether all members read pictures alike, so that pixels can be given.
  package var readsPixels: Bool { decoders.count == 1 }

  /// A picture as every decoder of a classifier gives it.
  package struct DecodedPicture: Sendable {
    fileprivate var pictures: [SampleDecoder.Picture]
  }

  /// Classifies pictures that were decoded, in their order; at most `batchSize`.
  package func answers(to pictures: [DecodedPicture]) -> [Answer] {
    let pixels = places.map { place in pictures.map { $0.pictures[place].pixels } }
    let probabilities = ensemble.probabilities(ofModelPixels: pixels)
    return zip(pictures, probabilities).map { picture, probabilities in
      Answer(
        probabilities: probabilities, damage: picture.pictures[0].damage, reading: nil,
        finding: picture.pictures[0].finding)
    }
  }

  /// What the output layer reads of files, in their order; see ``ImageClassifier/embeddings(ofModelPixels:)``.
  ///
  /// - Precondition: the files are those of a single model.
  public func embeddings(
    of paths: some RandomAccessCollection<String> & Sendable
  ) -> [Result<Embedding, ImageDecodingError>] {
    precondition(ensemble.members.count == 1, "only a single model has an embedding")
    let pictures = decoded(paths)
    let readable = pictures.compactMap { try? $0.get()[0].pixels }
    let classifier = ensemble.members[0].classifier
    var vectors = classifier.embeddings(ofModelPixels: readable).makeIterator()
    return pictures.map { picture in
      picture.map { Embedding(vector: vectors.next() ?? [], damage: $0[0].damage) }
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
            ensemble.members[0].classifier, named: path, everyRow: false, stopping: stopping,
            decoding: decoders[0].options)
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

extension [ImageClassifier] {
  /// Those for which pictures have other bytes than for all before them, and which of these each classifier
  /// reads like.
  package var distinctReaders: (readers: [ImageClassifier], places: [Int]) {
    var readers: [ImageClassifier] = []
    let places = map { classifier in
      if let place = readers.firstIndex(where: { classifier.readsPictures(as: $0) }) {
        return place
      }
      readers.append(classifier)
      return readers.count - 1
    }
    return (readers, places)
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
