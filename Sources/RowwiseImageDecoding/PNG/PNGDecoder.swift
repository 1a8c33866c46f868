import CRowwiseCodecs

/// Reads PNG through libpng.
final class PNGDecoder: RowDecoder {
  private let source: String
  private let options: DecodingOptions
  private let decoder: OpaquePointer
  private var filter: PNGChunkFilter
  private var rowsRead = 0
  private var hasHeader = false
  private var pendingError: ImageDecodingError?

  init(source: String, options: DecodingOptions) throws(ImageDecodingError) {
    guard
      let decoder = rw_png_create(
        rw_png_options(keep_16_bits: options.pixelFormat.bytesPerSample == 2))
    else {
      throw .outOfMemory(source: source)
    }
    self.decoder = decoder
    self.source = source
    self.options = options
    filter = PNGChunkFilter(source: source, limits: options.limits)
  }

  deinit {
    rw_png_destroy(decoder)
  }

  let needsAllInput = false
  let damage: String? = nil
  var rowWidth: Int { Int(rw_png_width(decoder)) }
  var rowCount: Int { Int(rw_png_height(decoder)) }

  var layout: RowLayout {
    let isWide = options.pixelFormat.bytesPerSample == 2 && rw_png_bit_depth(decoder) == 16
    return switch rw_png_channels(decoder) {
    case 1: RowLayout(.gray, isWide: isWide)
    case 2: RowLayout(.grayAlpha, isWide: isWide)
    case 3: RowLayout(.rgb, isWide: isWide)
    default: RowLayout(.rgba, isWide: isWide)
    }
  }

  var orientation: ImageOrientation {
    var count = 0
    if let bytes = rw_png_exif(decoder, &count) {
      return ExifReader.orientation(inTIFF: UnsafeBufferPointer(start: bytes, count: count))
    }
    if let text = rw_png_raw_exif_text(decoder, &count) {
      return text.withMemoryRebound(to: UInt8.self, capacity: count) {
        ExifReader.orientation(inRawProfile: UnsafeBufferPointer(start: $0, count: count))
      }
    }
    return .topLeft
  }

  func readHeader(_ input: inout InputBuffer) throws(ImageDecodingError) -> ImageInfo? {
    while true {
      switch try filter.next(input) {
      case .needsInput:
        if input.isFinal { throw truncated }
        return nil
      case .skip(let count):
        input.consume(count)
        filter.advance(count)
      case .pass(let count, let isPixels):
        if isPixels, hasHeader { try checkHeldBytes() }
        let status = input.withUnread { rw_png_feed_header(decoder, $0.baseAddress, count) }
        guard status == RW_DONE else { throw failure }
        input.consume(count)
        filter.advance(count)
        if rw_png_is_started(decoder) { return info }
        if !hasHeader, filter.isBetweenChunks, filter.type == PNGChunkFilter.header {
          hasHeader = true
          try options.limits.checkSize(width: rowWidth, height: rowCount, source: source)
        }
      }
    }
  }

  func start(_ input: inout InputBuffer) -> Bool { true }

  func readRows(
    _ input: inout InputBuffer, into target: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
  ) throws(ImageDecodingError) -> RowBatch {
    if let error = pendingError { throw error }
    var batch = RowBatch(rows: 0, needsInput: false)
    do throws(ImageDecodingError) {
      // Rows may be waiting from the call before; they need no bytes.
      try decodeRows(&input, bytes: 0, into: target, stride: stride, count: count, &batch)
      while batch.rows < count {
        if rw_png_is_at_end(decoder) { throw notEnoughRows }
        switch try filter.next(input) {
        case .needsInput:
          if input.isFinal { throw truncated }
          batch.needsInput = true
          return batch
        case .skip(let bytes):
          input.consume(bytes)
          filter.advance(bytes)
        case .pass(let bytes, _):
          try decodeRows(
            &input, bytes: bytes, into: target, stride: stride, count: count, &batch)
        }
      }
    } catch {
      guard batch.rows > 0 else { throw error }
      pendingError = error
    }
    return batch
  }

  /// Feeds `bytes` bytes and adds the rows that came of them to the batch, also when it throws.
  private func decodeRows(
    _ input: inout InputBuffer, bytes: Int, into target: UnsafeMutablePointer<UInt8>,
    stride: Int, count: Int, _ batch: inout RowBatch
  ) throws(ImageDecodingError) {
    var used = 0
    var decoded = 0
    let status = input.withUnread {
      rw_png_read_rows(
        decoder, $0.baseAddress, bytes, target + batch.rows * stride, stride,
        count - batch.rows, &used, &decoded)
    }
    input.consume(used)
    filter.advance(used)
    rowsRead += decoded
    batch.rows += decoded
    if status == RW_FAILED { throw failure }
  }

  func finish(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool {
    if let error = pendingError { throw error }
    while !rw_png_is_at_end(decoder) {
      switch try filter.next(input) {
      case .needsInput:
        if input.isFinal { throw truncated }
        return false
      case .skip(let bytes):
        input.consume(bytes)
        filter.advance(bytes)
      case .pass(let bytes, _):
        var used = 0
        var decoded = 0
        let status = input.withUnread {
          rw_png_read_rows(decoder, $0.baseAddress, bytes, nil, 0, 0, &used, &decoded)
        }
        input.consume(used)
        filter.advance(used)
        if status == RW_FAILED { throw failure }
      }
    }
    return true
  }

  private var info: ImageInfo {
    let color: ImageInfo.ColorModel =
      switch rw_png_color_type(decoder) {
      case 0: .gray
      case 2: .rgb
      case 3: .palette
      case 4: .grayAlpha
      default: .rgba
      }
    let isInterlaced = rw_png_is_interlaced(decoder)
    return ImageInfo(
      format: .png, width: rowWidth, height: rowCount,
      bitDepth: Int(rw_png_stored_bit_depth(decoder)),
      colorModel: color, orientation: orientation, isInterlaced: isInterlaced,
      isProgressive: false, hasColorProfile: filter.hasColorProfile,
      pictureCount: filter.pictureCount,
      wholeImageReasons: isInterlaced ? [.interlaced] : [])
  }

  /// An interlaced picture is held whole, in at most four samples a pixel.
  var heldBytes: Int {
    guard rw_png_is_interlaced(decoder) else { return 0 }
    return ByteCount(rowWidth).times(rowCount).times(4 * options.pixelFormat.bytesPerSample).value
  }

  /// It is allocated with the first bytes of pixels.
  private func checkHeldBytes() throws(ImageDecodingError) {
    try options.limits.check(
      .memory, heldBytes, atMost: options.limits.maximumMemory, source: source)
  }

  private var truncated: ImageDecodingError {
    .truncated(
      source: source, format: .png, rows: rowsRead,
      height: rw_png_is_started(decoder) ? rowCount : 0)
  }

  private var notEnoughRows: ImageDecodingError {
    .corrupt(
      source: source, format: .png, reason: "not enough image data for \(rowCount) rows",
      row: rowsRead)
  }

  private var failure: ImageDecodingError {
    let message = String(cString: rw_png_message(decoder))
    if rw_png_failure(decoder) == RW_FAILURE_MEMORY { return .outOfMemory(source: source) }
    if message.contains("unhandled critical chunk") {
      return .unsupportedVariant(source: source, format: .png, reason: message)
    }
    return .corrupt(
      source: source, format: .png, reason: message,
      row: rw_png_is_started(decoder) ? rowsRead : nil)
  }
}
