/// What a decoder leaves in one decoded row.
struct RowLayout: Sendable, Equatable {
  enum Model: Sendable, Equatable {
    case gray
    case grayAlpha
    case rgb
    case rgba
    /// Inverted, as Adobe writes it: 255 is no ink.
    case cmyk
  }

  let model: Model
  /// Whether samples have 16 bits, in the machine's byte order.
  let isWide: Bool

  init(_ model: Model, isWide: Bool = false) {
    self.model = model
    self.isWide = isWide
  }

  /// Samples in one pixel.
  var channels: Int {
    switch model {
    case .gray: 1
    case .grayAlpha: 2
    case .rgb: 3
    case .rgba, .cmyk: 4
    }
  }

  /// Bytes in one pixel.
  var bytesPerPixel: Int { isWide ? 2 * channels : channels }
}

/// Turns decoded rows into the pixel format that was asked for.
struct RowConverter: Sendable {
  let layout: RowLayout
  let format: PixelFormat
  let background: BackgroundColor

  /// Whether a decoded row already is what was asked for.
  var isIdentity: Bool {
    switch (layout.model, format) {
    case (.gray, .gray8), (.rgb, .rgb8), (.rgba, .rgba8): true
    case (.gray, .gray16), (.rgb, .rgb16): layout.isWide
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
    switch (layout.model, format) {
    case _ where isIdentity:
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
    case (_, .gray16), (_, .rgb16):
      convertWide(source, to: target, width: width)
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
      case .gray8, .rgb8, .gray16, .rgb16:
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

  /// To 16-bit samples; narrow ones are widened by × 257 first.
  private func convertWide(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, width: Int
  ) {
    let raw = UnsafeRawPointer(source)
    let channels = layout.channels
    func sample(_ index: Int) -> UInt32 {
      layout.isWide
        ? UInt32(raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        : UInt32(source[index]) * 257
    }
    func store(_ value: UInt32, _ index: Int) {
      UnsafeMutableRawPointer(target).storeBytes(
        of: UInt16(truncatingIfNeeded: value), toByteOffset: 2 * index, as: UInt16.self)
    }
    func blend(_ value: UInt32, over background: UInt8, alpha: UInt32) -> UInt32 {
      let sum = UInt64(value) * UInt64(alpha) + UInt64(background) * 257 * UInt64(65_535 - alpha)
      return UInt32((sum + 32_767) / 65_535)
    }
    for x in 0..<width {
      let at = x * channels
      var color = (sample(at), sample(at), sample(at))
      switch layout.model {
      case .gray, .grayAlpha:
        break
      case .rgb, .rgba:
        color = (sample(at), sample(at + 1), sample(at + 2))
      case .cmyk:
        let pixel = rgba(source + at)
        color = (UInt32(pixel.0) * 257, UInt32(pixel.1) * 257, UInt32(pixel.2) * 257)
      }
      if layout.model == .grayAlpha || layout.model == .rgba {
        let alpha = sample(at + channels - 1)
        color.0 = blend(color.0, over: background.red, alpha: alpha)
        color.1 = blend(color.1, over: background.green, alpha: alpha)
        color.2 = blend(color.2, over: background.blue, alpha: alpha)
      }
      if format == .gray16 {
        let weighted = UInt64(color.0) * 19_595 + UInt64(color.1) * 38_470
        store(UInt32((weighted + UInt64(color.2) * 7_471 + 32_768) >> 16), x)
      } else {
        store(color.0, 3 * x)
        store(color.1, 3 * x + 1)
        store(color.2, 3 * x + 2)
      }
    }
  }

  @inline(__always)
  private func rgba(_ pixel: UnsafePointer<UInt8>) -> (UInt8, UInt8, UInt8, UInt8) {
    switch layout.model {
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
