/// Chooses what a picture with transparent pixels is blended over.
enum BackgroundChoice {
  /// White or black, whichever leaves the picture's luma the greater variance; white where both do.
  ///
  /// - Parameter image: of four channels.
  static func background(of image: DecodedImage) -> BackgroundColor {
    var (white, black) = (Moments(), Moments())
    for pixel in 0..<image.width * image.height {
      white.add(luma(image.pixels.span, pixel, over: .white))
      black.add(luma(image.pixels.span, pixel, over: .black))
    }
    return black.spread > white.spread ? .black : .white
  }

  /// The picture without alpha, as if it had been decoded over that background.
  ///
  /// - Parameter format: 8-bit gray or RGB.
  static func blend(
    _ image: DecodedImage, over background: BackgroundColor, into format: PixelFormat
  ) -> DecodedImage {
    let converter = RowConverter(
      layout: RowLayout(.rgba), format: format, background: background)
    let count = image.width * image.height
    let pixels = [UInt8](unsafeUninitializedCapacity: count * format.channels) { target, filled in
      image.pixels.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        converter.convert(from, to: to, width: count)
      }
      filled = count * format.channels
    }
    return DecodedImage(
      width: image.width, height: image.height, channels: format.channels, pixels: pixels)
  }

  private static func luma(
    _ pixels: Span<UInt8>, _ pixel: Int, over background: BackgroundColor
  ) -> UInt8 {
    let alpha = pixels[4 * pixel + 3]
    return RowConverter.luma(
      RowConverter.blend(pixels[4 * pixel], over: background.red, alpha: alpha),
      RowConverter.blend(pixels[4 * pixel + 1], over: background.green, alpha: alpha),
      RowConverter.blend(pixels[4 * pixel + 2], over: background.blue, alpha: alpha))
  }

  /// Sums of bytes and of their squares.
  private struct Moments {
    private var count: Double = 0
    private var sum: Double = 0
    private var squares: Double = 0

    mutating func add(_ byte: UInt8) {
      count += 1
      sum += Double(byte)
      squares += Double(byte) * Double(byte)
    }

    /// n² times the variance, exact: sums are whole numbers.
    var spread: Double { count * squares - sum * sum }
  }
}
