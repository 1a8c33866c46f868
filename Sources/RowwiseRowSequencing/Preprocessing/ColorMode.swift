/// The channels a model reads.
public enum ColorMode: String, Codable, Sendable, Equatable, CaseIterable {
  /// One channel: luma, as ``Luma`` computes it where the picture has colours.
  case gray
  /// Three channels, interleaved red, green, blue.
  case rgb

  /// Bytes per pixel.
  public var channels: Int {
    switch self {
    case .gray: 1
    case .rgb: 3
    }
  }
}
