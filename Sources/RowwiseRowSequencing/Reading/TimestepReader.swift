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
  /// Timesteps that one row completes.
  private var numbers: [Float] = []
  /// Rows of the model's size so far.
  private var rows = 0
  /// The last ones of them, as many as a timestep needs, with light and dark exchanged where that is
  /// asked for.
  private var kept: [UInt8] = []
  private let keptRows: Int

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
    keptRows = preprocessing.readingOrder.rowsOfTimestep
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
      let completed = preprocessing.readingOrder.timesteps(
        endingInRow: rows, width: preprocessing.width, height: preprocessing.height)
      rows += 1
      let count = completed.count * features
      while numbers.count < count { numbers.append(0) }
      var span = numbers.mutableSpan
      if keptRows == 1, !isInverted {
        writer.write(completed, ofRows: pixels, from: rows - 1, into: &span)
      } else {
        keep(pixels)
        let first = rows - kept.count / pixels.count
        writer.write(completed, ofRows: kept.span, from: first, into: &span)
      }
      for first in stride(from: 0, to: count, by: features) {
        timestepsRead += 1
        body(numbers.span.extracting(first..<first + features))
      }
    }
  }

  /// Puts a row behind those that are kept, in place of the first one of enough.
  private func keep(_ row: Span<UInt8>) {
    if kept.count == keptRows * row.count { kept.removeFirst(row.count) }
    for index in row.indices { kept.append(isInverted ? 255 - row[index] : row[index]) }
  }
}
