// For the square root: without the C library, debug builds miss it when they are linked.
import RowwiseSystem

/// What a picture of the model's size is like in a few numbers, and what is known of its file.
///
/// Brightness is in 0…1.
public struct PictureMeasure: Sendable, Equatable {
  /// What is known of a picture besides its pixels.
  public struct Source: Sendable, Equatable {
    /// Size before the picture got the model's, upright.
    public var width: Int
    /// See ``width``.
    public var height: Int
    /// Whether stored samples have 16 bits.
    public var hasWideSamples = false
    /// Whether stored pixels have alpha.
    public var hasAlpha = false

    /// A picture of that size, opaque, of 8-bit samples.
    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// Mean of each channel; 0 of channels that there are not.
  public var mean: SIMD3<Float> = .zero
  /// Standard deviation of each channel, likewise.
  public var deviation: SIMD3<Float> = .zero
  /// Channels.
  public var channels = 1
  /// Mean of the outermost pixels, over all channels.
  public var border: Float = 0
  /// Skewness of all values: above 0 where a few light ones lie on much dark, below 0 the other way round.
  public var skewness: Float = 0
  /// The greatest byte less the smallest one.
  public var spread: UInt8 = 0
  /// The same within a channel, of the channel where it is most.
  public var channelSpread: UInt8 = 0
  /// The greatest byte.
  public var greatest: UInt8 = 0
  /// Where it comes from.
  public var source: Source

  /// Mean over all channels.
  public var brightness: Float { mean.sum() / Float(channels) }
  /// Mean deviation of the channels.
  public var contrast: Float { deviation.sum() / Float(channels) }
  /// How much brighter the border is than the whole.
  public var polarity: Float { border - brightness }
  /// Whether it is all of one colour, but for a level of rounding.
  public var isConstant: Bool { channelSpread <= 1 }
  /// How many times as wide as high it was.
  var shape: Float { Float(source.width) / Float(max(source.height, 1)) }

  /// Of the picture with light and dark exchanged.
  public var inverted: PictureMeasure {
    var other = self
    for channel in 0..<channels { other.mean[channel] = 1 - mean[channel] }
    other.border = 1 - border
    other.skewness = -skewness
    other.greatest = 255 - (greatest - spread)
    return other
  }

  /// Measures a whole picture.
  ///
  /// - Parameter pixels: [height × width × channels].
  public init(of pixels: Span<UInt8>, width: Int, height: Int, channels: Int, source: Source) {
    var meter = PictureMeter(width: width, height: height, channels: channels)
    let rowBytes = width * channels
    for y in 0..<height { meter.add(pixels.extracting(y * rowBytes..<(y + 1) * rowBytes)) }
    self = meter.measure(of: source)
  }

  fileprivate init(source: Source) { self.source = source }
}

/// Measures a picture row by row.
struct PictureMeter: Sendable {
  private let width: Int
  private let height: Int
  private let channels: Int
  private var rows = 0
  private var sums: SIMD3<UInt64> = .zero
  private var squares: SIMD3<UInt64> = .zero
  /// Of all channels together.
  private var cubes: UInt64 = 0
  private var borderSum: UInt64 = 0
  private var least = SIMD3<UInt8>(repeating: .max)
  private var greatest = SIMD3<UInt8>(repeating: .min)

  init(width: Int, height: Int, channels: Int) {
    (self.width, self.height, self.channels) = (width, height, channels)
  }

  /// - Parameter row: width × channels bytes; rows come from the top.
  mutating func add(_ row: Span<UInt8>) {
    precondition(row.count == width * channels && rows < height, "not a row of the picture")
    switch channels {
    case 1:
      var (sum, square, cube): (UInt64, UInt64, UInt64) = (0, 0, 0)
      var (least, greatest) = (least[0], greatest[0])
      for i in 0..<width {
        let byte = row[i]
        let value = UInt64(byte)
        sum &+= value
        square &+= value &* value
        cube &+= value &* value &* value
        least = min(least, byte)
        greatest = max(greatest, byte)
      }
      (self.least[0], self.greatest[0]) = (least, greatest)
      sums[0] += sum
      squares[0] += square
      cubes += cube
    default:
      for i in 0..<row.count {
        let byte = row[i]
        let value = UInt64(byte)
        let channel = i % channels
        sums[channel] &+= value
        squares[channel] &+= value &* value
        cubes &+= value &* value &* value
        least[channel] = min(least[channel], byte)
        greatest[channel] = max(greatest[channel], byte)
      }
    }
    if rows == 0 || rows == height - 1 {
      for i in 0..<row.count { borderSum &+= UInt64(row[i]) }
    } else {
      for i in 0..<channels { borderSum &+= UInt64(row[i]) }
      if width > 1 { for i in row.count - channels..<row.count { borderSum &+= UInt64(row[i]) } }
    }
    rows += 1
  }

  /// Third moment of all values about their mean, by the deviation's cube; 0 where there is none.
  private var skewness: Float {
    let count = Double(width * height * channels)
    let mean = Double(sums.wrappedSum()) / count
    let square = Double(squares.wrappedSum()) / count
    let variance = square - mean * mean
    // Less than a rounding error of a constant picture.
    guard variance > 1e-6 else { return 0 }
    let third = Double(cubes) / count - 3 * mean * square + 2 * mean * mean * mean
    return Float(third / (variance * variance.squareRoot()))
  }

  /// What the picture is like, once all rows are there.
  func measure(of source: PictureMeasure.Source) -> PictureMeasure {
    precondition(rows == height, "\(rows) of \(height) rows")
    var measure = PictureMeasure(source: source)
    let count = Double(width * height)
    for channel in 0..<channels {
      let mean = Double(sums[channel]) / count
      let variance = max(Double(squares[channel]) / count - mean * mean, 0)
      measure.mean[channel] = Float(mean / 255)
      measure.deviation[channel] = Float(variance.squareRoot() / 255)
    }
    measure.channels = channels
    measure.skewness = skewness
    let inside = max(width - 2, 0) * max(height - 2, 0)
    measure.border = Float(Double(borderSum) / Double((width * height - inside) * channels) / 255)
    // Of channels that there are not, the least byte is the greatest one and the greatest the least.
    measure.greatest = greatest.max()
    measure.spread = greatest.max() - least.min()
    measure.channelSpread = (0..<channels).map { greatest[$0] - least[$0] }.max() ?? 0
    return measure
  }
}
