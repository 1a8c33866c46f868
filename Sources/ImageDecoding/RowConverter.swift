/// What a codec library leaves in one decoded row.
enum RowLayout: Sendable, Equatable {
  case gray
  case grayAlpha
  case rgb
  case rgba
  /// Inverted, as Adobe writes it: 255 is no ink.
  case cmyk

  /// Bytes in one pixel.
  var bytesPerPixel: Int {
    switch self {
    case .gray: 1
    case .grayAlpha: 2
    case .rgb: 3
    case .rgba, .cmyk: 4
    }
  }
}

/// Turns decoded rows into the pixel format that was asked for.
struct RowConverter: Sendable {
  let layout: RowLayout
  let format: PixelFormat
  let background: BackgroundColor

  /// Whether a decoded row already is what was asked for.
  var isIdentity: Bool {
    switch (layout, format) {
    case (.gray, .gray8), (.rgb, .rgb8), (.rgba, .rgba8): true
    default: false
    }
  }

  /// Converts `width` pixels.
  ///
  /// - Parameters:
  ///   - source: `width * layout.bytesPerPixel` bytes.
  ///   - target: Room for `width * format.bytesPerPixel` bytes; must not overlap `source`.
  func convert(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, width: Int
  ) {
    switch (layout, format) {
    case (.gray, .gray8), (.rgb, .rgb8), (.rgba, .rgba8):
      target.update(from: source, count: width * layout.bytesPerPixel)
    case (.rgb, .gray8):
      for x in 0..<width {
        target[x] = Self.luma(source[3 * x], source[3 * x + 1], source[3 * x + 2])
      }
    case (.gray, .rgb8):
      for x in 0..<width {
        let value = source[x]
        target[3 * x] = value
        target[3 * x + 1] = value
        target[3 * x + 2] = value
      }
    default:
      convertPixelwise(source, to: target, width: width)
    }
  }

  /// The rarer conversions, through RGBA one pixel at a time.
  private func convertPixelwise(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, width: Int
  ) {
    let bytes = layout.bytesPerPixel
    for x in 0..<width {
      let pixel = source + x * bytes
      var (red, green, blue, alpha) = rgba(pixel)
      switch format {
      case .rgba8:
        target[4 * x] = red
        target[4 * x + 1] = green
        target[4 * x + 2] = blue
        target[4 * x + 3] = alpha
        continue
      case .gray8, .rgb8:
        red = Self.blend(red, over: background.red, alpha: alpha)
        green = Self.blend(green, over: background.green, alpha: alpha)
        blue = Self.blend(blue, over: background.blue, alpha: alpha)
      }
      if format == .gray8 {
        target[x] = Self.luma(red, green, blue)
      } else {
        target[3 * x] = red
        target[3 * x + 1] = green
        target[3 * x + 2] = blue
      }
    }
  }

  @inline(__always)
  private func rgba(_ pixel: UnsafePointer<UInt8>) -> (UInt8, UInt8, UInt8, UInt8) {
    switch layout {
    case .gray: (pixel[0], pixel[0], pixel[0], 255)
    case .grayAlpha: (pixel[0], pixel[0], pixel[0], pixel[1])
    case .rgb: (pixel[0], pixel[1], pixel[2], 255)
    case .rgba: (pixel[0], pixel[1], pixel[2], pixel[3])
    case .cmyk:
      (
        Self.scale(pixel[0], by: pixel[3]), Self.scale(pixel[1], by: pixel[3]),
        Self.scale(pixel[2], by: pixel[3]), 255
      )
    }
  }

  /// `value * factor / 255`, rounded to the nearest: what `djpeg` makes of C × K.
  @inline(__always)
  private static func scale(_ value: UInt8, by factor: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (UInt32(value) * UInt32(factor) + 127) / 255)
  }

  /// Luma by ITU-R BT.601 in 16-bit fixed point, as Pillow's mode "L".
  @inline(__always)
  static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let weighted = UInt32(red) &* 19_595 &+ UInt32(green) &* 38_470
    return UInt8(truncatingIfNeeded: (weighted &+ UInt32(blue) &* 7_471 &+ 32_768) >> 16)
  }

  /// `(value * alpha + background * (255 - alpha)) / 255`, rounded to the nearest.
  @inline(__always)
  static func blend(_ value: UInt8, over background: UInt8, alpha: UInt8) -> UInt8 {
    let sum = UInt32(value) * UInt32(alpha) + UInt32(background) * (255 - UInt32(alpha))
    return UInt8(truncatingIfNeeded: (sum + 127) / 255)
  }
}
