/// How pictures are changed at random in training, so that the same one never comes twice.
///
/// Every number is the largest change; each picture gets one between none and that, in either
/// direction. What is written as a share is one of the picture's side.
public struct Augmentation: Sendable, Equatable, Codable {
  /// Sideways and up or down, a share.
  public var shift = 0.0
  /// Degrees.
  public var rotate = 0.0
  /// Between 1 / (1 + scale) and 1 + scale times as large.
  public var scale = 0.0
  /// Degrees by which upright edges lean.
  public var shear = 0.0
  /// Displacement of the points of a coarse grid, a share; those between follow smoothly (Simard et
  /// al. 2003 smooth a fine grid instead).
  public var elastic = 0.0
  /// Share of the full range that is added to every byte.
  public var brightness = 0.0
  /// Between 1 − contrast and 1 + contrast times the distance from the middle of the range.
  public var contrast = 0.0
  /// Standard deviation of noise on every byte, a share of the full range; not random itself.
  public var noise = 0.0
  /// Side of a box that half of the pictures lose, a share (DeVries & Taylor 2017); it gets one
  /// random value (Zhong et al. 2020).
  public var cutout = 0.0
  /// Whether half of the pictures are mirrored left to right. Wrong for digits and letters.
  public var flip = false

  /// No change.
  public init() {}

  /// Whether pictures stay as they are.
  public var isNone: Bool { self == Augmentation() }

  /// Names of the settings that together have one name.
  public static let presetNames = ["none", "light", "digits", "strong"]

  /// A preset: `light` suits most pictures, `digits` handwriting, `strong` has all but mirroring.
  public init?(preset name: String) {
    switch name {
    case "none": break
    case "light":
      (shift, rotate, scale, brightness, contrast) = (0.06, 6, 0.08, 0.1, 0.1)
    case "digits":
      (shift, rotate, scale, shear, elastic) = (0.08, 12, 0.12, 10, 0.04)
    case "strong":
      (shift, rotate, scale, shear, elastic) = (0.1, 15, 0.15, 12, 0.05)
      (brightness, contrast, noise, cutout) = (0.2, 0.2, 0.04, 0.4)
    default: return nil
    }
  }

  /// The settings that are numbers, by name.
  static let numbers: [(name: String, path: WritableKeyPath<Augmentation, Double> & Sendable)] = [
    ("shift", \.shift), ("rotate", \.rotate), ("scale", \.scale), ("shear", \.shear),
    ("elastic", \.elastic), ("brightness", \.brightness), ("contrast", \.contrast),
    ("noise", \.noise), ("cutout", \.cutout),
  ]

  /// What a setting may be at most.
  private static func limit(_ name: String) -> Double {
    switch name {
    case "rotate": 180
    case "shear": 60
    case "elastic": 0.5
    default: 1
    }
  }

  /// Names of all settings.
  public static var settingNames: [String] { numbers.map(\.name) + ["flip"] }

  /// Reads a text such as `strong`, `digits,flip` or `light,rotate:20,noise:0.05`: a preset, then
  /// settings that replace its own, or settings alone.
  ///
  /// - Throws: `AugmentationError`.
  public init(_ text: String) throws(AugmentationError) {
    self.init()
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    for (position, part) in parts.enumerated() {
      let words = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      if position == 0, words.count == 1, let preset = Augmentation(preset: words[0]) {
        self = preset
      } else if words == ["flip"] {
        flip = true
      } else if let number = Self.numbers.first(where: { $0.name == words[0] }) {
        guard words.count == 2, let value = Double(words[1]), value >= 0,
          value <= Self.limit(number.name)
        else {
          throw .invalidNumber(setting: number.name, limit: Self.limit(number.name))
        }
        self[keyPath: number.path] = value
      } else {
        throw .unknownWord(words[0])
      }
    }
  }

  /// As ``init(_:)`` reads it.
  public var text: String {
    var upright = self
    upright.flip = false
    for name in Self.presetNames where Augmentation(preset: name) == upright {
      // Alone, mirroring needs no preset of nothing in front.
      return !flip ? name : name == "none" ? "flip" : "\(name),flip"
    }
    let parts = Self.numbers.filter { self[keyPath: $0.path] != 0 }
      .map { "\($0.name):\(self[keyPath: $0.path])" }
    return (parts + (flip ? ["flip"] : [])).joined(separator: ",")
  }
}

/// What can be wrong with an augmentation's text.
public enum AugmentationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Neither a preset nor a setting.
  case unknownWord(String)
  /// A setting without a number that it can have.
  case invalidNumber(setting: String, limit: Double)

  /// What is wrong and what is expected.
  public var description: String {
    switch self {
    case .unknownWord(let word):
      "unknown word \"\(word)\"; expected \(Augmentation.presetNames.joined(separator: ", ")), "
        + "and behind it or alone \(Augmentation.settingNames.joined(separator: ", "))"
    case .invalidNumber(let setting, let limit):
      "\(setting) needs a number from 0 to \(limit), such as \(setting):\(limit / 10)"
    }
  }
}
