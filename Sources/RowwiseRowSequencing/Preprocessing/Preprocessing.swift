import RowwiseImageDecoding

/// How a picture becomes the numbers a model reads: its size, channels, order and scale.
///
/// A value is `(byte / 255 − mean[c]) / standardDeviation[c]`, or `byte / 255` without statistics.
public struct Preprocessing: Sendable, Equatable {
  /// The longest side a model may read, in pixels.
  public static let maximumSide = 65_535
  /// The most values (width × height × channels) a model may read from one picture.
  public static let maximumValues = 1 << 24
  /// How pictures get their size, as stored in model files: area average (down) and bilinear (up),
  /// each axis by itself; see ``RowResampler``.
  public static let resampling = "area-bilinear"

  /// Size in pixels, the picture standing upright.
  public let width: Int
  /// Height in pixels, the picture standing upright.
  public let height: Int
  /// The channels read.
  public let color: ColorMode
  /// How the picture becomes timesteps.
  public let readingOrder: ReadingOrder
  /// One mean a channel, of values in 0…1; nil where values are not centred.
  public let mean: [Double]?
  /// One standard deviation a channel, of values in 0…1, above 0; nil where there is no mean.
  public let standardDeviation: [Double]?
  /// What is done to pictures that are not as the training pictures.
  public var adaptation = PictureAdaptation()
  /// What the training pictures were like; nil where that is not known.
  public var pictures: PictureStatistics?

  /// Checks and keeps the parts.
  ///
  /// - Parameters:
  ///   - mean: one number a channel, or nil; `standardDeviation` likewise, both or none.
  /// - Throws: ``PreprocessingError`` where a size or a statistic makes no sense.
  public init(
    width: Int, height: Int, color: ColorMode = .gray, readingOrder: ReadingOrder = .rows,
    mean: [Double]? = nil, standardDeviation: [Double]? = nil
  ) throws(PreprocessingError) {
    let sides = 1...Preprocessing.maximumSide
    guard sides.contains(width), sides.contains(height),
      width * height * color.channels <= Preprocessing.maximumValues
    else { throw .invalidSize(width: width, height: height) }
    guard ReadingOrder(readingOrder.description) == readingOrder else {
      throw .unknownReadingOrder(readingOrder.description)
    }
    let numbers =
      readingOrder.timesteps(width: width, height: height)
      * readingOrder.pixelsPerTimestep(width: width, height: height) * color.channels
    guard numbers <= Preprocessing.maximumValues else {
      throw .sequenceTooLarge(readingOrder, numbers: numbers)
    }
    switch (mean, standardDeviation) {
    case (nil, nil): break
    case (let mean?, let standardDeviation?):
      guard mean.count == color.channels, standardDeviation.count == color.channels else {
        throw .statisticsCount(
          expected: color.channels, mean: mean.count, standardDeviation: standardDeviation.count)
      }
      for (channel, (m, s)) in zip(mean, standardDeviation).enumerated()
      where !(m.isFinite && s.isFinite && s > 0) {
        throw .invalidStatistics(channel: channel, mean: m, standardDeviation: s)
      }
    default: throw .incompleteStatistics
    }
    self.width = width
    self.height = height
    self.color = color
    self.readingOrder = readingOrder
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// Timesteps of a sequence, T.
  public var timesteps: Int { readingOrder.timesteps(width: width, height: height) }

  /// Patches side by side in a timestep, as sweeps read them.
  public var columns: Int { readingOrder.columns(width: width, height: height) }

  /// Width of one timestep, D.
  public var features: Int {
    readingOrder.pixelsPerTimestep(width: width, height: height) * color.channels
  }

  /// Bytes of one picture of the model's size.
  public var byteCount: Int { width * height * color.channels }

  /// The same, with the statistics of a training set.
  ///
  /// - Parameter statistics: has as many channels as ``color``.
  public func normalized(by statistics: ChannelStatistics) throws(PreprocessingError)
    -> Preprocessing
  {
    var normalized = try Preprocessing(
      width: width, height: height, color: color, readingOrder: readingOrder,
      mean: statistics.mean, standardDeviation: statistics.standardDeviation)
    (normalized.adaptation, normalized.pictures) = (adaptation, pictures)
    return normalized
  }

  /// The same in another order.
  ///
  /// - Throws: ``PreprocessingError/sequenceTooLarge(_:numbers:)``.
  public func reading(_ order: ReadingOrder) throws(PreprocessingError) -> Preprocessing {
    var other = try Preprocessing(
      width: width, height: height, color: color, readingOrder: order, mean: mean,
      standardDeviation: standardDeviation)
    (other.adaptation, other.pictures) = (adaptation, pictures)
    return other
  }

  /// The picture's bytes in the model's size and channels: [height × width × channels].
  ///
  /// First the channels, then the size, as ``adaptation`` says, which also exchanges light and dark.
  ///
  /// - Parameter image: at least 1×1, one or three channels, upright.
  public func modelPixels(of image: DecodedImage) -> [UInt8] {
    var pixels = placedPixels(of: image)
    let source = PictureMeasure.Source(width: image.width, height: image.height)
    _ = finish(&pixels, from: source)
    return pixels
  }
}

extension Preprocessing: Codable {
  private enum CodingKeys: String, CodingKey {
    case width, height, color, resampling, mean, adaptation, pictures
    case readingOrder = "reading_order"
    case standardDeviation = "standard_deviation"
  }

  /// Writes every part; absent statistics and what changes nothing are left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(color, forKey: .color)
    try container.encode(readingOrder, forKey: .readingOrder)
    try container.encode(Preprocessing.resampling, forKey: .resampling)
    try container.encodeIfPresent(mean, forKey: .mean)
    try container.encodeIfPresent(standardDeviation, forKey: .standardDeviation)
    if !adaptation.isNone { try container.encode(adaptation, forKey: .adaptation) }
    try container.encodeIfPresent(pictures, forKey: .pictures)
  }

  /// Reads and checks every part.
  ///
  /// Throws ``PreprocessingError`` where a part makes no sense, `DecodingError` where one is
  /// missing or of another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let resampling = try container.decode(String.self, forKey: .resampling)
    guard resampling == Preprocessing.resampling else {
      throw PreprocessingError.unknownResampling(resampling)
    }
    try self.init(
      width: container.decode(Int.self, forKey: .width),
      height: container.decode(Int.self, forKey: .height),
      color: container.decode(ColorMode.self, forKey: .color),
      readingOrder: container.decode(ReadingOrder.self, forKey: .readingOrder),
      mean: container.decodeIfPresent([Double].self, forKey: .mean),
      standardDeviation: container.decodeIfPresent([Double].self, forKey: .standardDeviation))
    adaptation =
      try container.decodeIfPresent(PictureAdaptation.self, forKey: .adaptation) ?? adaptation
    pictures = try container.decodeIfPresent(PictureStatistics.self, forKey: .pictures)
    if let pictures, pictures.mean.count != color.channels {
      throw PreprocessingError.invalidPictures("\(pictures.mean.count) means of channels")
    }
  }
}
