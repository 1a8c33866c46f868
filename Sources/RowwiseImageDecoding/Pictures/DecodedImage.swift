/// A decoded picture.
public struct DecodedImage: Sendable, Equatable {
  /// Pixels in one row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Bytes in one pixel: 1 gray, 3 RGB, 4 RGBA.
  public var channels: Int
  /// `height` rows of `width * channels` bytes, top row first.
  public var pixels: [UInt8]

  /// Makes a picture of its pixels.
  ///
  /// - Precondition: `pixels.count == width * height * channels`.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      pixels.count == width * height * channels,
      "\(width) × \(height) × \(channels) is not \(pixels.count) bytes")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The picture turned and mirrored as `orientation` asks.
  public func upright(from orientation: ImageOrientation) -> DecodedImage {
    guard orientation != .topLeft else { return self }
    let size = orientation.uprightSize(width: width, height: height)
    let rowBytes = size.width * channels
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
      pixels.withUnsafeBufferPointer { stored in
        guard let source = stored.baseAddress, let target = buffer.baseAddress else { return }
        for row in 0..<size.height {
          orientation.copyRow(
            row, from: source, width: width, height: height, pixelBytes: channels,
            to: target + row * rowBytes)
        }
      }
      count = pixels.count
    }
    return DecodedImage(
      width: size.width, height: size.height, channels: channels, pixels: turned)
  }
}
