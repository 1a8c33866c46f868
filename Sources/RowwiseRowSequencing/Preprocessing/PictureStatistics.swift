// For the square root: without the C library, debug builds miss it when they are linked.
import RowwiseSystem

/// What the pictures that a model was trained on are like, by which others are told from them.
///
/// Every second picture of an even sample gives the means and spreads, the others, which these have not
/// seen, the limits: the least and greatest value of each measure among them (but for one in 2,000 at
/// either end), widened by half a spread, more where they are few, and by what is needed to see a
/// difference at all. So few of the pictures that the model is for lie outside.
public struct PictureStatistics: Sendable, Equatable {
  /// The least and the greatest ordinary value of each measure; see ``PictureMeasure``.
  public struct Limits: Sendable, Equatable {
    /// Mean of all values.
    public var brightness: ClosedRange<Double>
    /// Standard deviation.
    public var contrast: ClosedRange<Double>
    /// Mean of the outermost pixels.
    public var border: ClosedRange<Double>
    /// How much brighter the border is than the whole.
    public var polarity: ClosedRange<Double>
    /// Whether a few light values lie on much dark, or the other way round.
    public var skewness: ClosedRange<Double>
    /// How many times as wide as high pictures are.
    public var shape: ClosedRange<Double>
  }

  /// Pictures measured.
  public var count: Int
  /// Median width and height before they got the model's size, each by itself.
  public var width: Int
  /// See ``width``.
  public var height: Int
  /// Mean of each channel, and the standard deviation of that mean over the pictures.
  public var mean: [Double]
  /// See ``mean``.
  public var meanSpread: [Double]
  /// Standard deviation of each channel within a picture: mean and standard deviation over the pictures.
  public var deviation: [Double]
  /// See ``deviation``.
  public var deviationSpread: [Double]
  /// Brightness of the outermost pixels, likewise.
  public var border: Double
  /// See ``border``.
  public var borderSpread: Double
  /// Share of pictures that are all of one colour.
  public var constantShare: Double
  /// What is ordinary.
  public var limits: Limits

  /// Pictures that are measured at most: each more than these costs time and tells nothing new.
  public static let mostPictures = 4096
  /// Fewer tell nothing about others.
  public static let fewestPictures = 50
  /// From this share on constant pictures are ordinary.
  static let ordinaryConstants = 0.005
  /// Differences that are none: of brightness, and of the shape as a factor.
  private static let (least, leastBorder, leastPolarity) = (0.03, 0.05, 0.02)
  private static let (leastSkewness, leastShape) = (0.2, 1.5)

  /// The numbers of a sample that ``sample(of:)`` has chosen; nil where it is too small.
  public init?(_ measures: [PictureMeasure]) {
    guard measures.count >= Self.fewestPictures, let channels = measures.first?.channels else {
      return nil
    }
    let fitted = stride(from: 0, to: measures.count, by: 2).map { measures[$0] }
    let heldOut = stride(from: 1, to: measures.count, by: 2).map { measures[$0] }
    func moments(_ value: (PictureMeasure) -> Float) -> (mean: Double, spread: Double) {
      let mean = fitted.reduce(0) { $0 + Double(value($1)) } / Double(fitted.count)
      let squares = fitted.reduce(0) {
        $0 + (Double(value($1)) - mean) * (Double(value($1)) - mean)
      }
      return (mean, (squares / Double(fitted.count)).squareRoot())
    }
    func limits(_ least: Double, _ value: (PictureMeasure) -> Float) -> ClosedRange<Double> {
      let sorted = heldOut.map(value).sorted()
      let left = sorted.count / 2000
      let margin = max(least, moments(value).spread * (0.5 + 20 / Double(heldOut.count)))
      return Self.rounded(
        Double(sorted[left]) - margin)...Self.rounded(
          Double(sorted[sorted.count - 1 - left]) + margin)
    }
    count = measures.count
    width = measures.map(\.source.width).sorted()[count / 2]
    height = measures.map(\.source.height).sorted()[count / 2]
    let means = (0..<channels).map { channel in moments { $0.mean[channel] } }
    let deviations = (0..<channels).map { channel in moments { $0.deviation[channel] } }
    mean = means.map { Self.rounded($0.mean) }
    meanSpread = means.map { Self.rounded($0.spread) }
    deviation = deviations.map { Self.rounded($0.mean) }
    deviationSpread = deviations.map { Self.rounded($0.spread) }
    let borders = moments(\.border)
    (border, borderSpread) = (Self.rounded(borders.mean), Self.rounded(borders.spread))
    constantShare = Self.rounded(Double(measures.count { $0.isConstant }) / Double(count))
    let shapes = heldOut.map(\.shape).sorted()
    let left = shapes.count / 2000
    let (narrow, wide) = (shapes[left], shapes[shapes.count - 1 - left])
    self.limits = Limits(
      brightness: limits(Self.least, \.brightness), contrast: limits(Self.least, \.contrast),
      border: limits(Self.leastBorder, \.border), polarity: limits(Self.leastPolarity, \.polarity),
      skewness: limits(Self.leastSkewness, \.skewness),
      shape: Self.rounded(
        Double(narrow) / Self.leastShape)...Self.rounded(
          Double(wide) * Self.leastShape))
  }

  /// Which of so many pictures to measure: all, or as many as are measured at most, spread evenly.
  public static func sample(of count: Int) -> [Int] {
    guard count > mostPictures else { return Array(0..<count) }
    return (0..<mostPictures).map { $0 * count / mostPictures }
  }

  /// To a millionth, which is less than a level of a byte and more than an inexact sum.
  private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

  // MARK: What is unlike them

  /// Whether light and dark seem to have changed places.
  ///
  /// What is on a picture tells, whatever the light: where all training pictures have a few light values
  /// on much dark, one with a few dark values on much light is inverted (or the other way round). Else
  /// brightness tells: inverted, the picture is far nearer to the training pictures, its border brighter or
  /// darker than the rest as theirs. Where these are their own inverse, nothing tells.
  public func looksInverted(_ measure: PictureMeasure) -> Bool {
    guard !measure.isConstant else { return false }
    let inverted = measure.inverted
    let (now, then) = (distance(measure), distance(inverted))
    let skewness = limits.skewness
    if skewness.lowerBound > 0 || skewness.upperBound < 0,
      !skewness.contains(Double(measure.skewness)), skewness.contains(Double(inverted.skewness))
    {
      return then <= now
    }
    let typical = mean.reduce(0, +) / Double(mean.count)
    let typicalDistance =
      Self.excess(Float(1 - typical), limits.brightness)
      + Self.excess(Float(1 - border), limits.border)
    return now > 0 && then < now / 2 && typicalDistance > 0
      && limits.polarity.contains(Double(inverted.polarity))
  }

  /// How far brightness and border lie outside of what is ordinary.
  private func distance(_ measure: PictureMeasure) -> Double {
    Self.excess(measure.brightness, limits.brightness) + Self.excess(measure.border, limits.border)
  }

  private static func excess(_ value: Float, _ range: ClosedRange<Double>) -> Double {
    max(range.lowerBound - Double(value), Double(value) - range.upperBound, 0)
  }

  /// In what a picture is unlike the training pictures; empty where it is not.
  ///
  /// - Parameter keepsProportions: whether another shape changes nothing of what is read.
  public func oddities(
    of measure: PictureMeasure, keepsProportions: Bool = false
  ) -> [PictureOddity] {
    var found: [PictureOddity] = []
    if measure.isConstant {
      if constantShare < Self.ordinaryConstants { found.append(.constant(measure.source)) }
    } else if looksInverted(measure) {
      found.append(.inverted)
    } else if Double(measure.contrast) < limits.contrast.lowerBound,
      measure.source.hasWideSamples, measure.greatest <= 64
    {
      found.append(.range(greatest: measure.greatest))
    } else {
      let measures: [(PictureOddity.Kind, Float, ClosedRange<Double>)] = [
        (.brightness, measure.brightness, limits.brightness),
        (.contrast, measure.contrast, limits.contrast), (.border, measure.border, limits.border),
      ]
      for (kind, value, range) in measures where !range.contains(Double(value)) {
        found.append(.outside(kind, value: Double(value), limits: range))
      }
    }
    if !keepsProportions, !limits.shape.contains(Double(measure.shape)) {
      found.append(.shape(measure.source, trainedOn: width, height))
    }
    return found
  }
}

extension PictureStatistics: Codable {
  private enum CodingKeys: String, CodingKey {
    case count, width, height, mean, deviation, border, brightness, contrast, polarity, skewness,
      shape
    case meanSpread = "mean_spread"
    case deviationSpread = "deviation_spread"
    case borderSpread = "border_spread"
    case borderLimits = "border_limits"
    case constantShare = "constant_share"
  }

  /// Writes every number; limits as pairs.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func pair(_ range: ClosedRange<Double>) -> [Double] { [range.lowerBound, range.upperBound] }
    try container.encode(count, forKey: .count)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(mean, forKey: .mean)
    try container.encode(meanSpread, forKey: .meanSpread)
    try container.encode(deviation, forKey: .deviation)
    try container.encode(deviationSpread, forKey: .deviationSpread)
    try container.encode(border, forKey: .border)
    try container.encode(borderSpread, forKey: .borderSpread)
    try container.encode(constantShare, forKey: .constantShare)
    try container.encode(pair(limits.brightness), forKey: .brightness)
    try container.encode(pair(limits.contrast), forKey: .contrast)
    try container.encode(pair(limits.border), forKey: .borderLimits)
    try container.encode(pair(limits.polarity), forKey: .polarity)
    try container.encode(pair(limits.skewness), forKey: .skewness)
    try container.encode(pair(limits.shape), forKey: .shape)
  }

  /// Reads and checks every number.
  ///
  /// Throws ``PreprocessingError/invalidPictures(_:)`` where one makes no sense.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func range(_ key: CodingKeys) throws -> ClosedRange<Double> {
      let ends = try container.decode([Double].self, forKey: key)
      guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] <= ends[1] else {
        throw PreprocessingError.invalidPictures("\(key.stringValue) is no range of two numbers")
      }
      return ends[0]...ends[1]
    }
    count = try container.decode(Int.self, forKey: .count)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    mean = try container.decode([Double].self, forKey: .mean)
    meanSpread = try container.decode([Double].self, forKey: .meanSpread)
    deviation = try container.decode([Double].self, forKey: .deviation)
    deviationSpread = try container.decode([Double].self, forKey: .deviationSpread)
    border = try container.decode(Double.self, forKey: .border)
    borderSpread = try container.decode(Double.self, forKey: .borderSpread)
    constantShare = try container.decode(Double.self, forKey: .constantShare)
    limits = Limits(
      brightness: try range(.brightness), contrast: try range(.contrast),
      border: try range(.borderLimits), polarity: try range(.polarity),
      skewness: try range(.skewness), shape: try range(.shape))
    let lists = [mean, meanSpread, deviation, deviationSpread]
    let sides = 1...Preprocessing.maximumSide
    guard count > 0, sides.contains(width), sides.contains(height), !mean.isEmpty,
      lists.allSatisfy({ $0.count == mean.count && $0.allSatisfy(\.isFinite) }),
      [border, borderSpread, constantShare].allSatisfy(\.isFinite)
    else { throw PreprocessingError.invalidPictures("a number is missing or makes no sense") }
  }
}
