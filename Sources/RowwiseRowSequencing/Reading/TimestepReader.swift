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
  private var placer: PicturePlacer
  private var meter: PictureMeter
  private let isInverted: Bool
  /// A row of the model's size with light and dark exchanged.
  private var inverted: [UInt8] = []
  /// The timesteps of one row of the model's size.
  private var numbers: [Float]
  /// Rows of the model's size so far.
  private var rows = 0

  /// - Parameters:
  ///   - writer: of the model's preprocessing.
  ///   - sourceWidth: of the rows to come, in pixels; `sourceHeight` is how many there will be.
  /// - Throws: `PreprocessingError.orderNeedsWholePicture`, `.adaptationNeedsWholePicture`.
  public init(
    _ writer: SequenceWriter, sourceWidth: Int, sourceHeight: Int
  ) throws(PreprocessingError) {
    let preprocessing = writer.preprocessing
    guard preprocessing.readingOrder.streams else {
      throw .orderNeedsWholePicture(preprocessing.readingOrder)
    }
    let reasons = preprocessing.adaptation.wholeImageReasons
    guard reasons.isEmpty else { throw .adaptationNeedsWholePicture(reasons) }
    self.writer = writer
    let (width, height) = (preprocessing.width, preprocessing.height)
    let channels = preprocessing.color.channels
    placer = PicturePlacer(
      PicturePlacement(
        of: sourceWidth, sourceHeight, in: preprocessing, bar: preprocessing.barPixel ?? []),
      width: width, height: height, channels: channels)
    meter = PictureMeter(width: width, height: height, channels: channels)
    isInverted = preprocessing.adaptation.inversion == .yes
    if isInverted { inverted = [UInt8](repeating: 0, count: width * channels) }
    numbers = [Float](repeating: 0, count: preprocessing.width * preprocessing.color.channels)
  }

  /// What is found of the picture once all its rows are there.
  ///
  /// - Parameter source: what else is known of it.
  package func finding(from source: PictureMeasure.Source) -> PictureFinding {
    preprocessing.finding(of: meter.measure(of: source))
  }

  /// Takes the next row and hands over the timesteps that it completes, in order.
  ///
  /// - Parameters:
  ///   - row: source width × channels bytes, in the model's channels.
  ///   - body: called with each timestep, D numbers.
  public func append(_ row: Span<UInt8>, _ body: (Span<Float>) -> Void) {
    let features = preprocessing.features
    placer.append(row) { pixels in
      meter.add(pixels)
      var span = numbers.mutableSpan
      if isInverted {
        for i in pixels.indices { inverted[i] = 255 - pixels[i] }
        writer.write(inverted.span, ofRow: rows, into: &span)
      } else {
        writer.write(pixels, ofRow: rows, into: &span)
      }
      rows += 1
      for first in stride(from: 0, to: numbers.count, by: features) {
        timestepsRead += 1
        body(numbers.span.extracting(first..<first + features))
      }
    }
  }
}
