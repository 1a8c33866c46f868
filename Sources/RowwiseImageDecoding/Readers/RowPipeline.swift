/// Bytes in, rows out: sniffing, limits, decoding, conversion and orientation for one picture.
///
/// It never waits: where bytes are missing it says so, and its owner appends to `input` and calls
/// again. Readers of files, of memory and of pushed bytes differ only in that.
final class RowPipeline {
  typealias Outcome = ImagePushReader.Outcome

  private enum Stage {
    case header
    case starting
    case rows
    case ended
  }

  let source: String
  private(set) var options: DecodingOptions
  var input: InputBuffer
  private(set) var info: ImageInfo?
  private(set) var warnings: [DecodingWarning] = []
  /// Rows delivered so far.
  private(set) var rowsDelivered = 0
  /// The orientation by everything read so far.
  var orientation: ImageOrientation { info?.orientation ?? .topLeft }
  /// The size of the file, where it is known before all of it has arrived.
  private(set) var inputSize: Int?

  private var stage = Stage.header
  private var decoder: (any RowDecoder)?
  private var converter: RowConverter?
  /// Decoded rows before conversion.
  private var scratch: [UInt8] = []
  /// Short rows decoded ahead, and which of them are not delivered yet.
  private var ahead: [UInt8] = []
  private var rowsAhead = 0..<0
  /// The stored picture, where its rows must be turned, and how many of its rows are there.
  private var stored: [UInt8] = []
  private var storedRows = 0
  /// Whether the rest of it is background, since the file is damaged.
  private var isCutShort = false

  init(source: String, options: DecodingOptions, input: InputBuffer) {
    self.source = source
    self.options = options
    self.input = input
  }

  // MARK: Header

  /// Reads the header; nil where it needs more bytes.
  func readHeader() throws(ImageDecodingError) -> ImageInfo? {
    if let info { return info }
    if decoder == nil {
      guard input.isFinal || input.count >= FormatGuess.usefulBytes else { return nil }
      decoder = try makeDecoder()
    }
    guard let header = try decoder?.readHeader(&input) else { return nil }
    info = header
    stage = .starting
    return header
  }

  private func makeDecoder() throws(ImageDecodingError) -> any RowDecoder {
    guard input.count > 0 else { throw .empty(source: source) }
    let first = input.prefix(FormatGuess.usefulBytes)
    switch FormatGuess(firstBytes: first) {
    case .readable(.png):
      return try PNGDecoder(source: source, options: options)
    case .readable(.jpeg):
      return try JPEGDecoder(source: source, options: options)
    case .readable(.pnm):
      return PNMDecoder(source: source, options: options)
    case .readable(.bmp):
      return BMPDecoder(source: source, options: options)
    case .damagedPNG:
      throw .corrupt(
        source: source, format: .png,
        reason: "its first eight bytes are changed, as by a transfer as text", row: nil)
    case .foreign(let format):
      throw .foreignFormat(source: source, format: format)
    case .unknown:
      throw .unknownFormat(source: source, firstBytes: Array(first))
    }
  }

  /// Whether stored pixels have alpha, once the header was read.
  var hasAlpha: Bool {
    guard info != nil, let model = decoder?.layout.model else { return false }
    return model == .grayAlpha || model == .rgba
  }

  /// Delivers rows with their alpha, as stored, instead of what was asked for; of 8-bit samples, and
  /// before the first row.
  func keepAlpha() {
    precondition(options.pixelFormat.bytesPerSample == 1 && stage != .rows, "too late for alpha")
    options.pixelFormat = .rgba8
  }

  // MARK: Rows

  /// Whether rows must be collected before the first can be delivered.
  private var turnsRows: Bool {
    options.orientation == .upright && !(info?.orientation.keepsRowOrder ?? true)
  }

  /// Why the first row comes only after all bytes.
  var wholeImageReasons: [ImageInfo.WholeImageReason] {
    (info?.wholeImageReasons ?? []) + (turnsRows ? [.orientation] : [])
  }

  /// Width and height of the rows as the decoder gives them; smaller than the stored picture's for
  /// a JPEG decoded at a part of its size.
  var decodedSize: (width: Int, height: Int) {
    guard info != nil, let decoder else { return (0, 0) }
    return (decoder.rowWidth, decoder.rowCount)
  }

  /// Pixels in one delivered row and count of rows, by the header.
  var outputSize: (width: Int, height: Int) {
    guard let info, options.orientation == .upright else { return decodedSize }
    return info.orientation.uprightSize(width: decodedSize.width, height: decodedSize.height)
  }

  /// Writes the next row to `target`, which has room for one.
  func readRow(into target: UnsafeMutablePointer<UInt8>) throws(ImageDecodingError) -> Outcome {
    try attempt { () throws(ImageDecodingError) -> Outcome in
      guard try start() else { return .needsInput }
      return turnsRows ? try readTurnedRow(into: target) : try readStoredRow(into: target)
    }
  }

  /// Writes all rows that are left, as stored, to `target`: row r at `target + r * stride`.
  ///
  /// - Returns: `.end` when no more rows come; `rowsDelivered` tells how many there were.
  func readStoredRows(
    into target: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws(ImageDecodingError) -> Outcome {
    try attempt { () throws(ImageDecodingError) -> Outcome in
      guard try start(), let decoder else { return .needsInput }
      while rowsDelivered < decoder.rowCount {
        let batch = try decode(
          into: target + rowsDelivered * stride, stride: stride,
          count: decoder.rowCount - rowsDelivered)
        rowsDelivered += batch.rows
        if batch.needsInput { return .needsInput }
      }
      return try finish()
    }
  }

  /// Runs one step; in lenient mode an error after the header ends the rows instead.
  private func attempt(
    _ step: () throws(ImageDecodingError) -> Outcome
  ) throws(ImageDecodingError) -> Outcome {
    guard stage != .ended else { return .end }
    do {
      return try step()
    } catch {
      guard options.strictness == .lenient, stage == .rows, error.isDamage else {
        stage = .ended
        throw error
      }
      warnings.append(.stopped(rows: turnsRows ? storedRows : rowsDelivered, reason: error))
      stage = .ended
      return .end
    }
  }

  /// Goes to the first row; false where it needs more bytes.
  private func start() throws(ImageDecodingError) -> Bool {
    guard try readHeader() != nil, let decoder else { return false }
    guard stage == .starting else { return true }
    try checkRows()
    if decoder.needsAllInput, !input.isFinal {
      reserveInput()
      return false
    }
    guard try decoder.start(&input) else { return false }
    let converter = RowConverter(
      layout: decoder.layout, format: options.pixelFormat, background: options.background)
    self.converter = converter
    if turnsRows {
      stored = [UInt8](repeating: 0, count: pictureBytes)
    }
    stage = .rows
    return true
  }

  /// Bytes that reading row by row takes at once; those of a few rows are not counted.
  var rowsMemory: Int { memory(pictures: turnsRows ? 1 : 0) }

  /// Throws where reading row by row would be over a limit.
  func checkRows() throws(ImageDecodingError) { try check(pictures: turnsRows ? 1 : 0) }

  /// Bytes of the decoded picture.
  private var pictureBytes: Int {
    let size = decodedSize
    return ByteCount(size.width).times(size.height).times(options.pixelFormat.bytesPerPixel).value
  }

  /// Bytes that decoding takes at once: what the decoder holds, the file where it is needed whole,
  /// and so many times the decoded picture.
  func memory(pictures: Int) -> Int {
    guard let decoder else { return 0 }
    let file = decoder.needsAllInput ? max(inputSize ?? 0, input.count) : 0
    return ByteCount(pictureBytes).times(pictures).plus(decoder.heldBytes).plus(file).value
  }

  /// Throws where that is over the limit, or where the picture is too much for the bytes it has.
  func check(pictures: Int) throws(ImageDecodingError) {
    let limits = options.limits
    if let info, let bytes = input.isFinal ? input.total : inputSize {
      try limits.checkWork(info.work(), bytes: bytes, source: source)
    }
    try limits.check(
      .memory, memory(pictures: pictures), atMost: limits.maximumMemory, source: source)
  }

  /// Decodes and converts up to `count` rows in stored order.
  private func decode(
    into target: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
  ) throws(ImageDecodingError) -> RowBatch {
    guard let decoder, let converter else { return RowBatch(rows: 0, needsInput: true) }
    if converter.isIdentity {
      return try decoder.readRows(&input, into: target, stride: stride, count: count)
    }
    let width = decoder.rowWidth
    let rowBytes = width * converter.layout.bytesPerPixel
    let rows = min(count, max(1, (1 << 15) / rowBytes))
    if scratch.count < rows * rowBytes {
      scratch = [UInt8](repeating: 0, count: rows * rowBytes)
    }
    return try scratch.withUnsafeMutableBufferPointer { buffer throws(ImageDecodingError) in
      guard let base = buffer.baseAddress else { return RowBatch(rows: 0, needsInput: true) }
      let batch = try decoder.readRows(&input, into: base, stride: rowBytes, count: rows)
      for row in 0..<batch.rows {
        converter.convert(base + row * rowBytes, to: target + row * stride, width: width)
      }
      return batch
    }
  }

  private func readStoredRow(
    into target: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) -> Outcome {
    guard let decoder else { return .needsInput }
    if rowsDelivered == decoder.rowCount { return try finish() }
    let rowBytes = decoder.rowWidth * options.pixelFormat.bytesPerPixel
    if 2 * rowBytes > Self.readAheadBytes {
      let batch = try decode(into: target, stride: rowBytes, count: 1)
      guard batch.rows == 1 else { return .needsInput }
    } else {
      guard try takeRowReadAhead(into: target, rowBytes: rowBytes) else { return .needsInput }
    }
    rowsDelivered += 1
    if options.orientation == .upright, info?.orientation == .topRight {
      mirror(target, width: decoder.rowWidth)
    }
    return .row
  }

  /// Short rows are decoded several at a time: a call through all layers for each took half as
  /// long again as decoding a 28 × 28 picture.
  private static let readAheadBytes = 1 << 13

  private func takeRowReadAhead(
    into target: UnsafeMutablePointer<UInt8>, rowBytes: Int
  ) throws(ImageDecodingError) -> Bool {
    if rowsAhead.isEmpty, let decoder {
      let left = decoder.rowCount - rowsDelivered
      let count = min(Self.readAheadBytes / rowBytes, left)
      if ahead.isEmpty { ahead = [UInt8](repeating: 0, count: count * rowBytes) }
      var rows: [UInt8] = []
      swap(&rows, &ahead)
      defer { swap(&rows, &ahead) }
      let batch = try rows.withUnsafeMutableBufferPointer { bytes throws(ImageDecodingError) in
        guard let base = bytes.baseAddress else { return RowBatch(rows: 0, needsInput: true) }
        return try decode(into: base, stride: rowBytes, count: count)
      }
      rowsAhead = 0..<batch.rows
    }
    guard let row = rowsAhead.popFirst() else { return false }
    ahead.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      target.update(from: base + row * rowBytes, count: rowBytes)
    }
    return true
  }

  /// Turns one row left to right.
  private func mirror(_ row: UnsafeMutablePointer<UInt8>, width: Int) {
    let bytes = options.pixelFormat.bytesPerPixel
    var (left, right) = (0, width - 1)
    while left < right {
      for byte in 0..<bytes {
        let value = row[left * bytes + byte]
        row[left * bytes + byte] = row[right * bytes + byte]
        row[right * bytes + byte] = value
      }
      (left, right) = (left + 1, right - 1)
    }
  }

  private func readTurnedRow(
    into target: UnsafeMutablePointer<UInt8>
  ) throws(ImageDecodingError) -> Outcome {
    guard let info, let decoder else { return .needsInput }
    let pixelBytes = options.pixelFormat.bytesPerPixel
    let rowBytes = decoder.rowWidth * pixelBytes
    while storedRows < decoder.rowCount {
      // Of how many bytes they are is known at the end.
      let perRow = info.work().value / max(decoder.rowCount, 1)
      let isMuch = ByteCount(storedRows).times(perRow).value > options.limits.freeWork
      if isMuch, inputSize == nil {
        guard input.isFinal else { return .needsInput }
        try checkRows()
      }
      do throws(ImageDecodingError) {
        let batch = try collect(rowBytes: rowBytes, count: min(64, decoder.rowCount - storedRows))
        storedRows += batch.rows
        if batch.needsInput { return .needsInput }
      } catch {
        try cutShort(error, rowBytes: rowBytes)
        storedRows = decoder.rowCount
      }
    }
    if rowsDelivered == outputSize.height {
      guard isCutShort else { return try finish() }
      stage = .ended
      return .end
    }
    stored.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      info.orientation.copyRow(
        rowsDelivered, from: base, width: decoder.rowWidth, height: decoder.rowCount,
        pixelBytes: pixelBytes, to: target)
    }
    rowsDelivered += 1
    return .row
  }

  /// Gives what is missing of a damaged picture that is read leniently the background's colour: of a
  /// turned one every row has parts in all that there is.
  ///
  /// - Throws: `reason` where that cannot be, or there is not even one row.
  private func cutShort(
    _ reason: ImageDecodingError, rowBytes: Int
  ) throws(ImageDecodingError) {
    guard options.strictness == .lenient, reason.isDamage, storedRows > 0 else { throw reason }
    warnings.append(.stopped(rows: storedRows, reason: reason))
    let background = options.backgroundPixel
    for index in storedRows * rowBytes..<stored.count {
      stored[index] = background[index % background.count]
    }
    isCutShort = true
  }

  private func collect(rowBytes: Int, count: Int) throws(ImageDecodingError) -> RowBatch {
    // Taken out for the call, so that it is not copied and not accessed twice.
    var picture: [UInt8] = []
    swap(&picture, &stored)
    defer { swap(&picture, &stored) }
    return try picture.withUnsafeMutableBufferPointer { bytes throws(ImageDecodingError) in
      guard let base = bytes.baseAddress else { return RowBatch(rows: 0, needsInput: true) }
      return try decode(into: base + storedRows * rowBytes, stride: rowBytes, count: count)
    }
  }

  /// Reads to the end mark after the last row.
  private func finish() throws(ImageDecodingError) -> Outcome {
    guard let decoder else { return .end }
    guard try decoder.finish(&input) else { return .needsInput }
    if let reason = decoder.damage { warnings.append(.damaged(reason: reason)) }
    if let info, decoder.orientation != info.orientation {
      self.info?.orientation = decoder.orientation
      warnings.append(.lateOrientation(decoder.orientation))
    }
    stage = .ended
    return .end
  }
}

extension RowPipeline {
  /// Asks for the file's size where something depends on it.
  private func askSize(of file: inout PictureFile?) throws(ImageDecodingError) {
    guard !input.isFinal, let decoder, let info else { return }
    let isLarge = info.work().value > options.limits.freeWork
    guard decoder.needsAllInput || isLarge else { return }
    inputSize = try file?.size()
  }

  /// Makes room for the rest of a file that is needed whole, in one piece.
  private func reserveInput() {
    guard let inputSize, inputSize > input.total else { return }
    input.reserve(inputSize - input.total + PictureFile.portion)
  }

  /// Reads the header of a file, or of bytes that are all there.
  func readHeader(from file: inout PictureFile?) throws(ImageDecodingError) -> ImageInfo {
    while true {
      if let info = try readHeader() {
        try askSize(of: &file)
        return info
      }
      try file?.read(into: &input)
    }
  }

  /// Reads all rows as stored to `target`, which has room for them, and returns their count.
  func readStoredRows(
    into target: UnsafeMutablePointer<UInt8>, from file: inout PictureFile?
  ) throws(ImageDecodingError) -> Int {
    let stride = decodedSize.width * options.pixelFormat.bytesPerPixel
    while case .needsInput = try readStoredRows(into: target, stride: stride) {
      try file?.read(into: &input)
    }
    return rowsDelivered
  }
}

extension ImageDecodingError {
  /// Whether the file is damaged, as opposed to unreadable or over a limit.
  package var isDamage: Bool {
    switch self {
    case .corrupt, .truncated: true
    default: false
    }
  }
}
