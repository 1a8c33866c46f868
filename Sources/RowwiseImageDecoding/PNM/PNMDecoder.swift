/// Reads portable bitmaps, graymaps and pixmaps (netpbm's pbm, pgm and ppm pages): P1 to P3 as
/// text, P4 to P6 binary, greatest sample 1 to 65,535. Only the first picture of a file is read.
///
/// Samples are scaled so that the file's greatest value becomes 255 (65,535 for 16-bit formats),
/// rounded to the nearest.
final class PNMDecoder: RowDecoder {
  private let source: String
  private let options: DecodingOptions
  private var tokens = PNMTokenReader()
  private var kind: UInt8?
  private var fields: [Int] = []
  private var rowsRead = 0
  /// Samples of the row that a text file is in the middle of.
  private var textSamples = 0
  private var pendingError: ImageDecodingError?

  init(source: String, options: DecodingOptions) {
    self.source = source
    self.options = options
  }

  let needsAllInput = false
  let heldBytes = 0
  let orientation = ImageOrientation.topLeft
  let damage: String? = nil
  var rowWidth: Int { fields.first ?? 0 }
  var rowCount: Int { fields.count > 1 ? fields[1] : 0 }

  private var isBitmap: Bool { kind == 1 || kind == 4 }
  private var isText: Bool { (kind ?? 0) <= 3 }
  private var channels: Int { kind == 3 || kind == 6 ? 3 : 1 }
  private var greatest: Int { isBitmap ? 1 : fields[2] }
  private var isWide: Bool { options.pixelFormat.bytesPerSample == 2 }
  var layout: RowLayout { RowLayout(channels == 3 ? .rgb : .gray, isWide: isWide) }

  // MARK: Header

  func readHeader(_ input: inout InputBuffer) throws(ImageDecodingError) -> ImageInfo? {
    if kind == nil {
      guard input.count >= 2 else { return nil }
      kind = input[1] - UInt8(ascii: "0")
      input.consume(2)
    }
    let names = isBitmap ? ["width", "height"] : ["width", "height", "greatest sample"]
    while fields.count < names.count {
      let name = names[fields.count]
      guard let value = try nextNumber(&input, what: name) else { return nil }
      guard value > 0 else { throw corrupt("\(name) is 0", row: nil) }
      if fields.count == 2, value > 65_535 {
        throw corrupt("greatest sample is \(value), at most 65535 is lawful", row: nil)
      }
      fields.append(value)
    }
    try options.limits.checkSize(width: rowWidth, height: rowCount, source: source)
    return ImageInfo(
      format: .pnm, width: rowWidth, height: rowCount,
      bitDepth: Int.bitWidth - greatest.leadingZeroBitCount,
      colorModel: channels == 3 ? .rgb : .gray, orientation: .topLeft, isInterlaced: false,
      isProgressive: false, hasColorProfile: false, wholeImageReasons: [])
  }

  func start(_ input: inout InputBuffer) -> Bool { true }

  /// The next number, nil where more bytes are needed. It takes the one byte behind it, too.
  private func nextNumber(
    _ input: inout InputBuffer, what: String
  ) throws(ImageDecodingError) -> Int? {
    switch tokens.next(&input) {
    case .number(let value):
      return value
    case .needsInput where input.isFinal:
      throw truncated
    case .needsInput:
      return nil
    case .bad(let byte):
      throw corrupt(
        "byte \(byte) where \(what) was expected", row: fields.count < 2 ? nil : rowsRead)
    }
  }

  // MARK: Rows

  func readRows(
    _ input: inout InputBuffer, into target: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
  ) throws(ImageDecodingError) -> RowBatch {
    if let error = pendingError { throw error }
    var batch = RowBatch(rows: 0, needsInput: false)
    do throws(ImageDecodingError) {
      while batch.rows < count {
        let row = target + batch.rows * stride
        let isDone =
          isText ? try readTextRow(&input, into: row) : try readBinaryRow(&input, into: row)
        guard isDone else {
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

  private func readTextRow(
    _ input: inout InputBuffer, into row: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) -> Bool {
    // A row that stops in the middle goes on in the next call, which may have another target.
    if textRow.count != rowWidth * channels {
      textRow = [Int](repeating: 0, count: rowWidth * channels)
    }
    while textSamples < textRow.count {
      tokens.readsSingleDigits = isBitmap
      guard let value = try nextNumber(&input, what: "a sample") else { return false }
      textRow[textSamples] = value
      textSamples += 1
    }
    textSamples = 0
    for (index, value) in textRow.enumerated() { try store(value, at: index, in: row) }
    return true
  }

  private var textRow: [Int] = []

  private func readBinaryRow(
    _ input: inout InputBuffer, into row: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) -> Bool {
    let samples = rowWidth * channels
    let bytesPerSample = greatest > 255 ? 2 : 1
    let size = isBitmap ? (rowWidth + 7) / 8 : samples * bytesPerSample
    guard input.count >= size else {
      if input.isFinal { throw truncated }
      return false
    }
    var failure: ImageDecodingError?
    input.withUnread { bytes in
      if greatest == 255, !isWide, let base = bytes.baseAddress {
        row.update(from: base, count: size)
        return
      }
      do throws(ImageDecodingError) {
        for index in 0..<samples {
          let value: Int
          if isBitmap {
            value = Int(bytes[index / 8] >> UInt8(7 - index % 8) & 1)
          } else if bytesPerSample == 2 {
            value = Int(bytes[2 * index]) << 8 | Int(bytes[2 * index + 1])
          } else {
            value = Int(bytes[index])
          }
          try store(value, at: index, in: row)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    input.consume(size)
    return true
  }

  private func store(
    _ value: Int, at index: Int, in row: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) {
    guard value <= greatest else {
      throw corrupt("sample \(value) is above the greatest, \(greatest)", row: rowsRead)
    }
    // In a bitmap 1 is black.
    let level = isBitmap ? 1 - value : value
    let scale = isWide ? 65_535 : 255
    let scaled = (level * scale + greatest / 2) / greatest
    if isWide {
      UnsafeMutableRawPointer(row).storeBytes(
        of: UInt16(scaled), toByteOffset: 2 * index, as: UInt16.self)
    } else {
      row[index] = UInt8(scaled)
    }
  }

  private var truncated: ImageDecodingError {
    .truncated(source: source, format: .pnm, rows: rowsRead, height: rowCount)
  }

  private func corrupt(_ reason: String, row: Int?) -> ImageDecodingError {
    .corrupt(source: source, format: .pnm, reason: reason, row: row)
  }
}

/// Reads decimal numbers between white space and comments, in any portions.
struct PNMTokenReader {
  enum Token: Equatable {
    case number(Int)
    case needsInput
    case bad(UInt8)
  }

  /// Whether each digit is a number of its own, as in P1's pixels.
  var readsSingleDigits = false
  private var value: Int?
  private var isInComment = false

  /// Takes bytes up to the one behind the next number.
  mutating func next(_ input: inout InputBuffer) -> Token {
    var used = 0
    let token = input.withUnread { scan($0, &used) }
    input.consume(used)
    // A number may be the file's last bytes.
    if token == .needsInput, input.isFinal, let number = value {
      value = nil
      return .number(number)
    }
    return token
  }

  private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ used: inout Int) -> Token {
    for byte in bytes {
      used += 1
      if isInComment {
        isInComment = byte != 0x0A && byte != 0x0D
        continue
      }
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int(byte - UInt8(ascii: "0"))
        if readsSingleDigits { return .number(digit) }
        // Far above every limit it stays where it is.
        value = min((value ?? 0) * 10 + digit, 1 << 40)
      case 0x20, 0x09...0x0D, UInt8(ascii: "#"):
        isInComment = byte == UInt8(ascii: "#")
        if let number = value {
          value = nil
          return .number(number)
        }
      default:
        return .bad(byte)
      }
    }
    return .needsInput
  }
}
