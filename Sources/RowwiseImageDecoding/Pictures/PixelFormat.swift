/// How a decoded pixel lies in memory.
public enum PixelFormat: Sendable, Equatable, CaseIterable {
  /// One byte: luma by ITU-R BT.601, `(19595 R + 38470 G + 7471 B + 32768) >> 16`.
  case gray8
  /// Three bytes: red, green, blue.
  case rgb8
  /// Four bytes: red, green, blue, alpha as stored; nothing is blended.
  case rgba8
  /// One 16-bit sample in the machine's byte order: luma as for `gray8`. Stored samples of fewer
  /// bits are widened so that their greatest value becomes 65,535.
  case gray16
  /// Three 16-bit samples: red, green, blue; see `gray16`.
  case rgb16

  /// Samples in one pixel.
  public var channels: Int {
    switch self {
    case .gray8, .gray16: 1
    case .rgb8, .rgb16: 3
    case .rgba8: 4
    }
  }

  /// Bytes in one sample.
  public var bytesPerSample: Int { self == .gray16 || self == .rgb16 ? 2 : 1 }

  /// Bytes in one pixel.
  public var bytesPerPixel: Int { channels * bytesPerSample }
}

/// A colour that transparent pixels are blended over.
public struct BackgroundColor: Sendable, Equatable {
  /// Red, 0…255.
  public var red: UInt8
  /// Green, 0…255.
  public var green: UInt8
  /// Blue, 0…255.
  public var blue: UInt8

  /// Makes a colour of its three parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// White: 255, 255, 255.
  public static let white = Self(red: 255, green: 255, blue: 255)
  /// Black: 0, 0, 0.
  public static let black = Self(red: 0, green: 0, blue: 0)
}
