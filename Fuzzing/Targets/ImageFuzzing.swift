import RowwiseImageDecoding

/// Properties of the picture readers, for any bytes:
/// pieces of any size give the same rows and the same error as the whole file; a lenient reader gives
/// the strict one's rows and maybe more; decoding at once gives the rows that come one by one.
enum ImageFuzzing {
  /// What a reader made of bytes.
  private struct Outcome: Equatable {
    var rows: [UInt8] = []
    var error: ImageDecodingError?
  }

  private static let name = "fuzzed picture"

  /// Small limits, so that a lawful file cannot take long.
  private static let limits = DecodingLimits(
    maximumPixels: 1 << 16, maximumMemory: 1 << 21, maximumMetadata: 1 << 16, maximumScans: 12)

  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    let options = options(for: bytes)
    let strict = readRows(bytes, options)
    let pushed = pushPieces(bytes, options)
    try expect(
      pushed == strict,
      "in pieces \(pushed.rows.count) bytes of rows, \(String(describing: pushed.error)); at once "
        + "\(strict.rows.count), \(String(describing: strict.error))")
    var mild = options
    mild.strictness = .lenient
    let lenient = readRows(bytes, mild)
    try expect(
      lenient.rows.starts(with: strict.rows),
      "leniently \(lenient.rows.count) bytes of rows, strictly \(strict.rows.count) others")
    if strict.error == nil {
      try expect(lenient == strict, "a sound file is read differently when lenient")
    }
    try checkDecoder(bytes, options, strict)
  }

  private static func checkDecoder(
    _ bytes: [UInt8], _ options: DecodingOptions, _ strict: Outcome
  ) throws(FuzzFinding) {
    guard options.pixelFormat.bytesPerSample == 1 else { return }
    let image: DecodedImage
    do throws(ImageDecodingError) {
      image = try ImageDecoder.decode(bytes: bytes, named: name, options: options)
    } catch {
      // Decoding at once is charged for the whole picture, which rows need not be.
      if case .overLimit(_, .memory, _, _) = error { return }
      try expect(strict.error != nil, "rows can be read, the picture cannot: \(error)")
      return
    }
    // An EXIF block after the pixels turns the picture, but not rows that are delivered already.
    guard options.orientation == .asStored else { return }
    try expect(
      strict.error == nil && image.pixels == strict.rows, "decoded at once differs from row by row")
  }

  /// Options that differ from one file to the next, so that a run covers all of them.
  private static func options(for bytes: [UInt8]) -> DecodingOptions {
    let formats = PixelFormat.allCases
    let choice = bytes.count &+ Int(bytes.last ?? 0)
    return DecodingOptions(
      pixelFormat: formats[choice % formats.count],
      orientation: choice / formats.count % 2 == 0 ? .upright : .asStored,
      jpegScaling: choice / 10 % 2 == 0 ? .none : .downTo(width: 1, height: 1), limits: limits)
  }

  private static func readRows(_ bytes: [UInt8], _ options: DecodingOptions) -> Outcome {
    var outcome = Outcome()
    do throws(ImageDecodingError) {
      let reader = try ImageRowReader(bytes: bytes, named: name, options: options)
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      while try reader.readRow(into: &row) { outcome.rows += row }
    } catch {
      outcome.error = error
    }
    return outcome
  }

  private static func pushPieces(_ bytes: [UInt8], _ options: DecodingOptions) -> Outcome {
    var outcome = Outcome()
    let reader = ImagePushReader(named: name, options: options)
    var random = UInt64(bytes.count)
    var position = 0
    do throws(ImageDecodingError) {
      while true {
        if try takeRows(reader, &outcome.rows) { return outcome }
        if position == bytes.count {
          reader.finish()
          continue
        }
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = 1 + Int(random >> 33) % (random >> 62 == 0 ? 7 : 300)
        let end = min(position + piece, bytes.count)
        try reader.push(bytes[position..<end])
        position = end
      }
    } catch {
      outcome.error = error
      return outcome
    }
  }

  /// Appends the rows that are there; true when no more will come.
  private static func takeRows(
    _ reader: ImagePushReader, _ rows: inout [UInt8]
  ) throws(ImageDecodingError) -> Bool {
    guard try reader.readHeader() != nil else { return false }
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    while true {
      switch try reader.readRow(into: &row) {
      case .row: rows += row
      case .needsInput: return false
      case .end: return true
      }
    }
  }
}
