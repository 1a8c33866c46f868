import RowwiseImageDecoding

/// How pictures that are not as a model's training pictures are brought nearer to them before they are
/// read: what is light and dark, what shows through, proportions, range of values.
///
/// The default changes nothing: a picture is stretched to the model's size as it is.
public struct PictureAdaptation: Sendable, Equatable {
  /// Whether light and dark change places: a byte b of the model's size becomes 255 − b.
  public enum Inversion: String, Sendable, Equatable, CaseIterable {
    /// No picture.
    case no
    /// Every picture.
    case yes
    /// A picture that looks inverted against the training pictures; see ``PictureStatistics``.
    case auto
  }

  /// What transparent pixels are laid over.
  public enum Background: Sendable, Equatable {
    /// One colour; with ``Fit/letterbox`` the bars have it, too.
    case color(BackgroundColor)
    /// White or black, whichever leaves a picture more contrast.
    case auto
  }

  /// How a picture of other proportions than the model's gets its size.
  public enum Fit: String, Sendable, Equatable, CaseIterable {
    /// Each side by itself.
    case stretch
    /// All of it, with bars at two sides: of the background's colour where that is given, else of the
    /// picture's own border.
    case letterbox
    /// As much of its middle as has the model's proportions.
    case crop
  }

  /// What the greatest value of a 16-bit sample stands for.
  public enum ValueRange: String, Sendable, Equatable, CaseIterable {
    /// 65,535 is white.
    case full
    /// Where no value of a picture needs more than 8, 10, 12 or 14 bits, the greatest of these is white.
    case auto
  }

  /// Whether light and dark change places.
  public var inversion = Inversion.no
  /// What transparent pixels are laid over; nil: what the decoding options say, else white.
  public var background: Background?
  /// How a picture of other proportions gets its size.
  public var fit = Fit.stretch
  /// Whether a picture is cut down to what is on it, which fills 5/7 of the model's size and lies with its
  /// centre of mass in the middle, as MNIST's digits do. Proportions are kept, whatever ``fit`` says.
  public var trims = false
  /// What the greatest value of a 16-bit sample stands for.
  public var range = ValueRange.full

  /// No change.
  public init() {}

  /// Whether pictures are read as they are.
  public var isNone: Bool { self == PictureAdaptation() }

  /// What needs the whole picture before its first timestep; empty where rows may be read as they come.
  public var wholeImageReasons: [ImageInfo.WholeImageReason] {
    var reasons: [ImageInfo.WholeImageReason] = []
    if inversion == .auto { reasons.append(.inversion) }
    if background == .auto { reasons.append(.background) }
    if trims {
      reasons.append(.trimming)
    } else if fit == .letterbox, barColor == nil {
      reasons.append(.letterbox)
    }
    if range == .auto { reasons.append(.range) }
    return reasons
  }

  /// The colour of a letterbox's bars; nil for that of the picture's border.
  var barColor: BackgroundColor? {
    if case .color(let color) = background { color } else { nil }
  }
}

extension PictureAdaptation.Background: LosslessStringConvertible {
  /// The names that ``init(_:)`` reads, for help texts and error messages.
  public static let names = ["auto", "white", "black", "#RRGGBB"]

  /// As ``init(_:)`` reads it.
  public var description: String {
    switch self {
    case .auto: "auto"
    case .color(.white): "white"
    case .color(.black): "black"
    case .color(let color):
      "#"
        + [color.red, color.green, color.blue].map { part in
          (part < 16 ? "0" : "") + String(part, radix: 16)
        }.joined()
    }
  }

  /// A background by its name, or a colour as `#RRGGBB`; nil where it is neither.
  public init?(_ description: String) {
    switch description {
    case "auto": self = .auto
    case "white": self = .color(.white)
    case "black": self = .color(.black)
    default:
      let digits = Array(description.utf8.dropFirst())
      guard description.hasPrefix("#"), digits.count == 6 else { return nil }
      let parts = stride(from: 0, to: 6, by: 2).compactMap { start in
        UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16)
      }
      guard parts.count == 3, !description.contains("+") else { return nil }
      self = .color(BackgroundColor(red: parts[0], green: parts[1], blue: parts[2]))
    }
  }
}

extension PictureAdaptation: Codable {
  private enum CodingKeys: String, CodingKey {
    case inversion = "invert"
    case background, fit
    case trims = "trim"
    case range
  }

  /// Writes what is not the default.
  public func encode(to encoder: any Encoder) throws {
    let none = PictureAdaptation()
    var container = encoder.container(keyedBy: CodingKeys.self)
    if inversion != none.inversion { try container.encode(inversion.rawValue, forKey: .inversion) }
    try container.encodeIfPresent(background?.description, forKey: .background)
    if fit != none.fit { try container.encode(fit.rawValue, forKey: .fit) }
    if trims { try container.encode(true, forKey: .trims) }
    if range != none.range { try container.encode(range.rawValue, forKey: .range) }
  }

  /// Reads what is there.
  ///
  /// Throws ``PreprocessingError/unknownAdaptation(key:value:expected:)`` where a word is unknown.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func word<Value>(
      _ key: CodingKeys, _ names: [String], _ read: (String) -> Value?
    ) throws -> Value? {
      guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
      guard let value = read(text) else {
        throw PreprocessingError.unknownAdaptation(
          key: key.stringValue, value: text, expected: names)
      }
      return value
    }
    self.init()
    inversion =
      try word(.inversion, Inversion.allCases.map(\.rawValue)) { Inversion(rawValue: $0) }
      ?? inversion
    background = try word(.background, Background.names) { Background($0) }
    fit = try word(.fit, Fit.allCases.map(\.rawValue)) { Fit(rawValue: $0) } ?? fit
    trims = try container.decodeIfPresent(Bool.self, forKey: .trims) ?? trims
    range =
      try word(.range, ValueRange.allCases.map(\.rawValue)) { ValueRange(rawValue: $0) } ?? range
  }
}
