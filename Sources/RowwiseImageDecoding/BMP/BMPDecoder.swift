/// Reads Windows bitmaps: 1, 2, 4 and 8 bits with a palette, 16 and 32 with bit fields, 24; plain
/// and run lengths. Most store the bottom row first; their orientation is `.bottomLeft`.
final class BMPDecoder: RowDecoder {
  /// Headers and palette: 14 + 124 + 256 × 4 bytes and three bit fields at most.
  private static let greatestHeader = 1_200

  private let source: String
  private let options: DecodingOptions
  private var header: BMPHeader?
  private var runs: BMPRunLengths?
  /// Bytes between headers and pixels, still to be skipped.
  private var gap = 0
  private var rowsRead = 0
  private var pendingError: ImageDecodingError?

  init(source: String, options: DecodingOptions) {
    self.source = source
    self.options = options
  }

  let needsAllInput = false
  let heldBytes = 0
  let damage: String? = nil
  var rowWidth: Int { header?.width ?? 0 }
  var rowCount: Int { header?.height ?? 0 }
  var layout: RowLayout { RowLayout(header?.hasAlpha == true ? .rgba : .rgb) }
  var orientation: ImageOrientation { header?.isBottomUp == false ? .topLeft : .bottomLeft }

  func readHeader(_ input: inout InputBuffer) throws(ImageDecodingError) -> ImageInfo? {
    let header: BMPHeader
    do throws(BMPHeader.Problem) {
      header = try BMPHeader(input.prefix(Self.greatestHeader))
    } catch {
      switch error {
      case .needsInput where input.isFinal: throw truncated
      case .needsInput: return nil
      case .corrupt(let reason):
        throw .corrupt(source: source, format: .bmp, reason: reason, row: nil)
      case .unsupported(let reason):
        throw .unsupportedVariant(source: source, format: .bmp, reason: reason)
      }
    }
    try options.limits.checkSize(width: header.width, height: header.height, source: source)
    try options.limits.check(
      .metadata, header.pixelOffset, atMost: options.limits.maximumMetadata, source: source)
    self.header = header
    gap = header.pixelOffset
    if header.coding == .runLengths {
      runs = BMPRunLengths(width: header.width, bitsPerPixel: header.bitsPerPixel)
    }
    return ImageInfo(
      format: .bmp, width: header.width, height: header.height,
      bitDepth: header.bitsPerPixel <= 8 ? header.bitsPerPixel : header.bitsPerPixel == 16 ? 5 : 8,
      colorModel: header.bitsPerPixel <= 8 ? .palette : header.hasAlpha ? .rgba : .rgb,
      orientation: orientation, isInterlaced: false, isProgressive: false,
      hasColorProfile: false, wholeImageReasons: [])
  }

  func start(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool {
    let skipped = min(gap, input.count)
    input.consume(skipped)
    gap -= skipped
    if gap > 0, input.isFinal { throw truncated }
    return gap == 0
  }

  func readRows(
    _ input: inout InputBuffer, into target: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
  ) throws(ImageDecodingError) -> RowBatch {
    if let error = pendingError { throw error }
    var batch = RowBatch(rows: 0, needsInput: false)
    do throws(ImageDecodingError) {
      while batch.rows < count {
        guard try readRow(&input, into: target + batch.rows * stride) else {
          batch.needsInput = true
          return batch
        }
        batch.rows += 1
        rowsRead += 1
      }
    } catch {
      guard batch.rows > 0 else { throw error }
      pendingError = error
    }
    return batch
  }

  func finish(_ input: inout InputBuffer) -> Bool { true }

  private func readRow(
    _ input: inout InputBuffer, into row: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) -> Bool {
    guard let header else { return false }
    if header.coding == .runLengths {
      switch runs?.readRow(&input) {
      case .row:
        for (x, index) in (runs?.row ?? []).enumerated() { try store(index, at: x, in: row) }
        return true
      case .bad(let reason):
        throw .corrupt(source: source, format: .bmp, reason: reason, row: rowsRead)
      case .needsInput, nil:
        if input.isFinal { throw truncated }
        return false
      }
    }
    guard input.count >= header.storedRowBytes else {
      if input.isFinal { throw truncated }
      return false
    }
    var failure: ImageDecodingError?
    input.withUnread { bytes in
      do throws(ImageDecodingError) {
        try convert(bytes, header, into: row)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    input.consume(header.storedRowBytes)
    return true
  }

  private func convert(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: BMPHeader,
    into row: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) {
    let bits = header.bitsPerPixel
    switch bits {
    case 24:
      for x in 0..<header.width {
        row[3 * x] = bytes[3 * x + 2]
        row[3 * x + 1] = bytes[3 * x + 1]
        row[3 * x + 2] = bytes[3 * x]
      }
    case 16, 32:
      let channels = header.hasAlpha ? 4 : 3
      for x in 0..<header.width {
        var pixel: UInt32 = 0
        for byte in 0..<bits / 8 {
          pixel |= UInt32(bytes[x * bits / 8 + byte]) << UInt32(8 * byte)
        }
        for channel in 0..<channels {
          row[channels * x + channel] = header.fields[channel].level(of: pixel)
        }
      }
    default:
      let perByte = 8 / bits
      for x in 0..<header.width {
        let shift = UInt8(8 - bits * (x % perByte + 1))
        try store(
          bytes[x / perByte] >> shift & UInt8((1 << bits) - 1), at: x, in: row)
      }
    }
  }

  private func store(
    _ index: UInt8, at x: Int, in row: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) {
    guard let palette = header?.palette, Int(index) < palette.count else {
      throw .corrupt(
        source: source, format: .bmp,
        reason: "index \(index) in a palette of \(header?.palette.count ?? 0)", row: rowsRead)
    }
    (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = palette[Int(index)]
  }

  private var truncated: ImageDecodingError {
    .truncated(source: source, format: .bmp, rows: rowsRead, height: rowCount)
  }
}
