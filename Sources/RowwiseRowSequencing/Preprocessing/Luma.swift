import RowwiseImageDecoding

/// Conversions between gray and RGB pixels.
public enum Luma {
  /// Luma of one pixel: Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded.
  ///
  /// The weights are 16-bit fixed point, as in Pillow's conversion to mode "L", so that results
  /// agree with it in every bit. They add up to 65536: equal channels keep their value.
  @inline(__always)
  public static func luma(red: UInt8, green: UInt8, blue: UInt8) -> UInt8 {
    let sum = UInt32(red) &* 19595 &+ UInt32(green) &* 38470 &+ UInt32(blue) &* 7471
    return UInt8(truncatingIfNeeded: (sum &+ 32768) &>> 16)
  }

  /// The image in the given color mode: as it is, as luma, or with its gray value in all channels.
  ///
  /// - Parameter image: one or three channels, interleaved.
  public static func convert(_ image: DecodedImage, to color: ColorMode) -> DecodedImage {
    if image.channels == color.channels { return image }
    precondition(
      image.channels == 1 || image.channels == 3,
      "image has \(image.channels) channels, expected 1 or 3")
    let count = image.width * image.height
    let source = image.pixels.span
    precondition(
      source.count == count * image.channels,
      "image holds \(source.count) bytes, expected \(count * image.channels)")
    var pixels = [UInt8](repeating: 0, count: count * color.channels)
    switch color {
    case .gray:
      for i in 0..<count {
        pixels[i] = luma(red: source[3 * i], green: source[3 * i + 1], blue: source[3 * i + 2])
      }
    case .rgb:
      for i in 0..<count {
        pixels[3 * i] = source[i]
        pixels[3 * i + 1] = source[i]
        pixels[3 * i + 2] = source[i]
      }
    }
    return DecodedImage(
      width: image.width, height: image.height, channels: color.channels, pixels: pixels)
  }
}
