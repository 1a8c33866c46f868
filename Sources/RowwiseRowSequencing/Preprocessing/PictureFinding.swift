import RowwiseImageDecoding

/// One thing in which a picture is unlike those that a model was trained on.
public enum PictureOddity: Sendable, Equatable {
  /// What kind of thing it is, in one word.
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    case inverted = "inverted?"
    case constant = "constant"
    case range = "range?"
    case shape = "shape"
    case brightness = "brightness"
    case contrast = "contrast"
    case border = "border"
  }

  /// Light and dark seem to have changed places.
  case inverted
  /// All of it has one colour.
  case constant(PictureMeasure.Source)
  /// Of 16-bit samples only the lowest values are there, as where 12 bits are stored in 16.
  case range(greatest: UInt8)
  /// Other proportions.
  case shape(PictureMeasure.Source, trainedOn: Int, Int)
  /// A measure is outside of what is ordinary.
  case outside(Kind, value: Double, limits: ClosedRange<Double>)

  /// What kind of thing it is.
  public var kind: Kind {
    switch self {
    case .inverted: .inverted
    case .constant: .constant
    case .range: .range
    case .shape: .shape
    case .outside(let kind, _, _): kind
    }
  }
}

extension PictureOddity: CustomStringConvertible {
  /// The kind and what was measured, such as `shape 5:1, trained on 1:1`.
  public var description: String {
    switch self {
    case .inverted: return kind.rawValue
    case .constant(let source):
      return source.hasAlpha ? "constant over the background" : kind.rawValue
    case .range(let greatest):
      let bits = 8 - greatest.leadingZeroBitCount
      return "\(kind.rawValue) no 16-bit value above 1/\(1 << (8 - bits)) of the range"
    case .shape(let source, let width, let height):
      return "shape \(Self.proportion(source.width, source.height)), trained on "
        + Self.proportion(width, height)
    case .outside(_, let value, let limits):
      return "\(kind.rawValue) \(Self.text(value)), trained on \(Self.text(limits.lowerBound)) to "
        + Self.text(limits.upperBound)
    }
  }

  /// Two digits behind the point, within 0…1, which measures of pictures are.
  private static func text(_ value: Double) -> String {
    let hundredths = Int((min(max(value, 0), 1) * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }

  /// Width to height, the smaller being 1, to a tenth.
  private static func proportion(_ width: Int, _ height: Int) -> String {
    func side(_ long: Int, _ short: Int) -> String {
      let tenths = Int((Double(long) / Double(max(short, 1)) * 10).rounded())
      return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
    return width >= height ? "\(side(width, height)):1" : "1:\(side(height, width))"
  }
}

/// What was found out about a picture before a model read it, and what was done about it.
public struct PictureFinding: Sendable, Equatable {
  /// In what it is unlike the training pictures, as it is read; empty where it is not, or where the model
  /// does not know what these were like.
  public var oddities: [PictureOddity] = []
  /// Whether light and dark were exchanged.
  public var isInverted = false
  /// The colour that was chosen for what is transparent; nil where none was chosen.
  public var background: BackgroundColor?
  /// What stands for white in 16-bit samples; nil for 65,535.
  public var greatestValue: Int?
  /// Pictures in its file, of which it is the first, where there are several; else nil.
  public var pictureCount: Int?

  /// Nothing to tell.
  public init() {}

  /// Whether there is something to tell.
  public var isNotable: Bool { self != PictureFinding() }

  /// In what it is unlike the training pictures, in one text; nil where it is not.
  public var unusual: String? {
    oddities.isEmpty ? nil : oddities.map(\.description).joined(separator: "; ")
  }
}
