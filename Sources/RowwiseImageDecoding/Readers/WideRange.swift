/// Pictures whose 16-bit samples have only 8, 10, 12 or 14 bits, as microscopes and detectors write them.
package enum WideRange {
  /// The greatest 16-bit sample of an opaque file; nil where it has none of 16 bits.
  ///
  /// - Throws: `ImageDecodingError`.
  package static func greatestSample(
    path: String, limits: DecodingLimits
  ) throws(ImageDecodingError) -> Int? {
    let reader = try ImageRowReader(
      path: path, options: DecodingOptions(pixelFormat: .rgb16, limits: limits))
    guard reader.info.bitDepth == 16, !reader.hasAlpha else { return nil }
    return Int(try greatestSample(of: reader))
  }

  /// Decodes one, the greatest value of so many bits being white, and calls `body` as
  /// `ImageDecoder.withDecoded` does; nil where the picture is none, and is to be decoded as others are.
  ///
  /// It is read twice: for the greatest value, then for the pixels.
  ///
  /// - Parameter opening: makes a reader of its rows.
  static func withDecoded<Result>(
    options: DecodingOptions,
    opening: (DecodingOptions) throws(ImageDecodingError) -> ImageRowReader,
    _ body: (DecodedImage, DecodingFacts) -> Result
  ) throws(ImageDecodingError) -> Result? {
    guard options.pixelFormat == .gray8 || options.pixelFormat == .rgb8 else { return nil }
    var wide = options
    wide.pixelFormat = options.pixelFormat == .gray8 ? .gray16 : .rgb16
    wide.jpegScaling = .none
    let first = try opening(wide)
    guard first.info.bitDepth == 16, !first.hasAlpha else { return nil }
    let (width, height) = (first.width, first.height)
    let channels = options.pixelFormat.channels
    let limits = options.limits
    let size = ByteCount(width).times(height).times(channels).value
    let turned = first.info.orientation.keepsRowOrder ? size : ByteCount(size).times(3).value
    try limits.check(
      .memory, turned, atMost: limits.maximumMemory, source: first.source)
    return try DecodingMemory.process.lend(turned, of: limits.maximumMemory) {
      () throws(ImageDecodingError) -> Result? in
      guard let white = try greatest(of: first) else { return nil }
      let second = try opening(wide)
      var pixels: [UInt8] = []
      pixels.reserveCapacity(size)
      var row = [UInt16](repeating: 0, count: width * channels)
      while try second.readRow(into: &row) {
        for value in row {
          pixels.append(UInt8(truncatingIfNeeded: (Int(value) * 255 + white / 2) / white))
        }
      }
      if pixels.isEmpty, case .stopped(_, let reason)? = second.warnings.first { throw reason }
      let background = options.backgroundPixel
      while pixels.count < size { pixels.append(background[pixels.count % channels]) }
      var facts = DecodingFacts(info: second.info, hasAlpha: false, warnings: second.warnings)
      facts.greatestValue = white
      return body(
        DecodedImage(width: width, height: height, channels: channels, pixels: pixels), facts)
    }
  }

  /// The greatest value of as many bits as the picture needs; nil where that is all of 16.
  private static func greatest(of reader: ImageRowReader) throws(ImageDecodingError) -> Int? {
    white(for: Int(try greatestSample(of: reader)))
  }

  /// What is white in a picture of that greatest sample; nil for 65,535.
  package static func white(for greatest: Int) -> Int? {
    [8, 10, 12, 14].map { (1 << $0) - 1 }.first { greatest <= $0 }
  }

  private static func greatestSample(
    of reader: ImageRowReader
  ) throws(ImageDecodingError) -> UInt16 {
    var row = [UInt16](
      repeating: 0, count: reader.bytesPerRow / MemoryLayout<UInt16>.size)
    var greatest: UInt16 = 0
    while try reader.readRow(into: &row) { greatest = max(greatest, row.max() ?? 0) }
    return greatest
  }
}
