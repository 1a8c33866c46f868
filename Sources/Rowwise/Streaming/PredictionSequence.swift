public import RowwiseImageDecoding

extension ImageClassifier {
  /// Predictions of a picture whose bytes arrive asynchronously, each as soon as its rows are there:
  ///
  /// ```swift
  /// for try await prediction in try classifier.predictions(of: chunks) {
  ///   print(prediction.row, classifier.classNames[prediction.prediction])
  /// }
  /// ```
  ///
  /// The next chunk is asked for only when no prediction is left, so that a fast source waits; nothing
  /// more is asked for after the answer.
  ///
  /// - Parameters:
  ///   - chunks: the file's bytes, in pieces of any size.
  ///   - stopping: when reading may end before the last row.
  ///   - decoding: limits, background and strictness; pixel format and JPEG scaling follow the model.
  /// - Throws: `StreamingError` where the model cannot read row by row; iterating throws what `chunks`
  ///   throws and any `ImageDecodingError`.
  public func predictions<Chunks: AsyncSequence>(
    of chunks: Chunks, stopping: StoppingRule = .never,
    decoding: DecodingOptions = DecodingOptions()
  ) throws(StreamingError) -> PredictionSequence<Chunks> where Chunks.Element: Collection<UInt8> {
    // Whether it can be done is known before the first byte.
    _ = try PictureStream(self, stopping: stopping, decoding: decoding)
    return PredictionSequence(
      classifier: self, chunks: chunks, stopping: stopping, decoding: decoding)
  }
}

/// The predictions of one picture as its bytes arrive; see `ImageClassifier.predictions(of:)`.
public struct PredictionSequence<Chunks: AsyncSequence>: AsyncSequence
where Chunks.Element: Collection<UInt8> {
  /// A prediction.
  public typealias Element = StreamedPrediction

  let classifier: ImageClassifier
  let chunks: Chunks
  let stopping: StoppingRule
  let decoding: DecodingOptions

  /// Starts reading.
  public func makeAsyncIterator() -> Iterator {
    Iterator(
      chunks: chunks.makeAsyncIterator(),
      stream: try? PictureStream(classifier, stopping: stopping, decoding: decoding))
  }

  /// Takes predictions one by one.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate var chunks: Chunks.AsyncIterator
    fileprivate let stream: PictureStream?

    /// The next prediction, or nil after the answer.
    public mutating func next() async throws -> StreamedPrediction? {
      guard let stream else { return nil }
      while true {
        if let prediction = try stream.next() { return prediction }
        if stream.isDone { return nil }
        if let chunk = try await chunks.next() {
          try stream.push(chunk)
        } else {
          stream.finish()
        }
      }
    }
  }
}

extension PredictionSequence: Sendable where Chunks: Sendable {}
