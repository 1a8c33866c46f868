/// What a picture may ask for at most. Checked against the header before anything is allocated.
public struct DecodingLimits: Sendable, Equatable {
  /// A limit's name, for errors.
  public enum Name: String, Sendable, Equatable {
    case width
    case height
    case pixels
    case memory = "bytes of memory"
    case metadata = "bytes in one metadata chunk"
    case scans = "JPEG scans"
    case work = "gray pixels' worth of work for so few bytes"
  }

  /// Greatest stored width, pixels.
  public var maximumWidth: Int
  /// Greatest stored height, pixels.
  public var maximumHeight: Int
  /// Greatest width × height.
  public var maximumPixels: Int
  /// Greatest number of bytes that one picture may take at once, all together: the decoded picture
  /// where it is asked for or needed whole, twice where it is turned, an interlaced PNG's passes, the
  /// coefficients and the file of a JPEG with several scans. Buffers of a few rows are not counted.
  /// `ImageDecoder` keeps to it with all pictures of the process that it decodes at once: where they
  /// would take more, some wait for others.
  public var maximumMemory: Int
  /// Greatest declared length of one PNG chunk that holds no pixels: text, ICC profile, EXIF block.
  /// Those that do not bear on pixels or orientation are skipped without being held; of those that
  /// are held none may have more than 1 MiB. JPEG's segments cannot be longer than 65,533 bytes; they
  /// are skipped, too, but for one EXIF block. Also the greatest offset of a BMP's pixels.
  public var maximumMetadata: Int
  /// Greatest work of a picture, however few bytes it has; its unit is a gray pixel, which takes 3 to
  /// 5 ns. Another kind of pixel counts as many times as it has channels, one of a palette twice, 16
  /// bits and interlacing double that, and each scan of a JPEG is a quarter. So a sheet of A3, scanned
  /// with 600 dots an inch, is read though it is white and takes 20 KB.
  public var freeWork: Int
  /// Work that each byte of the file allows beyond `freeWork`. Deflate makes at most 1,032 bytes of
  /// one.
  public var workPerByte: Int
  /// Greatest number of scans in one JPEG. Each costs a pass over the whole picture, however few
  /// bytes it has.
  public var maximumScans: Int

  /// Makes limits; the defaults admit any camera's picture.
  public init(
    maximumWidth: Int = 65_535, maximumHeight: Int = 65_535, maximumPixels: Int = 1 << 29,
    maximumMemory: Int = 1 << 29, maximumMetadata: Int = 1 << 26, maximumScans: Int = 100,
    freeWork: Int = 1 << 27, workPerByte: Int = 1 << 10
  ) {
    self.maximumWidth = maximumWidth
    self.maximumHeight = maximumHeight
    self.maximumPixels = maximumPixels
    self.maximumMemory = maximumMemory
    self.maximumMetadata = maximumMetadata
    self.maximumScans = maximumScans
    self.freeWork = freeWork
    self.workPerByte = workPerByte
  }

  /// The default limits with another one for memory, and in proportion for the work that few bytes may
  /// ask for, and for pixels where that is more than the default.
  public init(memory bytes: Int) {
    self.init(
      maximumPixels: max(bytes, 1 << 29), maximumMemory: bytes, freeWork: max(bytes / 4, 1))
  }

  /// Throws `.overLimit` where so many bytes of a file cannot be kept.
  package func checkHeld(_ bytes: Int, source: String) throws(ImageDecodingError) {
    try check(.memory, bytes, atMost: maximumMemory, source: source)
  }

  /// Throws `.overLimit` where `value` is above `maximum`.
  func check(
    _ name: Name, _ value: Int, atMost maximum: Int, source: String
  ) throws(ImageDecodingError) {
    guard value <= maximum else {
      throw .overLimit(source: source, limit: name, value: value, maximum: maximum)
    }
  }

  /// Throws where a stored size is zero or over a limit.
  func checkSize(width: Int, height: Int, source: String) throws(ImageDecodingError) {
    try check(.width, width, atMost: maximumWidth, source: source)
    try check(.height, height, atMost: maximumHeight, source: source)
    let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
    try check(.pixels, overflows ? .max : pixels, atMost: maximumPixels, source: source)
  }

  /// Throws where a file of `bytes` bytes asks for too much work.
  func checkWork(
    _ work: ByteCount, bytes: Int, source: String
  ) throws(ImageDecodingError) {
    let allowed = ByteCount(bytes).times(workPerByte).plus(freeWork)
    try check(.work, work.value, atMost: allowed.value, source: source)
  }
}

extension ImageInfo {
  /// What decoding it costs, in gray pixels; see `DecodingLimits.freeWork`.
  ///
  /// - Parameter scans: of a JPEG.
  func work(scans: Int = 1) -> ByteCount {
    let channels =
      switch colorModel {
      case .gray: 1
      case .grayAlpha, .palette: 2
      case .rgb: 3
      case .rgba, .cmyk: 4
      }
    let cost = channels * (bitDepth > 8 ? 2 : 1) * (isInterlaced ? 2 : 1)
    return ByteCount(width).times(height).times(4 * cost + scans - 1).divided(by: 4)
  }
}

/// A number that stays at the greatest `Int` where it would be more.
package struct ByteCount: Sendable, Equatable {
  package let value: Int

  package init(_ value: Int) { self.value = value }

  package func times(_ factor: Int) -> ByteCount {
    let (product, overflows) = value.multipliedReportingOverflow(by: factor)
    return ByteCount(overflows ? .max : product)
  }

  package func divided(by divisor: Int) -> ByteCount {
    ByteCount(value == .max ? .max : value / divisor)
  }

  package func plus(_ other: Int) -> ByteCount {
    let (sum, overflows) = value.addingReportingOverflow(other)
    return ByteCount(overflows ? .max : sum)
  }
}
