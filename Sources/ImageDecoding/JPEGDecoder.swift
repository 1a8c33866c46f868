import CImageCodecs

/// Reads JPEG through libjpeg.
final class JPEGDecoder: RowDecoder {
  private let source: String
  private let options: DecodingOptions
  private let decoder: OpaquePointer
  private var header = rw_jpeg_header()
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
  var rowWidth: Int { Int(rw_jpeg_output_width(decoder)) }
  var rowCount: Int { Int(rw_jpeg_output_height(decoder)) }

  var layout: RowLayout {
    switch header.color {
    case RW_JPEG_GRAY: .gray
    case RW_JPEG_CMYK: .cmyk
    default: .rgb
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
    if header.has_multiple_scans {
      try options.limits.checkMemory(
        [[Int(clamping: header.coefficient_bytes)]], source: source)
    }
    return info
  }

  func start(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool {
    if header.has_multiple_scans {
      // The first scan's head is used up already.
      let scans = 1 + input.withUnread { JPEGScanCounter.count(in: $0) }
      try options.limits.check(
        .scans, scans, atMost: options.limits.maximumScans, source: source)
      try options.limits.checkMemory(
        [[Int(clamping: header.coefficient_bytes)], [input.count]], source: source)
    }
    return try advance(&input) { rw_jpeg_start(decoder, 1, $0, $1, $2, &$3) }
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
      hasColorProfile: header.has_icc_profile, wholeImageReasons: reasons)
  }

  private var truncated: ImageDecodingError {
    .truncated(source: source, format: .jpeg, rows: rowsRead, height: rowCount)
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
        source: source, format: .jpeg, reason: message, row: rowCount > 0 ? rowsRead : nil)
    }
  }
}

/// Counts the scans of a JPEG without decoding them.
enum JPEGScanCounter {
  /// How many scans start in `bytes`, from within a JPEG at a marker or in entropy-coded data.
  ///
  /// Segments are stepped over by their lengths, so that a thumbnail in one is not counted. In
  /// entropy-coded data 0xFF is followed by 0, a restart number or more 0xFF (T.81, B.1.1.5).
  static func count(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var scans = 0
    var position = 0
    while position + 1 < bytes.count {
      guard bytes[position] == 0xFF else {
        position += 1
        continue
      }
      let marker = bytes[position + 1]
      switch marker {
      case 0xFF:
        position += 1
      case 0x00, 0x01, 0xD0...0xD8:
        position += 2
      case 0xD9:
        return scans
      default:
        if marker == 0xDA { scans += 1 }
        guard position + 3 < bytes.count else { return scans }
        position += 2 + max(Int(bytes[position + 2]) << 8 | Int(bytes[position + 3]), 2)
      }
    }
    return scans
  }
}
