import CRowwiseCodecs

/// Reads JPEG through libjpeg.
final class JPEGDecoder: RowDecoder {
  private let source: String
  private let options: DecodingOptions
  private let decoder: OpaquePointer
  private var header = rw_jpeg_header()
  /// The picture is decoded at 1/denominator of its size.
  private var denominator = 1
  private var rowsRead = 0
  private var pendingError: ImageDecodingError?

  init(source: String, options: DecodingOptions) throws(ImageDecodingError) {
    let codecOptions = rw_jpeg_options(
      lenient: options.strictness == .lenient,
      maximum_scans: UInt32(clamping: options.limits.maximumScans))
    guard let decoder = rw_jpeg_create(codecOptions) else {
      throw .outOfMemory(source: source)
    }
    self.decoder = decoder
    self.source = source
    self.options = options
  }

  deinit {
    rw_jpeg_destroy(decoder)
  }

  var needsAllInput: Bool { header.has_multiple_scans || header.is_arithmetic }
  var rowWidth: Int { scaled(header.width) }
  var rowCount: Int { scaled(header.height) }

  /// A side at the chosen scale, rounded up as libjpeg does.
  private func scaled(_ side: UInt32) -> Int { (Int(side) + denominator - 1) / denominator }

  var layout: RowLayout {
    switch header.color {
    case RW_JPEG_GRAY: RowLayout(.gray)
    case RW_JPEG_CMYK: RowLayout(.cmyk)
    default: RowLayout(.rgb)
    }
  }

  var orientation: ImageOrientation {
    var count = 0
    guard let bytes = rw_jpeg_exif(decoder, &count) else { return .topLeft }
    return ExifReader.orientation(inTIFF: UnsafeBufferPointer(start: bytes, count: count))
  }

  var damage: String? {
    let text = String(cString: rw_jpeg_damage(decoder))
    return text.isEmpty ? nil : text
  }

  func readHeader(_ input: inout InputBuffer) throws(ImageDecodingError) -> ImageInfo? {
    let isReady = try advance(&input) {
      rw_jpeg_read_header(decoder, $0, $1, $2, &$3, &header)
    }
    guard isReady else { return nil }
    try options.limits.checkSize(
      width: Int(header.width), height: Int(header.height), source: source)
    let info = self.info
    if case .downTo(let width, let height) = options.jpegScaling {
      let size = info.orientation.swapsAxes ? (height, width) : (width, height)
      denominator = Self.denominator(
        width: info.width, height: info.height,
        least: (min(max(size.0, 1), 1 << 20), min(max(size.1, 1), 1 << 20)))
    }
    return info
  }

  /// The greatest denominator that leaves both sides at least eight times as long as wanted.
  private static func denominator(
    width: Int, height: Int, least: (width: Int, height: Int)
  ) -> Int {
    [8, 4, 2].first { width / $0 >= 8 * least.width && height / $0 >= 8 * least.height } ?? 1
  }

  var heldBytes: Int {
    header.has_multiple_scans ? Int(clamping: header.coefficient_bytes) : 0
  }

  func start(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool {
    if header.has_multiple_scans {
      // The first scan's head is used up already.
      let scans = 1 + input.withUnread { JPEGScanCounter.count(in: $0) }
      try options.limits.check(
        .scans, scans, atMost: options.limits.maximumScans, source: source)
      try options.limits.checkWork(info.work(scans: scans), bytes: input.total, source: source)
    }
    return try advance(&input) { rw_jpeg_start(decoder, UInt32(denominator), $0, $1, $2, &$3) }
  }

  func readRows(
    _ input: inout InputBuffer, into target: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
  ) throws(ImageDecodingError) -> RowBatch {
    if let error = pendingError { throw error }
    var decoded = 0
    do {
      let isComplete = try advance(&input) {
        rw_jpeg_read_rows(decoder, $0, $1, $2, target, stride, count, &$3, &decoded)
      }
      rowsRead += decoded
      return RowBatch(rows: decoded, needsInput: !isComplete)
    } catch {
      guard decoded > 0 else { throw error }
      rowsRead += decoded
      pendingError = Self.atRow(rowsRead, error)
      return RowBatch(rows: decoded, needsInput: false)
    }
  }

  func finish(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool {
    if let error = pendingError { throw error }
    return try advance(&input) { rw_jpeg_finish(decoder, $0, $1, $2, &$3) }
  }

  /// Runs one call of the fence on the unread bytes; false where they ran out.
  private func advance(
    _ input: inout InputBuffer,
    _ call: (UnsafePointer<UInt8>?, Int, Bool, inout Int) -> rw_status
  ) throws(ImageDecodingError) -> Bool {
    var used = 0
    let isFinal = input.isFinal
    let status = input.withUnread { call($0.baseAddress, $0.count, isFinal, &used) }
    input.consume(used)
    switch status {
    case RW_DONE:
      return true
    case RW_NEEDS_INPUT where isFinal:
      throw truncated
    case RW_NEEDS_INPUT:
      return false
    default:
      throw failure
    }
  }

  private static func atRow(_ row: Int, _ error: ImageDecodingError) -> ImageDecodingError {
    switch error {
    case .corrupt(let source, let format, let reason, _):
      .corrupt(source: source, format: format, reason: reason, row: row)
    case .truncated(let source, let format, _, let height):
      .truncated(source: source, format: format, rows: row, height: height)
    default:
      error
    }
  }

  private var info: ImageInfo {
    let color: ImageInfo.ColorModel =
      switch header.color {
      case RW_JPEG_GRAY: .gray
      case RW_JPEG_CMYK: .cmyk
      default: .rgb
      }
    var reasons: [ImageInfo.WholeImageReason] = []
    if header.has_multiple_scans { reasons.append(.severalScans) }
    if header.is_arithmetic { reasons.append(.arithmeticCoding) }
    return ImageInfo(
      format: .jpeg, width: Int(header.width), height: Int(header.height),
      bitDepth: Int(header.precision), colorModel: color, orientation: orientation,
      isInterlaced: false, isProgressive: header.is_progressive,
      hasColorProfile: header.has_icc_profile, pictureCount: pictureCount,
      wholeImageReasons: reasons)
  }

  private var pictureCount: Int {
    var count = 0
    guard let bytes = rw_jpeg_multi_picture(decoder, &count) else { return 1 }
    return MultiPictureReader.count(inTIFF: UnsafeBufferPointer(start: bytes, count: count))
  }

  private var truncated: ImageDecodingError {
    .truncated(
      source: source, format: .jpeg, rows: rowsRead,
      height: header.width > 0 ? rowCount : 0)
  }

  private var failure: ImageDecodingError {
    let message = String(cString: rw_jpeg_message(decoder))
    switch rw_jpeg_failure(decoder) {
    case RW_FAILURE_MEMORY:
      return .outOfMemory(source: source)
    case RW_FAILURE_UNSUPPORTED:
      return .unsupportedVariant(source: source, format: .jpeg, reason: message)
    case RW_FAILURE_TRUNCATED:
      return truncated
    case RW_FAILURE_SCANS:
      let maximum = options.limits.maximumScans
      return .overLimit(source: source, limit: .scans, value: maximum + 1, maximum: maximum)
    default:
      return .corrupt(
        source: source, format: .jpeg, reason: message, row: header.width > 0 ? rowsRead : nil)
    }
  }
}
