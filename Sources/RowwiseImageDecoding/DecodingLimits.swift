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
  }

  /// Greatest stored width, pixels.
  public var maximumWidth: Int
  /// Greatest stored height, pixels.
  public var maximumHeight: Int
  /// Greatest width × height.
  public var maximumPixels: Int
  /// Greatest number of bytes that one picture may take at once: the decoded picture where it is
  /// asked for or needed whole, an interlaced PNG's passes, the coefficients and the file of a JPEG
  /// with several scans. Buffers of a few rows are not counted.
  public var maximumMemory: Int
  /// Greatest declared length of one PNG chunk that holds no pixels: text, ICC profile, EXIF block.
  /// Those that do not bear on pixels or orientation are skipped without being held; of those that
  /// are held none may have more than 1 MiB. JPEG's segments cannot be longer than 65,533 bytes; they
  /// are skipped, too, but for one EXIF block. Also the greatest offset of a BMP's pixels.
  public var maximumMetadata: Int
  /// Greatest number of scans in one JPEG. Each costs a pass over the whole picture, however few
  /// bytes it has.
  public var maximumScans: Int

  /// Makes limits; the defaults admit any camera's picture.
  public init(
    maximumWidth: Int = 65_535, maximumHeight: Int = 65_535, maximumPixels: Int = 1 << 29,
    maximumMemory: Int = 1 << 29, maximumMetadata: Int = 1 << 26, maximumScans: Int = 100
  ) {
    self.maximumWidth = maximumWidth
    self.maximumHeight = maximumHeight
    self.maximumPixels = maximumPixels
    self.maximumMemory = maximumMemory
    self.maximumMetadata = maximumMetadata
    self.maximumScans = maximumScans
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

  /// Throws where width × height × pixelBytes + more bytes are over the memory limit.
  func checkMemory(
    width: Int, height: Int, pixelBytes: Int, more: Int = 0, source: String
  ) throws(ImageDecodingError) {
    let (pixels, isTooMany) = width.multipliedReportingOverflow(by: height)
    let (bytes, isTooMuch) = pixels.multipliedReportingOverflow(by: pixelBytes)
    let (sum, overflows) = bytes.addingReportingOverflow(more)
    try check(
      .memory, isTooMany || isTooMuch || overflows ? .max : sum, atMost: maximumMemory,
      source: source)
  }
}
