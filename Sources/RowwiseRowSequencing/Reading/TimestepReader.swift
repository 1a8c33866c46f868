/// Makes timesteps of a picture's rows, each as soon as the last row that it needs has come.
///
/// Rows are brought to the model's size as they arrive (``RowResampler``): a timestep of a picture that
/// shrinks follows from the rows it averages, one of a picture that grows needs one row more than it
/// lies in. Memory: the rows in the making, never the picture. The numbers are those of
/// ``SequenceWriter``, bit for bit.
public final class TimestepReader {
  /// What pictures are made into.
  public var preprocessing: Preprocessing { writer.preprocessing }
  /// Timesteps handed over so far.
  public private(set) var timestepsRead = 0

  private let writer: SequenceWriter
  private var resampler: RowResampler
  /// The timesteps of one row of the model's size.
  private var numbers: [Float]
  /// Rows of the model's size so far.
  private var rows = 0

  /// - Parameters:
  ///   - writer: of the model's preprocessing.
  ///   - sourceWidth: of the rows to come, in pixels; `sourceHeight` is how many there will be.
  /// - Throws: `PreprocessingError.orderNeedsWholePicture`.
  public init(
    _ writer: SequenceWriter, sourceWidth: Int, sourceHeight: Int
  ) throws(PreprocessingError) {
    let preprocessing = writer.preprocessing
    guard preprocessing.readingOrder.streams else {
      throw .orderNeedsWholePicture(preprocessing.readingOrder)
    }
    self.writer = writer
    resampler = RowResampler(
      sourceWidth: sourceWidth, sourceHeight: sourceHeight, width: preprocessing.width,
      height: preprocessing.height, channels: preprocessing.color.channels)
    numbers = [Float](repeating: 0, count: preprocessing.width * preprocessing.color.channels)
  }

  /// Takes the next row and hands over the timesteps that it completes, in order.
  ///
  /// - Parameters:
  ///   - row: source width × channels bytes, in the model's channels.
  ///   - body: called with each timestep, D numbers.
  public func append(_ row: Span<UInt8>, _ body: (Span<Float>) -> Void) {
    let features = preprocessing.features
    resampler.append(row) { pixels in
      var span = numbers.mutableSpan
      writer.write(pixels, ofRow: rows, into: &span)
      rows += 1
      for first in stride(from: 0, to: numbers.count, by: features) {
        timestepsRead += 1
        body(numbers.span.extracting(first..<first + features))
      }
    }
  }
}
